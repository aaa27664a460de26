"""What a crash leaves, and the way back: history, ledger, recover, resume, settle, budgets and keys."""

import json
import os
import time

from online import FAST, Online
from shell import KEY, Terminal


class Recovery(Online):
    def kill_while(self, state, *arguments):
        """The tool is killed when it says so; nothing of it is left but the journal."""
        process, said = self.start(*arguments, *FAST), ""
        while state not in said:
            line = process.stderr.readline().decode()
            self.assertTrue(line, said)
            said += line
        process.kill()
        out, err = process.communicate()
        self.printed += [said + err.decode(), out.decode()]

    def lose(self, prompt):
        """A submit whose answer is lost; the token that the service gave it all the same."""
        self.rule("reset")
        code, _, err = self.run_tool(prompt, "--ratio", "720:720", *FAST)
        self.assertEqual(code, 5, err)
        self.assertRegex(err, r"\nt2i: whether it was charged is for you to find out: t2i history, then t2i settle\n\Z")
        return "runway:" + self.fake.ledger()["charges"][-1]["task"]

    def history(self, *arguments):
        code, out, err = self.run_tool("history", "--json", *arguments)
        self.assertEqual((code, err), (0, ""))
        return [json.loads(line) for line in out.splitlines()]

    def test_a_killed_process_is_told_of_and_recovered_and_paid_once(self):
        self.fake.reset(runningMs=1500)
        self.kill_while("painting", "a hill", "--ratio", "720:720")
        self.assertEqual([task["stage"] for task in self.history()], ["remote"])
        code, _, err = self.run_tool("a lake", "--ratio", "720:720", *FAST)
        self.assertEqual((code, err.splitlines()[0]), (0, "t2i: 1 paid task is unfinished: t2i recover"))
        code, out, err = self.run_tool("recover", "--out-dir", "back", *FAST)
        self.assertEqual((code, out, err.splitlines()[-1]), (0, "back/a-hill.png\n", "t2i: charged 5 credits"))
        self.assert_picture("back/a-hill.png")
        code, out, err = self.run_tool("recover", *FAST)
        self.assertEqual((code, out, err), (0, "", "t2i: nothing is unfinished\n"))
        self.assertEqual((self.fake.ledger()["posts"], self.fake.ledger()["charged"]), (2, 10))
        self.assertEqual([task["state"] for task in self.history()], ["SUCCEEDED", "SUCCEEDED"])

    def test_more_than_are_on_their_way_at_once_are_drawn_and_left_when_interrupted(self):
        lines = "".join(f"a hill {number}\n" for number in range(8))
        self.fake.reset(runningMs=6000)
        for name in ("p", "q"):
            self.write(name, lines)
            before = self.fake.ledger()["posts"]
            process, end = self.start("--from", name, "--out-dir", "first", *FAST), time.monotonic() + 30
            while self.fake.ledger()["posts"] < before + 8 and time.monotonic() < end:
                time.sleep(0.02)
            time.sleep(0.3)
            process.kill()
            self.printed.append(process.communicate()[1].decode())
        self.assertEqual(len(self.history()), 16)
        tokens = [task.get("token") for task in self.history()]
        self.assertNotIn(None, tokens)
        done = self.fake.ledger()["charged"]
        terminal = Terminal(self, "recover", "--out-dir", "back", *FAST)
        terminal.read_until("of 16")
        terminal.press(b"\x03")
        self.assertEqual(terminal.finish(), 130)
        self.printed.append(terminal.raw)
        self.assertIn("16 paid tasks are unfinished: t2i recover", terminal.raw)
        self.assertEqual((self.fake.ledger()["charged"], self.asked("DELETE")), (done, []))
        code, out, _ = self.run_tool("recover", "--out-dir", "back", *FAST)
        self.assertEqual((code, len(out.splitlines()), self.fake.ledger()["posts"]), (0, 16, 16))

    def test_ctrl_c_while_it_recovers_cancels_nothing(self):
        self.fake.reset(runningMs=60_000)
        self.kill_while("painting", "a hill")
        code, err = self.interrupt("painting", "recover", *FAST)
        self.assertEqual((code, self.tree(), self.asked("DELETE")), (130, [], []))
        self.assertRegex(err, r"t2i: interrupted: 0 saved\nt2i: 1 paid task is unfinished: t2i recover\n\Z")

    def test_a_lost_answer_is_settled_as_accepted(self):
        token = self.lose("a mill")
        code, out, err = self.run_tool("history")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"\ANUMBER  WHEN .*\n +1  \d{4}-\d\d-\d\d \d\d:\d\d  AMBIGUOUS +gen4_image +"
                              r"5 credits held +a mill\n\Z")
        self.assertEqual(self.run_tool("recover", *FAST)[0], 5)
        code, out, err = self.run_tool("settle", "1", "--accepted", token, *FAST)
        self.assertEqual((code, out, err), (0, "", "t2i: task 1 was accepted: t2i recover fetches its pictures\n"))
        code, out, _ = self.run_tool("recover", *FAST)
        self.assertEqual((code, out), (0, "a-mill.png\n"))
        self.assertEqual(self.fake.ledger()["posts"], 1)
        self.refused(2, "the service has it as " + token, "settle", token, "--not-accepted", *FAST)

    def test_settled_as_not_accepted_its_money_is_free(self):
        self.lose("a mill")
        ledger = json.loads(self.run_tool("ledger", "--json")[1])
        self.assertEqual((ledger["reserved"], ledger["ambiguous"]), (5000, {"millicredits": 5000, "tasks": 1}))
        self.refused_budget("a mill")
        code, _, err = self.run_tool("settle", "1", "--not-accepted", *FAST)
        self.assertEqual((code, err), (0, "t2i: task 1 was not accepted: nothing is held for it any more\n"))
        code, out, _ = self.run_tool("ledger")
        self.assertRegex(out, r"\ADAY .*\n\d{4}-\d\d-\d\d( +nothing){3}\nall( +nothing){3}\n\Z")
        flags = ["--ratio", "720:720", "--budget", "5.5", "--budget-scope", "day", *FAST]
        self.assertEqual(self.run_tool("a mill", *flags)[0], 0)
        self.assertRegex(self.run_tool("ledger")[1], r"\nall +5 credits +nothing +nothing\n\Z")

    def refused_budget(self, prompt):
        flags = ["--ratio", "720:720", "--budget", "5.5", "--budget-scope", "day", *FAST]
        posts = self.fake.ledger()["posts"]
        code, out, err = self.run_tool(prompt, *flags)
        self.assertEqual((code, out, self.fake.ledger()["posts"]), (5, "", posts))
        self.assertIn("of the budget's 5500, 0 are spent and 5000 held", err)

    def test_what_it_settles_sends_nothing_of_what_waits(self):
        self.lose("a mill")
        # Accepted here, and never sent: nobody listens there.
        process = self.start("a hill", "--config", json.dumps({"baseUrl": "http://127.0.0.1:9", "pollFloorMs": 20}))
        end = time.monotonic() + 20
        while len(self.history()) < 2 and time.monotonic() < end:
            time.sleep(0.05)
        process.kill()
        process.communicate()
        self.assertEqual(self.run_tool("settle", "1", "--not-accepted", *FAST)[0], 0)
        self.assertEqual(self.fake.ledger()["posts"], 1)

    def test_a_token_is_resumed_without_the_journal(self):
        self.fake.reset(runningMs=1500)
        self.kill_while("painting", "a hill")
        token = self.history()[0]["token"]
        other = {"XDG_STATE_HOME": self.path("elsewhere")}
        code, out, err = self.run_tool("resume", token, "-o", "hill.png", *FAST, env=other)
        self.assertEqual((code, out), (0, "hill.png\n"), err)
        self.assert_picture("hill.png")
        self.refused(6, "hill.png exists; --force replaces it", "resume", token, "-o", "hill.png", *FAST, env=other)
        self.assertEqual(self.fake.ledger()["posts"], 1)

    def test_the_same_key_is_paid_once(self):
        for _ in range(2):
            code, _, err = self.run_tool("a lake", "--dedupe-key", "cover", *FAST)
            self.assertEqual(code, 0, err)
        self.assertEqual(sorted(os.listdir(self.folder)), ["a-lake-2.png", "a-lake.png"])
        self.assertEqual(self.fake.ledger()["posts"], 1)
        code, out, err = self.run_tool("a mill", "--dedupe-key", "cover", *FAST)
        self.assertEqual((code, out, self.fake.ledger()["posts"]), (6, "", 1))
        self.assertIn("belongs to another request", err)

    def test_what_is_left_after_a_stuck_cancel_is_said_with_the_way_back(self):
        self.fake.reset(runningMs=60_000)
        self.rule("silence", on="DELETE *", times=50)
        code, err = self.interrupt("painting", "a lake", *FAST)
        self.assertEqual(code, 130)
        self.assertIn("it goes on at the service as runway:", err)
        self.assertRegex(err, r"\nt2i: 1 paid task is unfinished: t2i recover\n\Z")

    def test_history_by_day_and_model(self):
        self.run_tool("a lake", *FAST)
        self.run_tool("a hill", "--model", "gen4_image_turbo", "--set",
                      'referenceImages=[{"uri":"https://example.com/a.png","tag":"abc"}]', *FAST)
        tasks = self.history()
        self.assertEqual([task["id"] for task in tasks], [1, 2])
        first = tasks[0]
        self.assertEqual((first["request"]["promptText"], first["spent"], first["open"]), ("a lake", 5000, False))
        self.assertEqual([task["id"] for task in self.history("--model", "gen4_image")], [1])
        today = time.strftime("%Y-%m-%d")
        for since, count in (("1d", 2), (today, 2), ("2999-01-01", 0)):
            self.assertEqual(len(self.history("--since", since)), count, since)
        self.assertEqual(self.run_tool("history", env={"RUNWAYML_API_SECRET": None})[0], 0)
        terminal = Terminal(self, "history", columns=60)
        self.assertEqual(terminal.finish(), 0)
        self.printed.append(terminal.raw)
        self.assertEqual(len([line for line in terminal.raw.splitlines() if "gen4" in line]), 2)

    def test_without_a_journal_it_says_so_and_uses_none(self):
        code, _, err = self.run_tool("a lake", "--journal", "none", *FAST)
        self.assertEqual((code, os.listdir(self.state)), (0, []))
        self.assertTrue(err.startswith("t2i: note: there is no journal,"), err)
        code, _, err = self.run_tool("history")
        self.assertEqual((code, err.startswith("t2i: there is no journal yet")), (0, True))
        own = self.path("own.sqlite")
        self.assertEqual(self.run_tool("b", "--journal", own, *FAST)[0], 0)
        self.assertEqual((len(self.history("--journal", own)), os.listdir(self.state)), (1, []))

    def test_what_is_asked_wrongly(self):
        for expected, arguments in (
            ("t2i settle needs a task", ["settle", "--not-accepted"]),
            ("say one of: --accepted TOKEN", ["settle", "1"]),
            ("say one of: --accepted TOKEN", ["settle", "1", "--accepted", "runway:1", "--not-accepted"]),
            ("t2i resume needs a token", ["resume"]), ("takes one task", ["resume", "a", "b"]),
            ('t2i history takes no "x"', ["history", "x"]), ("did you mean t2i recover?", ["recove"]),
            ("--since yesterday is neither", ["history", "--since", "yesterday"]),
            ("--since 2026-02-30x is neither", ["history", "--since", "2026-02-30x"]),
            ("there is no journal to read", ["ledger", "--journal", "none"]),
            ("exclude each other", ["history", "--journal", "a", "--config", '{"journal":"b"}']),
            ("exclude each other", ["a", "--budget", "1", "--config", '{"budget":{"maxMillicredits":1}}']),
            ("--budget-scope says of what", ["a", "--budget-scope", "day"]),
            ("--dedupe-key names one task", ["--from", "p", "--dedupe-key", "k"]),
            ("t2i ledger has no --since", ["ledger", "--since", "7d"]),
            ("which has no journal", ["recover", "--config", '{"provider":"sketch"}']),
        ):
            self.refused(2, expected, *arguments)
        for amount in ("x", "-1", "1.2345", "1.", ".5", "", "1e3", "99999999999999999999"):
            code, out, err = self.run_tool("a", f"--budget={amount}", *FAST)
            self.assertEqual((amount, code, out), (amount, 2, "") if amount != "1." else (amount, 5, ""), err)
        self.refused(6, "there is no journal", "history", "--journal", "none.sqlite")
        self.refused(4, "there is no key", "recover", env={"RUNWAYML_API_SECRET": None})
        self.write("text", "this is no journal" * 100)
        self.refused(6, "cannot be read: file is not a database", "history", "--journal", "text")
        self.run_tool("a lake", *FAST)
        self.refused(2, "the journal has no task 99", "settle", "99", "--not-accepted", *FAST)
        self.refused(2, "task 1 is not AMBIGUOUS", "settle", "1", "--not-accepted", *FAST)

    def test_a_task_of_another_key_is_not_settled(self):
        self.lose("a mill")
        code, out, err = self.run_tool("settle", "1", "--not-accepted", *FAST, env={"RUNWAYML_API_SECRET": KEY})
        self.assertEqual((code, out), (1, ""))
        self.assertRegex(err, r"\At2i: task 1 is not there to settle: [^\n]+ of another key\n\Z")
