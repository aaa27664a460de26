"""Ends that cost money or may have: with a library that pretends, because none of them can be had offline."""

import os
import re
import shutil
import signal
import subprocess
import time

from shell import ROOT, Terminal, ToolTest

MAY_HAVE_SPENT = "2"


class Money(ToolTest):
    def setUp(self):
        super().setUp()
        library = self.path("libt2i.so.1")
        source = os.path.join(ROOT, "Tests", "tool", "pretended.c")
        subprocess.run(
            [shutil.which("cc") or "clang", "-std=c11", "-Wall", "-Wextra", "-shared", "-fPIC", "-I",
             os.path.join(ROOT, "include"), source, "-Wl,-soname,libt2i.so.1", "-o", library], check=True)

    def pretend(self, **how):
        return {"LD_LIBRARY_PATH": self.folder, "RUNWAYML_API_SECRET": "key_x"} | {
            "PRETEND_" + name.upper(): str(value) for name, value in how.items()}

    def test_every_status_has_its_code(self):
        header = open(os.path.join(ROOT, "include", "t2i.h"), encoding="utf-8").read()
        statuses = {name: int(value) for name, value in re.findall(r"T2I_E_(\w+) = (-\d+)", header)}
        code = {
            "IO": 6, "EXISTS": 6, "NOSPC": 6, "JOURNAL": 6, "NETWORK": 7, "TLS": 7, "DNS": 7, "HTTP": 7, "PROTOCOL": 7,
            "AUTH": 4, "QUOTA": 7, "RATE": 7, "CREDITS": 5, "REJECTED": 1, "MODERATED": 1, "FAILED": 1, "EXPIRED": 1,
            "GONE": 1, "BUDGET": 5, "CANCELLED": 1, "DEADLINE": 1, "AMBIGUOUS": 5, "SHUTDOWN": 1, "ARG": 3, "UTF8": 3,
            "JSON": 3, "LIMIT": 3}
        for name, value in statuses.items():
            got, out, err = self.run_tool("a lake", env=self.pretend(status=value, spent=0))
            self.assertEqual((name, got, out), (name, code.get(name, 8), ""))
            self.assertEqual(err, "t2i: it pretends\n")

    def test_what_may_have_been_charged_is_code_5_and_said(self):
        env = self.pretend(status=-66, flags=MAY_HAVE_SPENT)
        code, _, err = self.run_tool("a lake", env=env)
        self.assertEqual((code, err), (5, "t2i: it pretends; it may have been charged\n"))

    def test_what_was_charged_is_said(self):
        _, out, err = self.run_tool("a lake", env=self.pretend(spent=5000))
        self.assertEqual((out, err), ("a-lake.png\na-lake-2.png\n", "t2i: charged 5 credits\n"))
        code, _, err = self.run_tool("a lake", env=self.pretend(status=-66, spent=500))
        self.assertEqual((code, err), (5, "t2i: it pretends; charged 0.5 credits\n"))
        _, _, err = self.run_tool("--from", "-", input=b"a\nb\n", env=self.pretend(spent=1000))
        self.assertEqual(err.splitlines()[-1], "t2i: 2 of 2 saved, 0 failed, charged 2 credits")

    def test_one_ambiguous_end_among_others_decides_the_code(self):
        env = self.pretend(status=-67, flags=MAY_HAVE_SPENT)
        self.assertEqual(self.run_tool("--from", "-", input=b"a\nb\n", env=env)[0], 5)

    def test_a_cost_that_nobody_knows_is_said(self):
        _, _, err = self.run_tool("a lake", env=self.pretend(status=-66))
        self.assertEqual(err, "t2i: it pretends; what it cost is not known\n")

    def test_what_does_not_let_go_is_left_alone_after_ten_seconds(self):
        process = self.start("a lake", env=self.pretend(stuck=1))
        time.sleep(0.3)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130)
        self.assertTrue(9 < time.monotonic() - begun < 25)
        self.assertIn(b"it goes on at the service as runway:1; it may be charged, so do not submit it again", err)
        self.assertIn(b"charged for certain: nothing; 1 may have been charged", err)

    def test_a_second_ctrl_c_ends_at_once(self):
        terminal = Terminal(self, "a lake", env=self.pretend(stuck=1))
        terminal.read_until("queued")
        terminal.press(b"\x03")
        terminal.read_until("Ctrl-C again ends at once")
        begun = time.monotonic()
        terminal.press(b"\x03")
        self.assertEqual(terminal.finish(), 130)
        self.assertLess(time.monotonic() - begun, 2)
