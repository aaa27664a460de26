"""Tasks that come back: recover, resume, settle, dedupe_key and the budget, with processes that die in between."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

from support import LOOK, PROMPT, ROOT, Service, pumped_call, t2i
from t2i._library import Library
from test_lives import until
from test_uploads import png

RATIO = "1280:720"
# A process that submits, says so when its task is in the given state, and then waits for its end, which is kill -9.
VICTIM = """
import json, sys, time, t2i
client = t2i.Client(config=json.loads(sys.argv[1]))
task = client.submit(**json.loads(sys.argv[3]))
while task.state != sys.argv[2]:
    time.sleep(0.002)
print(task.token, flush=True)
time.sleep(600)
"""


# Its second task waits behind the first, which does not end.
IN_LINE = """
import json, sys, time, t2i
client = t2i.Client(config=json.loads(sys.argv[1]))
client.submit("first", ratio="64:64")
client.submit("second", ratio="64:64", dedupe_key="k")
time.sleep(0.3)
print(client.stats()["tasks"], flush=True)
time.sleep(600)
"""


class Processes(Service):
    def process(self, program, *arguments):
        """A process of its own, and the line it says."""
        environment = {**os.environ, "PYTHONPATH": os.path.join(ROOT, "bindings", "python")}
        process = subprocess.Popen(
            [sys.executable, "-c", program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, process.stdout.readline().decode().strip()

    def victim(self, state, key=None, **request):
        """A process in the middle of a task, and the task's token or "None"."""
        config = {"provider": "runway", "apiKey": self.fake.key, "baseUrl": self.fake.url, "pollFloorMs": 20}
        request = {"prompt_text": PROMPT, "ratio": RATIO, "dedupe_key": key, **request}
        return self.process(VICTIM, json.dumps(config), state, json.dumps(request))

    def killed(self, state, key=None, **request):
        process, token = self.victim(state, key, **request)
        process.kill()
        process.wait()
        return token


class Recover(Processes):
    def test_what_a_killed_process_paid_for_is_fetched_by_the_next(self):
        for state in ("PENDING", "RUNNING"):
            for pumped in (False, True):
                with self.subTest(state=state, pumped=pumped):
                    self.fake.reset(pendingMs=300, runningMs=600)
                    token = self.killed(state)
                    client = self.client(pumped=pumped)
                    self.assertEqual((client.recoverable, client.stats()["recoverable"]), (1, 1))
                    task, = client.recover()
                    self.assertEqual((client.recoverable, client.recover()), (0, []))
                    self.ended(task)
                    self.assertEqual((task.state, task.token, task.json["request"]["promptText"]),
                                     ("SUCCEEDED", token, PROMPT))
                    self.assertEqual(task.output[0].bytes[:4], b"\x89PNG")
                    ledger = self.fake.ledger()
                    self.assertEqual((ledger["posts"], len(ledger["charges"])), (1, 1))
                    client.close()
                    # It was handed out, so that nothing is left to find.
                    self.assertEqual(self.client().recoverable, 0)

    def test_tasks_of_a_living_process_are_left_alone(self):
        self.fake.reset(runningMs=60_000)
        self.victim("RUNNING")
        client = self.client()
        self.assertEqual((client.recoverable, client.recover()), (0, []))

    def test_a_lost_answer_is_for_a_person_to_settle_as_accepted(self):
        self.rule("silence")
        self.killed("SUBMITTING")
        self.assertTrue(until(lambda: self.fake.ledger()["charges"]))
        client = self.client()
        task, = client.recover()
        self.ended(task)
        self.assertEqual((task.state, task.token), ("AMBIGUOUS", None))
        self.assertTrue(task.error.may_have_spent)
        self.assertEqual(client.stats()["ambiguous"], 1)
        token = "runway:" + self.fake.ledger()["charges"][0]["task"]
        task.settle(token)
        self.assertEqual(task.state, "AMBIGUOUS")
        resumed = client.resume(token)
        self.ended(resumed)
        self.assertEqual((resumed.state, resumed.token), ("SUCCEEDED", token))
        self.assertEqual(self.fake.ledger()["posts"], 1)

    def test_settled_as_not_accepted_the_money_and_the_key_are_free_again(self):
        self.rule("close-uncharged")
        client = self.client()
        task = self.ended(client.submit(PROMPT, ratio=RATIO, dedupe_key="cover"))
        self.assertEqual((task.state, client.stats()["reserved"]), ("AMBIGUOUS", 5000))
        self.assertIs(client.submit(PROMPT, ratio=RATIO, dedupe_key="cover"), task)
        task.settle()
        self.assertEqual(client.stats()["reserved"], 0)
        task.close()
        again = self.ended(client.submit(PROMPT, ratio=RATIO, dedupe_key="cover"))
        self.assertEqual((again.state, self.fake.ledger()["posts"]), ("SUCCEEDED", 2))
        with self.assertRaises(t2i.InvalidRequest) as caught:
            again.settle()
        self.assertEqual(caught.exception.status, "T2I_E_STATE")

    def test_a_token_works_without_any_journal(self):
        self.fake.reset(runningMs=800)
        self.rule({"do": "delay", "ms": 300}, times=1)
        client = self.client(journal=None)
        task = client.submit(PROMPT)
        # The service has not answered yet.
        self.assertIsNone(task.token)
        self.assertTrue(until(lambda: task.token))
        other = self.client(journal=None, pumped=True)
        seen = []
        resumed = other.resume(task.token, on_progress=seen.append, deadline=20)
        self.ended(resumed)
        self.assertEqual((resumed.state, resumed.output[0].bytes[:4], seen[-1]), ("SUCCEEDED", b"\x89PNG", 1.0))
        with self.assertRaises(t2i.InvalidRequest):
            other.resume("runway:that")
        with self.assertRaises(t2i.InvalidRequest):
            client.submit(PROMPT, dedupe_key="a")
        self.assertEqual((client.recover(), client.recoverable), ([], 0))

    def test_awaiting_what_comes_back(self):
        self.fake.reset(runningMs=600)
        token = self.killed("RUNNING")

        async def main():
            with self.client() as client:
                task, = client.recover()
                kinds = [event.kind async for event in client.events(timeout=20)]
                self.assertEqual(((await task).state, task.token, kinds.count("FINAL")), ("SUCCEEDED", token, 1))
            with self.client() as client:
                return (await client.resume(token)).state

        self.assertEqual(asyncio.run(main()), "SUCCEEDED")
        self.assertEqual(self.fake.ledger()["posts"], 1)

    def test_many_are_found_at_once(self):
        count = 2 * t2i.client.RECOVERED_AT_ONCE + 2
        self.fake.scenario([{"on": LOOK, "fault": "500"}])
        client = self.client(max_submitting=20)
        tasks = [client.submit(PROMPT, seed=number) for number in range(count)]
        self.assertTrue(until(lambda: self.fake.ledger()["posts"] == count and all(task.token for task in tasks), 60))
        tokens = [task.token for task in tasks]
        client.close()
        self.fake.ask("reset", {})
        found = self.client(base_url="http://127.0.0.1:9").recover()
        self.assertEqual([task.token for task in found], tokens)


class KilledEarlier(Processes):
    """Before the paid submit: whoever comes back begins where the money was not touched yet."""

    def test_while_its_picture_was_uploaded(self):
        self.fake.scenario([{"on": "POST /*", "host": "storage", "fault": "silence", "times": 9}])
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "style.png")
            with open(path, "wb") as file:
                file.write(png(size=2000))
            self.killed("UPLOADING", reference_images=[{"path": path, "tag": "Style"}])
            died = time.time()
            self.fake.reset()
            time.sleep(0.2)
            task, = self.client().recover()
            self.assertLess(task.json["created"] / 1000, died + 0.1)
            self.ended(task)
            ledger = self.fake.ledger()
            self.assertEqual((task.state, ledger["posts"], len(ledger["charges"])), ("SUCCEEDED", 1, 1), task.error)

    def test_a_key_that_was_waiting_with_sketch_begins_at_once(self):
        with tempfile.TemporaryDirectory() as folder:
            config = {
                "provider": "sketch", "journal": os.path.join(folder, "journal.sqlite"), "maxConcurrent": 1,
                "simulate": {"latencyMs": 600_000}}
            process, tasks = self.process(IN_LINE, json.dumps(config))
            self.assertIn("QUEUED", tasks)
            process.kill()
            process.wait()
            config["simulate"] = {"paint": False}
            client = t2i.Client(config=config)
            self.addCleanup(client.close)
            task = client.submit("second", ratio="64:64", dedupe_key="k")
            self.assertEqual(self.ended(task, 5).state, "SUCCEEDED")


class Keys(Processes):
    def test_the_same_key_is_the_same_task_now_and_later(self):
        client = self.client()
        told = []
        task = client.submit(PROMPT, dedupe_key="cover-17")
        self.assertIs(client.submit(PROMPT, dedupe_key="cover-17", on_progress=told.append), task)
        self.ended(task)
        self.assertEqual((task.json["dedupeKey"], told[-1]), ("cover-17", 1.0))
        self.assertEqual(task.output[0].bytes[:4], b"\x89PNG")
        intent = task.json["intent"]
        client.close()
        again = self.ended(self.client().submit(PROMPT, dedupe_key="cover-17"))
        self.assertEqual(again.json["intent"], intent)
        self.assertEqual((again.state, again.token is not None, self.fake.ledger()["posts"]), ("SUCCEEDED", True, 1))

    def test_the_key_of_another_request_is_refused(self):
        client = self.client()
        self.ended(client.submit(PROMPT, dedupe_key="cover"))
        try:
            error = self.ended(client.submit(PROMPT + "!", dedupe_key="cover")).error
        except t2i.T2IError as refused:
            error = refused
        self.assertEqual((type(error), error.status), (t2i.MachineError, "T2I_E_EXISTS"))
        self.assertEqual(self.fake.ledger()["posts"], 1)

    def test_a_key_that_another_process_works_on_is_busy_until_it_dies(self):
        self.fake.reset(runningMs=1500)
        process, token = self.victim("RUNNING", "cover")
        client = self.client()
        error = self.ended(client.submit(PROMPT, ratio=RATIO, dedupe_key="cover")).error
        self.assertEqual((type(error), error.status), (t2i.InvalidRequest, "T2I_E_BUSY"))
        process.kill()
        process.wait()
        task = self.ended(client.submit(PROMPT, ratio=RATIO, dedupe_key="cover"))
        self.assertEqual((task.state, task.token, self.fake.ledger()["posts"]), ("SUCCEEDED", token, 1))

    def test_keys_that_cannot_be(self):
        client = self.client()
        for key in ("", "x" * 256, "\ud800"):
            with self.assertRaises(t2i.InvalidRequest):
                client.submit(PROMPT, dedupe_key=key)
        with self.assertRaises(TypeError):
            client.submit(PROMPT, dedupe_key=17)
        self.assertEqual(self.ended(client.submit(PROMPT, dedupe_key="x" * 255)).state, "SUCCEEDED")


class Ceilings(Service):
    def test_a_budget_holds_across_clients(self):
        for scope in ("client", "day", "journal"):
            with self.subTest(scope=scope):
                self.fake.reset()
                with tempfile.TemporaryDirectory() as folder:
                    path = os.path.join(folder, "tasks.sqlite")
                    budget = {"max_millicredits": 7000, "scope": scope}
                    client = self.client(journal=path, budget=budget)
                    self.assertEqual(self.ended(client.submit(PROMPT, ratio=RATIO)).state, "SUCCEEDED")
                    for other in (client, client if scope == "client" else self.client(journal=path, budget=budget)):
                        with self.assertRaises(t2i.PolicyError) as caught:
                            other.submit(PROMPT, ratio=RATIO)
                        self.assertEqual(caught.exception.status, "T2I_E_BUDGET")
                        self.assertEqual((other.stats()["spent"], other.stats()["over"]), (5000, False))
                    self.assertEqual(self.fake.ledger()["posts"], 1)

    def test_a_soft_budget_sends_and_says_so(self):
        client = self.client(journal=None, budget={"max_millicredits": 1, "mode": "soft"})
        task = self.ended(client.submit(PROMPT, ratio=RATIO))
        self.assertEqual((task.state, client.stats()["over"]), ("SUCCEEDED", True))
        self.assertIn("soft budget", task.json["warnings"][0]["message"])

    def test_a_journal_that_cannot_be(self):
        for path in ("/proc/tasks.sqlite", tempfile.gettempdir(), "x" * 600):
            with self.assertRaises(t2i.MachineError) as caught:
                self.client(journal=path)
            self.assertEqual(caught.exception.status, "T2I_E_JOURNAL")

    def test_none_is_no_journal_in_either_spelling(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, XDG_STATE_HOME=folder):
            for settings in ({"journal": None}, {"config": {"journal": None}}):
                with mock.patch.object(Library, "call", pumped_call):
                    t2i.Client("runway", api_key=self.fake.key, base_url=self.fake.url, **settings).close()
            self.assertEqual(os.listdir(folder), [])
            self.client().close()
            self.assertEqual(os.listdir(folder), ["t2i"])


if __name__ == "__main__":
    unittest.main()
