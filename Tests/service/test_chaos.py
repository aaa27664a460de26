"""Everything breaks at random, by a seed: whatever happens, no intent is charged twice, and no end denies a charge.

CHAOS_SEED=n lives through one more; CHAOS_TASKS says how many tasks each run has.
"""

import os
import random
import threading
import time
import unittest

from support import LOOK, PROMPT, SUBMIT, Service

SEEDS = [int(os.environ["CHAOS_SEED"])] if "CHAOS_SEED" in os.environ else [1, 2]
TASKS = int(os.environ.get("CHAOS_TASKS", "60"))

ON_SUBMIT = [
    "reset", "close", "reset-uncharged", "close-uncharged", "half-body", "half-head", "100-then-close", "429", "503",
    "429-retry-after-ms", "500", "502-gateway", "503-gateway-charged", "504-charged", "html-charged", "missing-id",
    "400", "422", "out-of-credits", "reset-in-body", "close-before-body", "307-to-self", "fails", "fails-moderated",
    "cancelled", "throttled", "unknown-status", "expired-403", "costs-more",
]
ON_LOOK = ["500", "reset", "half-body", "html", "broken-json", "502-gateway", "wrong-types", "close", "429", "404"]
ON_PICTURE = ["500", "reset", "half-body", "403", "404", "picture-wrong-magic", "302-to-self", "picture-empty"]


class Chaos(Service):
    def live(self, seed, pumped):
        dice = random.Random(seed)
        self.fake.reset(pendingMs=30, runningMs=60)
        rules = [{"on": SUBMIT, "fault": dice.choice(ON_SUBMIT)} for _ in range(TASKS // 2)]
        rules += [{"on": SUBMIT, "fault": {"do": "delay", "ms": 1}} for _ in range(TASKS // 2)]
        dice.shuffle(rules)
        rules += [{"on": LOOK, "fault": dice.choice(ON_LOOK)} for _ in range(TASKS)]
        rules += [{"on": "GET *", "host": "cdn", "fault": dice.choice(ON_PICTURE)} for _ in range(TASKS // 3)]
        rules += [{"on": "DELETE *", "fault": dice.choice(["reset", "500", "close"])} for _ in range(3)]
        self.fake.scenario(rules)
        client = self.client(pumped=pumped, max_submitting=8, timeout_ms=3000)
        tasks, lock = [], threading.Lock()

        def host(number):
            own = random.Random(seed * 100 + number)
            for _ in range(TASKS // 4):
                task = client.submit(PROMPT, seed=own.randrange(1 << 30), deadline=own.choice([None, None, 20]))
                with lock:
                    tasks.append(task)
                time.sleep(own.random() * 0.02)
                if own.random() < 0.15:
                    task.cancel(local=own.random() < 0.5)

        threads = [threading.Thread(target=host, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        client.wait(tasks, timeout=90)
        return tasks

    def hold(self, tasks):
        ledger = self.fake.ledger()
        charges = {}
        for charge in ledger["charges"]:
            charges.setdefault(charge["idempotencyKey"], []).append(charge["task"])
        for key, charged in charges.items():
            self.assertEqual(len(charged), 1, f"intent {key} was charged {len(charged)} times")
        self.assertLessEqual(len(ledger["postsByIdempotencyKey"]), len(tasks))
        by_id = {charge["task"] for charge in ledger["charges"]}
        known = 0
        for task in tasks:
            token = task.json.get("token", "").replace("runway:", "")
            known += token in by_id
            if task.state == "SUCCEEDED":
                self.assertIn(token, by_id)
            if task.state in ("DETACHED",):
                self.assertTrue(token, "what goes on must be found again")
        # A charge nobody knows the id of must be one that a host was warned of.
        warned = sum(task.state == "AMBIGUOUS" for task in tasks)
        self.assertLessEqual(len(by_id) - known, warned)
        self.keeps_the_key()

    def test_no_intent_is_charged_twice_and_no_charge_is_denied(self):
        for seed in SEEDS:
            for pumped in (False, True):
                with self.subTest(seed=seed, pumped=pumped):
                    self.hold(self.live(seed, pumped))


if __name__ == "__main__":
    unittest.main()
