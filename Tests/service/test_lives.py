"""A task's life at the service: states, ends, cancelling, leaving, and what a host reads of them."""

import time
import unittest

from support import LOOK, PROMPT, Service, t2i

# How a task that the service ended reaches a host, and whether it was charged.
FAILED = {
    "fails": ("T2I_E_FAILED", True, False), "fails-bad-output": ("T2I_E_FAILED", True, False),
    "fails-without-code": ("T2I_E_FAILED", True, False), "fails-moderated": ("T2I_E_MODERATED", False, True),
    "fails-output-moderated": ("T2I_E_MODERATED", False, True), "fails-asset": ("T2I_E_REJECTED", False, False),
    "fails-third-party": ("T2I_E_FAILED", True, False),
}


def until(true, seconds=10):
    give_up = time.monotonic() + seconds
    while not true() and time.monotonic() < give_up:
        time.sleep(0.005)
    return true()


class Lives(Service):
    def test_a_failure_says_what_to_do(self):
        for fault, (status, retryable, charged) in FAILED.items():
            with self.subTest(fault=fault):
                self.fake.reset()
                self.rule(fault)
                task = self.ended(self.client().submit(PROMPT))
                error = task.error
                self.assertEqual(
                    (task.state, error.status, error.retryable, error.may_have_spent),
                    ("FAILED", status, retryable, charged))
                self.assertLess(len(str(error)), 600)
                with self.assertRaises(t2i.T2IError):
                    task.output[0]

    def test_states_are_told_in_order_and_unknown_ones_are_waited_out(self):
        for fault, told in (
            ("throttled", ["PENDING", "THROTTLED", "RUNNING", "FETCHING", "SUCCEEDED"]),
            ("unknown-status", ["PENDING", "RUNNING", "FETCHING", "SUCCEEDED"]),
            ("backwards", ["RUNNING", "PENDING", "THROTTLED", "SUCCEEDED"]),
        ):
            with self.subTest(fault=fault):
                self.fake.reset()
                self.rule(fault)
                client = self.client()
                client.submit(PROMPT)
                seen = [event.state for event in client.events(timeout=10)]
                for state in told:
                    self.assertIn(state, seen)
                self.assertEqual(seen[-1], "SUCCEEDED")

    def test_the_service_may_cancel(self):
        self.rule("cancelled")
        task = self.ended(self.client().submit(PROMPT))
        self.assertEqual((task.state, task.error.status), ("CANCELLED", "T2I_E_CANCELLED"))

    def test_cancel_asks_first_and_then_deletes(self):
        self.rule("never-ends")
        client = self.client()
        task = client.submit(PROMPT)
        self.assertTrue(until(lambda: task.state == "RUNNING"))
        task.cancel()
        self.ended(task)
        self.assertEqual((task.state, task.error.may_have_spent), ("CANCELLED", True))
        self.assertIn("the work had begun", str(task.error))
        api = [seen["method"] for seen in self.fake.ledger()["requests"] if seen["path"].startswith("/v1/tasks/")]
        self.assertEqual(api[-2:], ["GET", "DELETE"])

    def test_a_cancel_that_comes_late_does_not_destroy_the_picture(self):
        self.fake.reset(pendingMs=0, runningMs=30)
        client = self.client(poll_floor_ms=300)
        task = client.submit(PROMPT)
        self.assertTrue(until(lambda: task.state == "PENDING"))
        time.sleep(0.1)
        task.cancel()
        self.ended(task)
        self.assertEqual(task.state, "SUCCEEDED")
        self.assertNotIn("DELETE", [seen["method"] for seen in self.fake.ledger()["requests"]])

    def test_a_lost_answer_to_a_cancel_is_asked_again(self):
        self.rule("never-ends")
        self.fake.scenario([{"on": "DELETE *", "times": 1, "fault": "reset"}])
        client = self.client()
        task = client.submit(PROMPT)
        self.assertTrue(until(lambda: task.state == "RUNNING"))
        task.cancel()
        self.ended(task)
        self.assertEqual(task.state, "CANCELLED")

    def test_what_is_left_goes_on_and_says_so(self):
        self.rule("never-ends", times=3)
        client = self.client()
        tasks = [client.submit(PROMPT), client.submit(PROMPT, deadline=0.6)]
        self.assertTrue(until(lambda: tasks[0].state == "RUNNING"))
        tasks[0].cancel(local=True)
        for task in tasks:
            self.ended(task)
            self.assertEqual(task.state, "DETACHED")
            self.assertIn("do not submit it again", str(task.error))
            self.assertTrue(task.json["token"].startswith("runway:"))
        self.assertNotIn("DELETE", [seen["method"] for seen in self.fake.ledger()["requests"]])

    def test_a_deadline_holds_though_nobody_answers(self):
        for fault in ("silence", "half-body-silence", "drip"):
            with self.subTest(fault=fault):
                self.fake.reset(runningMs=100)
                self.fake.scenario([{"on": LOOK, "times": 1000, "fault": fault}])
                client = self.client()
                began = time.monotonic()
                task = self.ended(client.submit(PROMPT, deadline=1))
                self.assertEqual(task.state, "DETACHED")
                self.assertLess(time.monotonic() - began, 1.25)

    def test_an_end_that_is_too_long_to_read_is_an_end(self):
        for pumped in (False, True):
            with self.subTest(pumped=pumped):
                self.fake.reset(pendingMs=0, runningMs=0)
                self.rule("failure-10mb")
                client = self.client(pumped=pumped, journal=None)
                before, began = peak(forget=True), time.monotonic()
                task = self.ended(client.submit(PROMPT, deadline=10))
                self.assertLess(time.monotonic() - began, 5)
                self.assertLess(peak() - before, 8 << 20)
                self.assertEqual(
                    (task.state, task.error.status, task.error.may_have_spent), ("FAILED", "T2I_E_PROTOCOL", True))
                looks = [seen for seen in self.fake.ledger()["requests"] if seen["method"] == "GET"]
                self.assertEqual(len(looks), 3)

    def test_closing_leaves_at_once_what_goes_on(self):
        self.rule("never-ends", times=5)
        client = self.client()
        tasks = [client.submit(PROMPT, seed=number) for number in range(5)]
        self.assertTrue(until(lambda: all(task.state == "RUNNING" for task in tasks)))
        self.fake.scenario([{"on": LOOK, "times": 1000, "fault": "silence"}])
        time.sleep(0.1)
        began = time.monotonic()
        client.close(timeout=5)
        self.assertLess(time.monotonic() - began, 0.5)

    def test_a_refused_key_names_the_variable_and_never_its_value(self):
        client = self.client(api_key="key_wrong")
        task = self.ended(client.submit(PROMPT))
        self.assertEqual((task.error.status, task.error.may_have_spent), ("T2I_E_AUTH", False))
        self.assertIn("RUNWAYML_API_SECRET", str(task.error))
        self.assertNotIn("key_wrong", str(task.json) + str(task.error))
        self.assertEqual(client.stats()["auth"], "refused")

    def test_no_answer_makes_the_process_grow(self):
        for fault in ("failure-10mb", "deep-json", "html", "picture-huge"):
            with self.subTest(fault=fault):
                self.fake.reset(runningMs=50)
                if fault == "failure-10mb":
                    self.rule(fault)
                elif fault == "picture-huge":
                    self.fake.scenario([{"on": "GET *", "host": "cdn", "times": 1, "fault": fault}])
                else:
                    self.fake.scenario([{"on": LOOK, "times": 2, "fault": fault}])
                client = self.client(max_output_bytes=1 << 20, timeout_ms=2000)
                before = peak(forget=True)
                task = client.submit(PROMPT, deadline=4)
                self.ended(task)
                if fault != "picture-huge":
                    self.assertLess(peak() - before, 8 << 20)

    def test_the_account(self):
        account = self.client().account()
        self.assertEqual(account["organization"]["creditBalance"], self.fake.ledger()["creditBalance"])
        self.assertIn("results", account["usage"])
        with self.assertRaises(t2i.ServiceError) as refused:
            self.client(api_key="key_wrong").account()
        self.assertEqual(refused.exception.status, "T2I_E_AUTH")
        with t2i.Client(provider="sketch") as sketch, self.assertRaises(t2i.InvalidRequest) as refused:
            sketch.account()
        self.assertEqual(refused.exception.status, "T2I_E_UNSUPPORTED")


def peak(forget=False):
    """The most memory this process held since it last forgot, in bytes."""
    if forget:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as references:
            references.write("5")
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))


if __name__ == "__main__":
    unittest.main()
