"""What the tests of the tool share: running it in a pipe or on a terminal, in an empty folder, with nobody's key.

`Screen` understands the few escape codes the tool uses and refuses every other, so that what a person would see can be
read line by line.
"""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unicodedata
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRATCH = os.path.join(ROOT, os.environ["T2I_SCRATCH"])
TOOL = os.path.join(SCRATCH, "bin", "t2i")
KEY = "key_" + "0123456789abcdef" * 8
LIMIT_SECONDS = 60
# A picture that takes a second or so of scripted waiting, and no time to paint.
SLOW = ["--config", '{"simulate":{"latencyMs":1500,"steps":10}}', "--ratio", "64:64"]
STUCK = ["--config", '{"simulate":{"latencyMs":3600000}}', "--ratio", "64:64"]


def columns_of(text):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


class Screen:
    """A terminal of so many columns, without scrolling back. A wide character fills its cell and the next."""

    def __init__(self, columns):
        self.columns, self.lines, self.row, self.column = columns, [[]], 0, 0

    def feed(self, text):
        for code, plain in re.findall(r"(\x1b\[[0-9;?]*[A-Za-z]|\x1b.?)|([^\x1b])", text, flags=re.S):
            if code:
                self.escape(code)
            elif plain == "\r":
                self.column = 0
            elif plain == "\n":
                self.next_row()
            else:
                self.put(plain)

    def next_row(self):
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append([])

    def put(self, character):
        cells = [character] + [""] * (columns_of(character) - 1)
        if self.column + len(cells) > self.columns:
            self.column = 0
            self.next_row()
        line = self.lines[self.row]
        line += [" "] * (self.column - len(line))
        line[self.column: self.column + len(cells)] = cells
        self.column += len(cells)

    def escape(self, code):
        if code in ("\x1b[K", "\x1b[J"):
            del self.lines[self.row][self.column:]
            if code == "\x1b[J":
                del self.lines[self.row + 1:]
        elif re.fullmatch(r"\x1b\[\d+A", code):
            self.row -= int(code[2:-1])
            if self.row < 0:
                raise AssertionError("the cursor moved above the first line")
        else:
            raise AssertionError(f"an escape code that nobody asked for: {code!r}")

    def shown(self):
        texts = ("".join(line).rstrip() for line in self.lines)
        return [text for text in texts if text]


class ToolTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="t2i-tool-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        # Beside the folder, which is looked at for what was left behind; never the journal of the person who runs this.
        self.state = tempfile.mkdtemp(prefix="t2i-state-")
        self.addCleanup(shutil.rmtree, self.state, True)
        self.started = []
        self.addCleanup(self.end_started)

    def end_started(self):
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()

    def environment(self, **changes):
        env = {"HOME": self.folder, "XDG_STATE_HOME": self.state, "LANG": "C.UTF-8", "TERM": "xterm"}
        env |= {"PATH": os.environ["PATH"]} | changes
        return {name: value for name, value in env.items() if value is not None}

    def start(self, *arguments, tool=TOOL, env=None, **more):
        process = subprocess.Popen(
            [tool, *arguments], cwd=self.folder, env=self.environment(**(env or {})),
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more)
        self.started.append(process)
        return process

    def run_tool(self, *arguments, input=None, **more):
        """Exit code, standard output and standard error."""
        if input is not None:
            more["stdin"] = subprocess.PIPE
        process = self.start(*arguments, **more)
        out, err = process.communicate(input, timeout=LIMIT_SECONDS)
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()
        return process.returncode, (out or b"").decode(), (err or b"").decode()

    def paint(self, *arguments, **more):
        return self.run_tool("--provider", "sketch", *arguments, **more)

    def refused(self, code, expected, *arguments, **more):
        """One sentence on stderr with the expected words, nothing on stdout, and nothing left behind."""
        before = self.tree()
        got, out, err = self.run_tool(*arguments, **more)
        self.assertEqual((got, out), (code, ""), err)
        self.assertRegex(err, r"\At2i: [^\n]+\n\Z")
        for words in [expected] if isinstance(expected, str) else expected:
            self.assertIn(words, err)
        self.assertEqual(self.tree(), before)
        return err

    def tree(self):
        return sorted(os.path.join(path, name) for path, _, names in os.walk(self.folder) for name in names)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return name

    def assert_picture(self, name):
        with open(self.path(name), "rb") as file:
            content = file.read()
        self.assertEqual(content[:8], b"\x89PNG\r\n\x1a\n", name)
        self.assertTrue(content.endswith(b"IEND\xaeB`\x82"), name)

    def events(self, output):
        return [json.loads(line) for line in output.splitlines()]


class Terminal:
    """The tool on a terminal of its own; what it writes is collected."""

    def __init__(self, test, *arguments, columns=80, rows=24, stdout=None, env=None):
        self.screen, self.raw = Screen(columns), ""
        self.frames = []
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

        def own_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = test.start(
            *arguments, env=env, stdin=theirs, stdout=stdout or theirs, stderr=theirs, preexec_fn=own_terminal)
        os.close(theirs)
        self.descriptor = ours
        test.addCleanup(os.close, ours)

    def read_some(self, seconds):
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        if not ready:
            return None
        try:
            text = os.read(self.descriptor, 65536).decode(errors="replace")
        except OSError:  # Linux says so when the other side has closed
            return ""
        self.raw += text
        self.screen.feed(text)
        self.frames.append(self.screen.shown())
        return text

    def read_until(self, pattern, seconds=LIMIT_SECONDS):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.raw):
            if self.read_some(max(0, end - time.monotonic())) in (None, ""):
                raise AssertionError(f"no {pattern!r} in {self.raw!r}")

    def press(self, keys):
        os.write(self.descriptor, keys)

    def finish(self, seconds=LIMIT_SECONDS):
        """The exit code, after everything was read."""
        end = time.monotonic() + seconds
        while self.read_some(max(0, end - time.monotonic())):
            pass
        try:
            return self.process.wait(max(1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            raise
