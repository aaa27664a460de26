"""What a person at a terminal sees: bars redrawn in place, Ctrl-C, terminals that can less; and what a pipe gets."""

import os
import re
import signal
import subprocess
import time

from shell import SLOW, STUCK, Terminal, ToolTest, columns_of

SKETCH = ["--provider", "sketch"]


class Progress(ToolTest):
    def test_one_picture_has_one_bar_and_leaves_only_its_path(self):
        terminal = Terminal(self, "a lake", *SKETCH, *SLOW)
        self.assertEqual(terminal.finish(), 0)
        self.assertEqual(terminal.screen.shown(), ["a-lake.png"])
        bars = [frame for frame in terminal.frames if frame and "%" in frame[0]]
        self.assertTrue(all(len(frame) == 1 for frame in bars))
        waiting = r"waiting +[█▏▎▍▌▋▊▉░]{26} +0% +0:0\d  a lake"
        self.assertTrue(any(re.match(waiting, frame[0]) for frame in bars), bars)
        self.assertTrue(any("█" in frame[0] and frame[0].startswith("painting") for frame in bars), bars)

    def test_a_hundred_prompts_share_one_display(self):
        self.write("p", "".join(f"a lake number {i}\n" for i in range(1, 101)))
        terminal = Terminal(
            self, "--from", "p", "--out-dir", "pics", *SKETCH, "-r", "128:128", stdout=subprocess.DEVNULL)
        self.assertEqual(terminal.finish(), 0)
        self.assertEqual(len(os.listdir(self.path("pics"))), 100)
        self.assertEqual(terminal.screen.shown(), ["t2i: 100 of 100 saved, 0 failed"])
        frames = [frame for frame in terminal.frames if frame and " of 100  " in frame[0]]
        self.assertGreater(len(frames), 3)
        for frame in frames:
            self.assertLessEqual(len(frame), 9)
            self.assertEqual(sum(" of 100 " in line for line in frame), 1)
        ended = [int(frame[0].split()[0]) for frame in frames]
        self.assertEqual(ended, sorted(ended))

    def test_paths_scroll_above_the_display(self):
        terminal = Terminal(self, "--from", self.write("p", "one\ntwo\nthree\n"), *SKETCH, *SLOW)
        self.assertEqual(terminal.finish(), 0)
        shown = terminal.screen.shown()
        self.assertEqual(sorted(shown[:3]), ["1-one.png", "2-two.png", "3-three.png"])
        self.assertEqual(shown[3:], ["t2i: 3 of 3 saved, 0 failed"])

    def test_no_line_is_wider_or_longer_than_the_terminal(self):
        self.write("p", "".join(f"{'a very long prompt 日本庭園と鯉 ' * 20}{i}\n" for i in range(8)))
        for columns, rows in ((20, 24), (45, 5), (200, 24)):
            terminal = Terminal(
                self, "--from", "p", "--force", *SKETCH, *SLOW, columns=columns, rows=rows, stdout=subprocess.DEVNULL)
            self.assertEqual(terminal.finish(), 0)
            drawn = [frame for frame in terminal.frames if frame and re.match(r"\d of 8\b", frame[0])]
            self.assertTrue(drawn)
            self.assertLessEqual(max(map(len, drawn)), rows - 1)
            self.assertLess(max(columns_of(line) for frame in drawn for line in frame), columns)

    def test_lang_c_gets_ascii(self):
        terminal = Terminal(self, "a Käse", *SKETCH, *SLOW, env={"LANG": "C"})
        self.assertEqual(terminal.finish(), 0)
        self.assertTrue(terminal.raw.isascii())
        self.assertRegex(terminal.raw, r"painting +\[#+-+\] +\d+% +0:\d\d  a K\?se")

    def test_a_dumb_terminal_gets_lines(self):
        for kind in ("dumb", None):
            terminal = Terminal(self, "a lake", "--force", *SKETCH, *SLOW, env={"TERM": kind})
            self.assertEqual(terminal.finish(), 0)
            self.assertNotIn("\x1b", terminal.raw)
            self.assertIn("t2i: painting", terminal.raw)

    def test_a_pipe_gets_lines_without_escape_codes(self):
        code, out, err = self.paint("a lake", *SLOW)
        self.assertEqual((code, out), (0, "a-lake.png\n"))
        self.assertNotIn("\x1b", err)
        self.assertRegex(err, r"\A(t2i: [a-z]+(, \d+%)?\n)+\Z")
        self.assertLess(err.count("\n"), 10)

    def test_a_prompt_cannot_send_escape_codes(self):
        evil = "a \x1b]0;title\x07\x9b31m lake \u009b2J"
        terminal = Terminal(self, evil, *SKETCH, *SLOW)
        self.assertEqual(terminal.finish(), 0)
        self.assertNotIn("\x1b]", terminal.raw)
        self.assertNotIn("\x9b", terminal.raw)


class NoKey(ToolTest):
    def test_at_a_terminal_sketch_paints_and_says_so_in_one_line(self):
        terminal = Terminal(self, "a lake", "-r", "64:64")
        self.assertEqual(terminal.finish(), 0)
        *said, path = terminal.screen.shown()
        self.assertIn("no key in RUNWAYML_API_SECRET: sketch paints a draft, offline and free", said[0])
        self.assertEqual((terminal.raw.count("t2i: "), path), (1, "a-lake.png"))


class Interruption(ToolTest):
    def test_ctrl_c_cancels_and_says_what_was_charged(self):
        self.write("p", "".join(f"a lake number {i}\n" for i in range(20)))
        terminal = Terminal(self, "--from", "p", *SKETCH, *STUCK)
        terminal.read_until("waiting")
        begun = time.monotonic()
        terminal.press(b"\x03")
        self.assertEqual(terminal.finish(), 130)
        self.assertLess(time.monotonic() - begun, 5)
        self.assertIn("cancelling; Ctrl-C again ends at once", terminal.raw)
        self.assertIn(
            "t2i: interrupted: 0 saved, 8 cancelled, 12 never sent; charged: nothing\r\n", terminal.raw)
        self.assertEqual(self.tree(), [self.path("p")])

    def test_ctrl_c_with_json_ends_each_task_with_its_line(self):
        process = self.start("--from", self.write("p", "one\ntwo\n"), *SKETCH, "--json", *STUCK)
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130)
        done = [event for event in self.events(out.decode()) if event["event"] == "done"]
        self.assertEqual([event["status"] for event in done], ["T2I_E_CANCELLED"] * len(done))
        self.assertIn(b"charged: nothing", err)

    def test_other_signals_end_with_their_own_code(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            process = self.start("a lake", *SKETCH, *STUCK)
            process.stderr.readline()
            process.send_signal(number)
            process.communicate(timeout=30)
            self.assertEqual(process.returncode, 128 + number)

    def test_what_was_ignored_stays_ignored(self):
        process = self.start(
            "a lake", *SKETCH, *SLOW, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        process.stderr.readline()
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0)

    def test_no_picture_is_left_half_written_whenever_the_signal_comes(self):
        self.write("p", "".join(f"a lake number {i}\n" for i in range(50)))
        for tenths in range(1, 8):
            process = self.start("--from", "p", "--force", "--out-dir", "pics", *SKETCH, "-r", "200:200")
            time.sleep(tenths / 20)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
            self.assertIn(process.returncode, (0, 130, -signal.SIGINT))
            for name in os.listdir(self.path("pics")) if os.path.isdir(self.path("pics")) else []:
                self.assert_picture(os.path.join("pics", name))
