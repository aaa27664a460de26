"""How many connections a thousand tasks in flight have: a few for all looks and downloads, and one for each paid submit."""

import os
import threading
import time
import unittest

from support import PROMPT, Service

TASKS = 1000
WORK_MS = 8_000


class Sockets:
    """The most sockets this process had at once beside those it had before, looked at every few milliseconds."""

    def __enter__(self):
        self.before, self.most, self.over = self.count(), 0, threading.Event()
        self.looking = threading.Thread(target=self.look)
        self.looking.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.looking.join()

    def look(self):
        while not self.over.wait(0.003):
            self.most = max(self.most, self.count() - self.before)

    @staticmethod
    def count():
        found = 0
        for number in os.listdir("/proc/self/fd"):
            try:
                found += os.readlink(f"/proc/self/fd/{number}").startswith("socket:")
            except FileNotFoundError:
                pass  # It was closed meanwhile.
        return found


class Crowd(Service):
    journals = False

    def live(self, **settings):
        """Has them all in flight, waits for their end, and says how many sockets they had at once."""
        self.fake.reset(pendingMs=200, runningMs=WORK_MS)
        client = self.client(poll_floor_ms=500, **settings)
        with Sockets() as sockets:
            tasks = [client.submit(PROMPT, seed=number) for number in range(TASKS)]
            counts = client.stats()["tasks"]
            while counts.get("QUEUED", 0) + counts.get("SUBMITTING", 0):
                time.sleep(0.05)
                counts = client.stats()["tasks"]
            # A machine too slow for this does not have them in flight at once.
            self.assertGreater(counts.get("PENDING", 0) + counts.get("RUNNING", 0), TASKS * 9 // 10, counts)
            client.wait(tasks, timeout=180)
        ledger = self.fake.ledger()
        self.assertEqual({task.state for task in tasks}, {"SUCCEEDED"})
        self.assertEqual((ledger["posts"], len(ledger["charges"])), (TASKS, TASKS))
        opened = {host: seen["opened"] for host, seen in ledger["connections"].items()}
        self.assertEqual(client.stats()["connections"], sum(opened.values()))
        return sockets.most, opened


class OverHTTP1(Crowd):
    def test_sixteen_are_kept_beside_the_paid_ones(self):
        for max_submitting in (1, 4):
            with self.subTest(max_submitting=max_submitting):
                most, _ = self.live(max_submitting=max_submitting)
                self.assertLessEqual(most, 16 + max_submitting)


class OverHTTP2(Crowd):
    h2 = True

    def test_one_is_kept_beside_the_paid_ones(self):
        most, opened = self.live(tls=True, fetch="lazy")
        self.assertEqual(opened, {"api": 1 + TASKS})
        self.assertLessEqual(most, 1 + 4)


if __name__ == "__main__":
    unittest.main()
