"""With a key: painting for credits, the account, the doctor online. FakeRunway's ledger knows what was charged."""

import email.utils
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

from shell import KEY, ROOT, TOOL, Terminal, ToolTest

sys.path.append(os.path.join(ROOT, "Tests", "FakeRunway"))
from fake import FakeRunway  # noqa: E402

SUBMIT = "POST /v1/text_to_image"
ACCOUNT = "GET /v1/organization"
USAGE = "POST /v1/organization/usage"
FAST = ["--config", '{"pollFloorMs":20}']


class Online(ToolTest):
    """Everything that is printed is searched for the key when the test ends."""

    @classmethod
    def setUpClass(cls):
        cls.fake = FakeRunway()
        cls.addClassCleanup(cls.fake.close)

    def setUp(self):
        super().setUp()
        self.fake.reset()
        self.printed = []

    def tearDown(self):
        self.assertTrue(self.printed, "nothing was run")
        for text in self.printed:
            for key in (self.fake.key, KEY):
                self.assertNotIn(key, text)
                self.assertNotIn(key[4:20], text)
        self.assertEqual(self.fake.ledger()["authorizationOutsideApi"], [])

    def environment(self, **changes):
        keyed = {"RUNWAYML_API_SECRET": self.fake.key, "RUNWAYML_BASE_URL": self.fake.url}
        return super().environment(**keyed | changes)

    def run_tool(self, *arguments, **more):
        code, out, err = super().run_tool(*arguments, **more)
        self.printed += [out, err]
        return code, out, err

    def rule(self, fault, on=SUBMIT, times=1):
        self.fake.scenario([{"on": on, "fault": fault, "times": times}])

    def interrupt(self, word, *arguments):
        """Starts the tool, presses Ctrl-C once a line of it has the word; the code and all of stderr."""
        process = self.start(*arguments)
        said = ""
        while word not in said.rpartition("t2i: ")[2]:
            line = process.stderr.readline().decode()
            self.assertTrue(line, said)
            said += line
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.printed += [said + err.decode(), out.decode()]
        return process.returncode, said + err.decode()

    def asked(self, method):
        return [seen["path"] for seen in self.fake.ledger()["requests"] if seen["method"] == method]


class Hosted(Online):
    def test_with_a_key_it_paints_for_credits_and_says_how_many(self):
        # Long enough to be seen on a busy machine; news that come together are told as one.
        self.fake.reset(pendingMs=1000, runningMs=1000)
        code, out, err = self.run_tool("a lake", "--ratio", "720:720", *FAST)
        self.assertEqual((code, out), (0, "a-lake.png\n"), err)
        self.assert_picture("a-lake.png")
        lines = err.splitlines()
        self.assertIn("t2i: waiting", lines)
        self.assertTrue(any(re.fullmatch(r"t2i: painting(, \d+%)?", line) for line in lines), err)
        self.assertEqual(lines[-1], "t2i: charged 5 credits")
        self.assertNotIn("\x1b", err)
        ledger = self.fake.ledger()
        self.assertEqual((ledger["posts"], ledger["charged"]), (1, 5))

    def test_over_a_secure_connection_with_a_ca_of_the_house(self):
        config = {"baseUrl": self.fake.tls_url, "caFile": self.fake.ca_file, "pollFloorMs": 20}
        code, out, err = self.run_tool("a lake", "--config", json.dumps(config), env={"RUNWAYML_BASE_URL": None})
        self.assertEqual((code, out), (0, "a-lake.png\n"), err)
        del config["caFile"]
        code, _, err = self.run_tool("b", "--config", json.dumps({**config, "baseUrl": self.fake.tls_url}))
        self.assertEqual(code, 7, err)
        self.assertRegex(err.splitlines()[-1], r"no secure connection .*; nothing was charged$")

    def test_on_a_terminal_it_draws_the_way_of_the_service(self):
        self.fake.reset(runningMs=1200)
        terminal = Terminal(self, "a lake", *FAST)
        self.assertEqual(terminal.finish(), 0)
        self.printed.append(terminal.raw)
        self.assertIn("painting", terminal.raw)
        self.assertEqual(terminal.screen.shown()[-2:], ["a-lake.png", "t2i: charged 5 credits"])

    def test_many_prompts_are_each_paid_once(self):
        self.fake.reset(maxConcurrent=2)
        code, _, err = self.run_tool("--from", "-", "--out-dir", "pics", *FAST, input=b"a\nb\nc\n")
        self.assertEqual((code, err.splitlines()[-1]), (0, "t2i: 3 of 3 saved, 0 failed, charged 15 credits"))
        self.assertEqual((self.fake.ledger()["posts"], len(os.listdir(self.path("pics")))), (3, 3))

    def test_ctrl_c_while_it_runs_cancels_at_the_service(self):
        self.fake.reset(runningMs=60_000)
        code, err = self.interrupt("painting", "a lake", *FAST)
        self.assertEqual((code, self.tree(), len(self.asked("DELETE"))), (130, [], 1))
        # The service gives nothing back for what it was painting.
        self.assertIn("interrupted: 0 saved, 1 cancelled, 0 never sent; charged for certain: nothing; 1 may have been "
                      "charged", err.splitlines()[-1])
        self.assertEqual((self.fake.ledger()["charged"], self.fake.ledger()["refunded"]), (5, 0))

    def test_ctrl_c_leaves_the_rest_unsent(self):
        self.fake.reset(pendingMs=60_000)
        lines = self.write("p", "".join(f"a lake {number}\n" for number in range(20)))
        code, err = self.interrupt_when_posted(8, "--from", lines, "--out-dir", "pics", *FAST)
        self.assertEqual((code, self.fake.ledger()["posts"], len(self.asked("DELETE"))), (130, 8, 8))
        self.assertIn("0 saved, 8 cancelled, 12 never sent", err.splitlines()[-1])
        # What it had not begun the service gave back, but nobody is told.
        self.assertIn("charged for certain: nothing; 8 may have been charged", err.splitlines()[-1])
        self.assertEqual(self.fake.ledger()["refunded"], self.fake.ledger()["charged"])

    def interrupt_when_posted(self, count, *arguments):
        process, end = self.start(*arguments), time.monotonic() + 20
        while self.fake.ledger()["posts"] < count and time.monotonic() < end:
            time.sleep(0.02)
        # The answers still travel when the last request is seen.
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.printed += [out.decode(), err.decode()]
        return process.returncode, err.decode()

    def test_a_lost_answer_is_code_5_and_never_asked_again(self):
        for fault in ("reset", "reset-uncharged", "half-body", "500-charged"):
            with self.subTest(fault=fault):
                self.fake.reset()
                self.rule(fault)
                code, out, err = self.run_tool("a lake", *FAST)
                self.assertEqual((code, out, self.fake.ledger()["posts"]), (5, "", 1))
                self.assertEqual(err.count("may have been charged"), 1)
                self.assertIn("it is not sent again", err.splitlines()[-1])

    def test_what_the_service_refuses_has_its_code_and_costs_nothing(self):
        for fault, expected, words in [
            ("429-daily", 7, "the daily limit of the account is reached"), ("402", 5, "too few credits"),
            ("out-of-credits", 5, "too few credits"), ("401", 4, "does not accept the key"), ("422", 1, "refused"),
        ]:
            with self.subTest(fault=fault):
                self.fake.reset()
                self.rule(fault)
                code, out, err = self.run_tool("a lake", *FAST)
                self.assertEqual((code, out, self.fake.ledger()["posts"]), (expected, "", 1))
                self.assertIn(words, err.splitlines()[-1])
                self.assertRegex(err, r"; nothing was charged\n\Z")

    def test_a_wrong_key_is_code_4(self):
        code, _, err = self.run_tool("a lake", *FAST, env={"RUNWAYML_API_SECRET": KEY})
        self.assertEqual((code, self.fake.ledger()["charged"]), (4, 0))
        self.assertIn("set RUNWAYML_API_SECRET", err)

    def test_a_task_that_fails_says_what_it_cost(self):
        self.rule("fails-moderated")
        code, _, err = self.run_tool("a lake", *FAST)
        self.assertEqual(code, 5)
        self.assertRegex(err, r"; charged 5 credits\n\Z")

    def test_json_lines_tell_what_may_have_been_spent(self):
        self.rule("reset")
        code, out, _ = self.run_tool("a lake", "--json", *FAST)
        last = self.events(out)[-1]
        self.assertEqual((code, last["status"]), (5, "T2I_E_AMBIGUOUS"))
        self.assertEqual((last["maySpend"], last["retryable"]), (True, False))


class Account(Online):
    def test_a_table_of_limits_and_use(self):
        self.fake.reset(maxConcurrent=2, maxDaily=9)
        self.run_tool("a lake", "--ratio", "720:720", *FAST)
        code, out, err = self.run_tool("account")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"\Abalance +99995 credits\nmonthly limit +10000 credits\nlast 30 days +5 credits used\n")
        self.assertRegex(out, r"\ngen4_image +2 +9 +1 +5 credits\n")
        self.assertRegex(out, r"\nDAY +USED +FOR\n\d{4}-\d\d-\d\d  5 credits +gen4_image\n\Z")
        self.assertEqual(self.fake.ledger()["charged"], 5)

    def test_models_without_limits_are_only_counted(self):
        _, out, _ = self.run_tool("account")
        self.assertRegex(out, r"\n\n21 models without limits, not used\n\Z")

    def test_json_is_the_document_of_the_service(self):
        code, out, _ = self.run_tool("account", "--json")
        document = json.loads(out)
        self.assertEqual((code, sorted(document)), (0, ["organization", "serverTime", "usage"]))
        self.assertLess(abs(document["serverTime"] / 1000 - time.time()), 30)
        self.assertEqual(document["organization"]["creditBalance"], 100000)
        self.assertIn("gen4_image", document["organization"]["tier"]["models"])

    def test_a_document_of_odd_shapes_is_told_as_far_as_it_goes(self):
        for odd in ({}, {"creditBalance": "much", "tier": [], "usage": 7}, {"tier": {"models": {"x": None, "y": 3}}},
                    {"creditBalance": 1e300, "tier": {"models": {"\x1b[31m": {"maxDailyGenerations": -1e300}}}}):
            with self.subTest(odd):
                self.fake.reset()
                self.rule({"do": "answer", "status": 200, "body": odd}, on=ACCOUNT)
                code, out, err = self.run_tool("account")
                self.assertEqual((code, err), (0, ""))
                self.assertEqual(out.splitlines()[1].split(None, 2)[2], "not said")
                self.assertNotIn("\x1b", out)

    def test_refunds_and_many_models_in_the_use_of_a_day(self):
        uses = [{"model": f"model_{number}", "amount": 10 - number} for number in range(5)]
        uses += [{"model": "model_0", "amount": -30}, {"amount": "x"}, 7]
        odd = [{"date": "2026-11-21", "usedCredits": []}, {"usedCredits": None}, 3]
        days = {"results": [*odd, {"date": "2026-11-22", "usedCredits": uses}], "models": []}
        self.rule({"do": "answer", "status": 200, "body": days}, on=USAGE)
        code, out, _ = self.run_tool("account")
        self.assertEqual(code, 0)
        self.assertIn("last 30 days   10 credits used\n", out)
        self.assertRegex(out, r"\nmodel_0 +not said +not said +0 +-20 credits\n")
        self.assertRegex(out, r"\n\nDAY +USED +FOR\n2026-11-22  10 credits +model_0, model_1, model_2 and 2 more\n\Z")

    def test_without_a_key_or_with_a_wrong_one_it_is_code_4(self):
        for key in (None, ""):
            self.refused(4, "there is no key: set RUNWAYML_API_SECRET", "account", env={"RUNWAYML_API_SECRET": key})
        self.refused(4, "does not accept the key", "account", env={"RUNWAYML_API_SECRET": KEY})
        self.refused(4, "cannot be one", "account", env={"RUNWAYML_API_SECRET": "two words"})

    def test_what_does_not_belong_to_it_is_code_2(self):
        self.refused(2, "which has no account", "account", "--config", '{"provider":"sketch"}')
        self.refused(2, "t2i account has no --model", "account", "--model", "x")
        self.refused(2, 't2i account takes no "x"', "account", "x")
        self.refused(2, "did you mean t2i account?", "acount")

    def test_a_service_in_trouble_or_out_of_reach_is_code_7(self):
        self.rule("500", on=ACCOUNT, times=50)
        self.refused(7, "the service is in trouble (500)", "account")
        self.refused(7, "there is no connection", "account", "--config", json.dumps({"baseUrl": nobody()}))

    def test_ctrl_c_ends_the_question(self):
        self.rule("silence", on=ACCOUNT, times=50)
        process, end = self.start("account"), time.monotonic() + 20
        while not self.asked("GET") and time.monotonic() < end:
            time.sleep(0.02)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.printed.append(err.decode())
        self.assertEqual((process.returncode, out, err), (130, b"", b"t2i: interrupted\n"))
        self.assertLess(time.monotonic() - begun, 3)

    def test_the_examples_of_the_readme_work(self):
        with open(os.path.join(ROOT, "Sources", "t2i", "README.md"), encoding="utf-8") as file:
            examples = re.findall(r"^```\n(t2i .*?)```$", file.read(), flags=re.M | re.S)
        self.assertEqual(examples, ["t2i account\nt2i doctor --online\n"])
        path = os.path.dirname(TOOL) + os.pathsep + os.environ["PATH"]
        done = subprocess.run(["sh", "-eu", "-c", examples[0]], cwd=self.folder, capture_output=True, text=True,
                              env=self.environment(PATH=path), timeout=60)
        self.printed.append(done.stdout + done.stderr)
        self.assertEqual(done.returncode, 0, done.stderr)


class DoctorOnline(Online):
    def test_all_is_well(self):
        code, out, err = self.run_tool("doctor", "--online")
        self.assertEqual((code, err), (0, ""), out)
        self.assertRegex(out, r"\nservice +accepts the key\nbalance +100000 credits\nlimits +every model has room left "
                              r"today\nNothing is wrong.\n\Z")
        self.assertRegex(out, r"\nkey +set, in the right form\n")
        self.assertEqual(self.fake.ledger()["charged"], 0)

    def test_a_clock_that_is_wrong_is_a_thing_to_put_right(self):
        body = {"creditBalance": 7, "tier": {"models": {}}, "usage": {"models": {}}}
        for late, told in ((3600, r"3\d\d\d s behind"), (-3600, r"3\d\d\d s ahead"), (30, None), (-30, None)):
            with self.subTest(late):
                self.fake.reset()
                date = email.utils.formatdate(time.time() + late, usegmt=True)
                self.rule({"do": "answer", "status": 200, "headers": {"Date": date}, "body": body}, on=ACCOUNT)
                code, out, err = self.run_tool("doctor", "--online")
                self.assertEqual((code, err), (1 if told else 0, ""), out)
                self.assertEqual("NOT the service's" in out, told is not None)
                if told:
                    self.assertRegex(out, rf"\ntime +this clock is NOT the service's: {told}\n +-> set the clock")
        for date in ({}, {"Date": "yesterday"}):
            with self.subTest(date):
                self.fake.reset()
                self.rule({"do": "answer", "status": 200, "headers": date, "body": body}, on=ACCOUNT)
                self.assertEqual(self.run_tool("doctor", "--online")[0], 0)
                self.rule({"do": "answer", "status": 200, "headers": date, "body": body}, on=ACCOUNT)
                self.assertEqual(sorted(json.loads(self.run_tool("account", "--json")[1])), ["organization", "usage"])

    def test_offline_it_asks_nobody(self):
        code, out, _ = self.run_tool("doctor")
        self.assertEqual((code, self.fake.ledger()["requests"]), (0, []))
        self.assertNotRegex(out, r"(?m)^(service|balance)")

    def test_a_wrong_key_is_said_with_the_fix(self):
        code, out, err = self.run_tool("doctor", "--online", env={"RUNWAYML_API_SECRET": KEY})
        self.assertEqual((code, err), (4, ""))
        self.assertRegex(out, r"service +does NOT accept the key\n +-> make another key")
        code, out, err = self.run_tool("doctor", "--online", env={"RUNWAYML_API_SECRET": "two words"})
        self.assertEqual((code, err, "two words" in out), (4, "", False))
        self.assertRegex(out, r"service +was NOT asked, because the key cannot be one\n +-> copy it again")
        code, out, _ = self.run_tool("doctor", "--online", env={"RUNWAYML_API_SECRET": None})
        self.assertEqual(code, 4)
        self.assertRegex(out, r"service +was NOT asked, because there is no key\n +-> make a key")

    def test_no_room_and_no_credits_are_things_to_put_right(self):
        self.fake.reset(maxDaily=1, credits=5)
        self.run_tool("a lake", "--ratio", "720:720", *FAST)
        code, out, _ = self.run_tool("doctor", "--online")
        self.assertEqual(code, 1)
        self.assertRegex(out, r"balance +0 credits\n +-> buy credits")
        self.assertRegex(out, r"limits +gen4_image has NO room left today\n +-> ")
        self.assertIn("2 things to put right", out)

    def test_no_answer_is_code_7_and_names_no_address(self):
        place = nobody()
        code, out, err = self.run_tool("doctor", "--online", env={"RUNWAYML_BASE_URL": place})
        self.assertEqual((code, err), (7, ""))
        self.assertRegex(out, r"service +gives NO account: T2I_E_NETWORK\n +-> ")
        self.assertNotIn(place.rpartition(":")[2], out)
        code, out, err = self.run_tool("doctor", "--online", env={"RUNWAYML_BASE_URL": "ftp://secret.example"})
        self.assertEqual((code, err, "secret" in out), (2, "", False))
        self.assertRegex(out, r"service +gives NO account: T2I_E_ARG at /baseUrl\n")

    def test_on_a_terminal_the_offline_lines_come_at_once_and_ctrl_c_ends_the_question(self):
        self.rule("silence", on=ACCOUNT, times=50)
        terminal = Terminal(self, "doctor", "--online")
        terminal.read_until("clock ")
        terminal.read_until("environment ")
        while not self.asked("GET"):
            time.sleep(0.02)
        terminal.press(b"\x03")
        self.assertEqual(terminal.finish(), 130)
        self.printed.append(terminal.raw)
        self.assertRegex(terminal.raw, r"service +did NOT answer before the interruption")

    def test_the_flag_belongs_to_the_doctor(self):
        self.refused(2, "--online belongs to t2i doctor", "a", "--online")


def nobody():
    """A base URL where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"
