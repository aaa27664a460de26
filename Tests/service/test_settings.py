"""What may change while a client is open: a key that was refused or has expired, and what later processes make of it."""

import json
import unittest

from support import PROMPT, t2i
from test_lives import until
from test_recover import Processes

ROTATED = "key_" + "b" * 128
# Changes its key in the middle of its task, submits another under the new one, and waits for its end, kill -9.
ROTATING = """
import json, sys, time, t2i
client = t2i.Client(config=json.loads(sys.argv[1]))
first = client.submit("first", ratio="1280:720", dedupe_key="first")
while first.state != "RUNNING":
    time.sleep(0.002)
print("running", flush=True)
sys.stdin.readline()
client.set(api_key=sys.argv[2])
second = client.submit("second", ratio="1280:720", dedupe_key="second")
while second.state != "RUNNING":
    time.sleep(0.002)
print(first.token, second.token, flush=True)
time.sleep(600)
"""


class NewKey(Processes):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.fake.rotate, self.fake.key)

    def test_it_heals_a_client_whose_key_was_refused(self):
        for pumped in (False, True):
            with self.subTest(pumped=pumped):
                self.fake.rotate(self.fake.key)
                self.fake.reset(runningMs=300)
                old = self.fake.key
                client = self.client(pumped=pumped)
                task = client.submit(PROMPT)
                until(lambda: task.state == "RUNNING")
                self.fake.rotate(ROTATED)
                until(lambda: client.stats()["auth"] == "refused")
                client.set(api_key=ROTATED)
                # Without the change the next look would come after a minute.
                self.ended(task, timeout=10)
                self.assertEqual((task.state, client.stats()["auth"]), ("SUCCEEDED", "accepted"))
                self.assertEqual(self.ended(client.submit(PROMPT)).state, "SUCCEEDED")
                self.assertEqual(self.fake.ledger()["posts"], 2)
                self.fake.rotate(old)

    def test_a_key_that_cannot_be_one_changes_nothing(self):
        client = self.client()
        with self.assertRaises(t2i.ServiceError):
            client.set(api_key="two words", max_concurrent=2)
        self.assertEqual(self.ended(client.submit(PROMPT)).state, "SUCCEEDED")

    def test_the_next_process_finds_under_the_new_key_what_was_paid_for_under_both(self):
        self.fake.reset(runningMs=1500)
        old = self.fake.key
        config = {"provider": "runway", "apiKey": old, "baseUrl": self.fake.url, "pollFloorMs": 20}
        process, said = self.process(ROTATING, json.dumps(config), ROTATED)
        self.assertEqual(said, "running")
        self.fake.rotate(ROTATED)
        process.stdin.write(b"\n")
        process.stdin.flush()
        tokens = process.stdout.readline().decode().split()
        process.kill()
        process.wait()
        client = self.client(budget={"maxMillicredits": 1_000_000, "scope": "journal"})
        self.assertEqual(client.recoverable, 2)
        # A key of a task is known whichever key of the account asked first.
        again = client.submit("first", ratio="1280:720", dedupe_key="first")
        tasks = [again, *client.recover()]
        for task in tasks:
            self.assertEqual(self.ended(task).state, "SUCCEEDED")
        self.assertEqual(sorted(task.token for task in tasks), sorted(tokens))
        self.assertEqual(self.fake.ledger()["posts"], 2)
        self.assertEqual(client.stats()["spent"], sum(task.json["spent"] for task in tasks))
        self.fake.rotate(old)

    def test_a_key_the_journal_knows_as_anothers_is_refused(self):
        old = self.fake.key
        self.fake.rotate(ROTATED)
        other = self.client()
        self.ended(other.submit(PROMPT))
        self.fake.rotate(old)
        client = self.client()
        with self.assertRaises(t2i.T2IError) as refused:
            client.set(api_key=ROTATED)
        self.assertEqual((refused.exception.status, refused.exception.where), ("T2I_E_STATE", "/apiKey"))
        self.assertEqual(self.ended(client.submit(PROMPT)).state, "SUCCEEDED")


if __name__ == "__main__":
    unittest.main()
