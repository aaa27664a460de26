"""One submit, one charge: whatever happens to the answer, one POST is on the wire, and the money is not denied."""

import time
import unittest

from support import LOOK, PROMPT, SUBMIT, Service

# The request was handed over, and what came back says nothing for sure: never sent again.
LOST = [
    "reset", "close", "silence", "close-before-body", "reset-before-body", "reset-in-body", "reset-uncharged",
    "close-uncharged", "silence-uncharged", "half-head", "half-body", "half-head-silence", "half-body-silence",
    "half-head-reset", "half-body-reset", "half-head-uncharged", "100-then-close", "103-then-close", "length-longer",
    "chunked-garbage", "not-http", "408", "409", "425", "500", "501", "502", "504", "417", "408-charged", "409-charged",
    "500-charged", "502-charged", "504-charged", "502-gateway", "503-gateway", "504-gateway", "503-gateway-json",
    "503-gateway-charged", "500-should-retry", "html", "html-charged", "broken-json", "empty-200", "json-array",
    "json-null", "deep-json", "missing-id", "wrong-id", "id-with-path", "301-to-self", "302-to-self", "303-to-self",
    "307-to-self", "308-to-self", "302-without-location",
]

# The service said no, and that is the end: the status by which a host knows why.
REFUSED = {
    "400": "T2I_E_REJECTED", "401": "T2I_E_AUTH", "402": "T2I_E_CREDITS", "403": "T2I_E_AUTH",
    "out-of-credits": "T2I_E_CREDITS", "429-daily": "T2I_E_QUOTA", "422": "T2I_E_REJECTED",
}

# The service said "not now": the submit is asked again, and again one charge is made.
LATER = ["429", "429-retry-after-ms", "429-gateway", "503", "429-retry-after-date"]


class Money(Service):
    def lose(self, fault, **how):
        with self.subTest(fault=fault, **how):
            self.fake.reset()
            self.rule(fault)
            client = self.client(timeout_ms=400, **how)
            task = self.ended(client.submit(PROMPT))
            ledger = self.fake.ledger()
            self.assertEqual(ledger["posts"], 1, "POSTs on the wire")
            self.assertEqual(sum(ledger["faults"].values()), 1, "the fault was played")
            self.assertEqual(task.state, "AMBIGUOUS")
            self.assertTrue(task.error.may_have_spent)
            self.assertIn("not sent again", str(task.error))
            self.assertLessEqual(len(ledger["charges"]), 1)
            self.assertEqual(client.stats()["ambiguous"], 1)
            # What is held for it is not given back: nobody knows.
            self.assertGreater(task.json["reserved"], 0)
            client.close()

    def test_a_lost_answer_is_never_asked_for_again(self):
        for fault in LOST:
            self.lose(fault)

    def test_nor_by_a_host_that_pumps(self):
        for fault in LOST:
            self.lose(fault, pumped=True)

    def test_nor_over_tls(self):
        for fault in LOST[::4] + ["417", "reset", "silence"]:
            self.lose(fault, tls=True)

    def test_an_answer_cut_short_that_says_enough_is_not_trusted(self):
        # The announced length is not the true one: whether this is the whole answer, nobody can say.
        self.rule("length-shorter")
        task = self.ended(self.client(timeout_ms=400).submit(PROMPT))
        self.assertEqual(self.fake.ledger()["posts"], 1)
        self.assertEqual(task.state, "AMBIGUOUS")

    def test_news_before_the_answer_is_no_answer(self):
        for fault in ("100-then-answer", "103-then-answer"):
            self.fake.reset()
            self.rule(fault)
            task = self.ended(self.client().submit(PROMPT))
            self.assertEqual((task.state, self.fake.ledger()["posts"]), ("SUCCEEDED", 1), fault)

    def test_a_refusal_ends_it_and_frees_the_money(self):
        for fault, status in REFUSED.items():
            with self.subTest(fault=fault):
                self.fake.reset()
                self.rule(fault)
                task = self.ended(self.client().submit(PROMPT))
                ledger = self.fake.ledger()
                self.assertEqual((task.state, task.error.status, ledger["posts"]), ("FAILED", status, 1))
                self.assertFalse(task.error.may_have_spent)
                self.assertFalse(task.error.retryable)
                self.assertEqual(task.json["reserved"], 0)
                self.assertEqual(ledger["charges"], [])

    def test_not_now_is_asked_again_and_charged_once(self):
        for fault in LATER:
            with self.subTest(fault=fault):
                self.fake.reset()
                self.rule(fault)
                task = self.ended(self.client().submit(PROMPT))
                ledger = self.fake.ledger()
                self.assertEqual((task.state, ledger["posts"], len(ledger["charges"])), ("SUCCEEDED", 2, 1))
                self.assertEqual(len(ledger["postsByIdempotencyKey"]), 1, "one intent, one key")

    def test_what_never_left_is_sent_again(self):
        # Nobody listens: not one byte of the request can have been read.
        client = self.client(base_url="http://127.0.0.1:9", timeout_ms=400)
        task = client.submit(PROMPT, deadline=1.5)
        self.ended(task)
        self.assertEqual((task.state, task.error.status), ("FAILED", "T2I_E_DEADLINE"))
        self.assertFalse(task.error.may_have_spent)

    def through_proxy(self, fault):
        """A task submitted through a proxy that plays the fault once. A literal loopback address would go past it."""
        self.fake.reset()
        self.fake.scenario([{"on": "CONNECT *", "host": "proxy", "times": 1, "fault": fault}])
        named = self.fake.tls_url.replace("127.0.0.1", "localhost")
        client = self.client(tls=True, base_url=named, proxy=self.fake.proxy, poll_floor_ms=5000, journal=None)
        task = client.submit(PROMPT)
        give_up = time.monotonic() + 10
        while task.state in ("QUEUED", "SUBMITTING") and time.monotonic() < give_up:
            time.sleep(0.01)
        self.assertEqual(self.fake.ledger()["faults"], {fault: 1}, "the fault was played")
        return task

    def test_a_proxy_that_refuses_or_dies_before_the_request_cost_nothing(self):
        for fault in ("proxy-403", "proxy-407", "proxy-502", "proxy-dies-before", "proxy-dies-after",
                      "proxy-dies-in-handshake"):
            with self.subTest(fault=fault):
                task = self.through_proxy(fault)
                ledger = self.fake.ledger()
                self.assertEqual((task.state, ledger["posts"], len(ledger["charges"])), ("PENDING", 1, 1))

    def test_a_proxy_that_dies_with_the_answer_is_not_asked_again(self):
        task = self.through_proxy("proxy-dies-in-answer")
        self.assertEqual((task.state, self.fake.ledger()["posts"]), ("AMBIGUOUS", 1))

    def test_a_kept_connection_is_never_used_to_pay(self):
        client = self.client()
        for _ in range(5):
            self.ended(client.submit(PROMPT))
        posts = [seen for seen in self.fake.ledger()["requests"] if f"{seen['method']} {seen['path']}" == SUBMIT]
        self.assertEqual(len({seen["connection"] for seen in posts}), 5)
        self.assertEqual({seen["version"] for seen in posts}, {"HTTP/1.1"})

    def test_many_at_once_are_each_charged_once(self):
        client = self.client(max_submitting=8)
        tasks = [client.submit(PROMPT, seed=number) for number in range(40)]
        client.wait(tasks, timeout=60)
        ledger = self.fake.ledger()
        self.assertEqual({task.state for task in tasks}, {"SUCCEEDED"})
        self.assertEqual((ledger["posts"], len(ledger["charges"])), (40, 40))
        self.assertEqual(client.stats()["spent"], sum(charge["credits"] for charge in ledger["charges"]) * 1000)

    def test_closing_waits_for_the_answer_to_a_submit_and_leaves_the_rest(self):
        self.rule("slow")
        client = self.client()
        task = client.submit(PROMPT)
        while task.state == "QUEUED":
            pass
        client.close(timeout=10)
        ledger = self.fake.ledger()
        self.assertEqual((ledger["posts"], len(ledger["charges"])), (1, 1))

    def test_a_look_that_fails_is_no_end(self):
        for fault in ("500", "502-gateway", "html", "broken-json", "reset", "half-body", "wrong-types", "404",
                      "missing-status", "progress-1e308", "progress-negative", "302-to-private", "deep-json"):
            with self.subTest(fault=fault):
                self.fake.reset()
                self.fake.scenario([{"on": LOOK, "times": 1, "fault": fault}])
                client = self.client()
                task = client.submit(PROMPT)
                self.ended(task)
                self.assertEqual((task.state, self.fake.ledger()["posts"]), ("SUCCEEDED", 1))

    def test_a_key_that_is_refused_slows_the_looks_to_one_a_minute(self):
        self.rule("401", on=LOOK)
        client = self.client(journal=None)
        task = client.submit(PROMPT)
        give_up = time.monotonic() + 5
        while client.stats()["auth"] != "refused" and time.monotonic() < give_up:
            time.sleep(0.01)
        time.sleep(0.5)
        looks = [seen for seen in self.fake.ledger()["requests"] if seen["method"] == "GET"]
        self.assertEqual((len(looks), task.done), (1, False))


class MoneyOverH2(Service):
    """A server that offers HTTP/2: looks take it, the paid POST never does."""

    h2 = True

    def test_the_paid_post_stays_on_http_1(self):
        client = self.client(tls=True)
        tasks = [client.submit(PROMPT, seed=number) for number in range(4)]
        client.wait(tasks, timeout=20)
        self.assertEqual({task.state for task in tasks}, {"SUCCEEDED"})
        api = [seen for seen in self.fake.ledger()["requests"] if seen["host"] == "api"]
        self.assertEqual({seen["version"] for seen in api if seen["method"] == "POST"}, {"HTTP/1.1"})
        self.assertEqual({seen["version"] for seen in api if seen["method"] == "GET"}, {"HTTP/2"})
        self.assertEqual(len({seen["connection"] for seen in api if seen["method"] == "GET"}), 1)

    def test_a_lost_answer_is_never_asked_for_again(self):
        for fault in ("reset", "close", "silence", "500", "417"):
            with self.subTest(fault=fault):
                self.fake.reset()
                self.rule(fault)
                task = self.ended(self.client(tls=True, timeout_ms=400).submit(PROMPT))
                self.assertEqual((task.state, self.fake.ledger()["posts"]), ("AMBIGUOUS", 1))


if __name__ == "__main__":
    unittest.main()
