"""Every scripted fault does on the wire what its name says, and the ledger knows whether it was paid for."""

import json
import socket
import ssl
import time
import unittest

from fake import FakeRunway
from plain import GOOD, SUBMIT, WHOLE_SECONDS, Client, Shown, exchange
from scenarios import ANSWERS, LIVES, LOST, OUTPUTS, PROXY, SCENARIOS, STATUSES

POST = "POST " + SUBMIT
# After which a test believes that nothing more will come.
SILENT_SECONDS = 0.6
# How a client sees the connection end, and what it has read by then, for each way to lose an answer.
ENDS = {
    "reset": ("reset", b""), "close": ("close", b""), "silence": ("silence", b""),
    "reset-at-accept": ("reset", b""), "close-at-accept": ("close", b""), "silence-at-accept": ("silence", b""),
    "close-before-body": ("close", b""),
    "reset-before-body": ("reset", b""), "reset-in-body": ("reset", b""), "reset-uncharged": ("reset", b""),
    "close-uncharged": ("close", b""), "silence-uncharged": ("silence", b""),
    "half-head": ("close", b"HTTP/1.1 200 OK"), "half-head-silence": ("silence", b"HTTP/1.1 200 OK"),
    "half-body": ("close", b'{"id":"'), "half-body-silence": ("silence", b'{"id":"'),
    "half-head-reset": ("reset", None), "half-body-reset": ("reset", None),
    "half-head-uncharged": ("close", b"Content-Ty"), "100-then-close": ("close", b"100 Continue"),
    "103-then-close": ("close", b"103 Early Hints"), "100-then-answer": ("close", b"200 OK"),
    "103-then-answer": ("close", b"200 OK"), "slow": ("silence", b""),
    "length-longer": ("close", b"estimatedCost"), "length-shorter": ("close", b"estimatedCost"),
    "chunked-garbage": ("close", b"zz\r\n"), "not-http": ("close", b"SSH-2.0")}
UNCHARGED = {
    "reset-at-accept", "close-at-accept", "silence-at-accept", "close-before-body", "reset-before-body",
    "reset-in-body", "reset-uncharged", "close-uncharged", "silence-uncharged", "half-head-uncharged"}
NOT_SEEN = {"reset-at-accept", "close-at-accept", "silence-at-accept"}


class FaultTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fake = FakeRunway()

    @classmethod
    def tearDownClass(cls):
        cls.fake.close()

    def setUp(self):
        self.fake.reset()
        self.client = Client(self.fake)

    def script(self, fault, on=POST, **other):
        rule = {"fault": fault, **other}
        if "at-accept" not in str(fault):
            rule["on"] = on
        self.fake.scenario([rule])

    def test_everyNameIsTriedHere(self):
        self.assertEqual(set(ENDS) | {"drip"}, set(LOST))
        groups = (LOST, STATUSES, ANSWERS, LIVES, OUTPUTS, PROXY)
        self.assertEqual(set(SCENARIOS), set().union(*groups))
        self.assertEqual(len(SCENARIOS), sum(map(len, groups)))

    def test_aLostAnswerIsLostAsItsNameSays(self):
        for name, (end, seen) in ENDS.items():
            with self.subTest(name):
                self.fake.reset()
                self.script(name)
                got, how = self.client.raw(patience=SILENT_SECONDS if end == "silence" else WHOLE_SECONDS)
                self.assertEqual(how, end)
                self.assertTrue(got == b"" if seen == b"" else seen is None or seen in got, got)
                ledger = self.fake.ledger()
                self.assertEqual(ledger["posts"], 0 if name in NOT_SEEN else 1)
                self.assertEqual(len(ledger["charges"]), 0 if name in UNCHARGED else 1)
                self.assertEqual((ledger["faults"], ledger["rulesLeft"]), ({name: 1}, []))

    def test_aDripComesByteByByte(self):
        self.script({"do": "drip", "ms": 2})
        begun = time.monotonic()
        seen, how = self.client.raw()
        self.assertGreater(time.monotonic() - begun, 0.002 * len(seen))
        self.assertEqual((how, len(self.fake.ledger()["charges"])), ("close", 1))
        self.assertIn(b"estimatedCost", seen)

    def test_answersAreLostOverTlsToo(self):
        for name in ("reset", "close", "silence", "half-body", "half-head", "reset-at-accept"):
            with self.subTest(name):
                self.fake.reset()
                self.script(name)
                patience = SILENT_SECONDS if name == "silence" else WHOLE_SECONDS
                self.assertEqual(Client(self.fake, True).raw(patience=patience)[1], ENDS[name][0])
                self.assertEqual(len(self.fake.ledger()["charges"]), 0 if name in UNCHARGED else 1)

    def test_aCertificateOfAnotherCaIsRefused(self):
        stranger = Client(self.fake, True)
        stranger.tls = ssl.create_default_context()
        with self.assertRaises(ssl.SSLCertVerificationError):
            stranger.ask("GET", "/v1/organization")

    def test_aLengthLies(self):
        for name, more in (("length-longer", 20), ("length-shorter", -20)):
            self.script(name)
            head, _, body = self.client.raw()[0].partition(b"\r\n\r\n")
            self.assertIn(f"Content-Length: {len(body) + more}".encode(), head)

    def test_a417CanComeBeforeTheBody(self):
        """The client asks leave with Expect, and is refused with nothing of the body sent."""
        self.script("417", after="head")
        host, port = self.fake.url.partition("://")[2].split(":")
        head = f"POST {SUBMIT} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 80\r\n\r\n"
        with socket.create_connection((host, int(port)), WHOLE_SECONDS) as sock:
            seen, how = exchange(sock, head.encode())
        self.assertTrue(seen.startswith(b"HTTP/1.1 417 "))
        self.assertEqual((how, self.fake.ledger()["posts"]), ("close", 1))

    def test_aHalfPaidPostCountsAsSeen(self):
        for text in (POST + " HTTP/1.1\r\nHost: x\r\nContent-Le", POST + " HT"):
            self.fake.reset()
            with socket.create_connection(("127.0.0.1", int(self.fake.url.rpartition(":")[2])), 5) as sock:
                sock.sendall(text.encode())
            until = time.monotonic() + 2
            while self.fake.ledger()["posts"] == 0 and time.monotonic() < until:
                time.sleep(0.01)
            ledger = self.fake.ledger()
            self.assertEqual((ledger["posts"], ledger["charges"]), (1, []))

    def test_everyStatusIsAnsweredAndChargedAsItsNameSays(self):
        for name, facts in STATUSES.items():
            with self.subTest(name):
                self.fake.reset()
                self.script(name)
                seen, _ = self.client.raw()
                self.assertTrue(seen.startswith(f"HTTP/1.1 {facts['status']} ".encode()), seen[:80])
                for header, value in facts["headers"].items():
                    wanted = value.replace("{self}", self.fake.url + SUBMIT).replace("{cdn}", self.fake.cdn)
                    self.assertIn(f"\r\n{header}: {wanted}\r\n".encode(), seen)
                self.assertEqual(len(self.fake.ledger()["charges"]), int(name.endswith("-charged")))

    def test_everyAnswerThatIsWrongIsWrong(self):
        submits = {"missing-id": "id", "wrong-id": 7, "id-with-path": "../organization", "estimate-1e308": 1e308}
        for name in ANSWERS:
            if name in submits or ANSWERS[name]["do"] == "answer":
                self.fake.reset()
                self.script(name)
                seen, _ = self.client.raw()
                body = seen.partition(b"\r\n\r\n")[2]
                if name not in submits:
                    whole = name in ("json-array", "json-null")
                    self.assertEqual(whole, self.valid(body), name)
                elif name == "missing-id":
                    self.assertEqual(set(json.loads(body)), {"estimatedCost"})
                else:
                    value = json.loads(body)
                    self.assertIn(submits[name], (value["id"], value["estimatedCost"]["credits"]))

    def valid(self, body):
        try:
            json.loads(body)
            return True
        except (ValueError, RecursionError):
            return False

    def test_looksCanLie(self):
        task = self.client.submit()
        for name, key, value in (
            ("progress-1e308", "progress", 1e308), ("progress-negative", "progress", -1), ("wrong-types", "status", 5)):
            self.script(name, "GET /v1/tasks/*")
            self.assertEqual(self.client.look(task)[key], value)
        self.script("missing-status", "GET /v1/tasks/*")
        self.assertNotIn("status", self.client.look(task))
        self.assertEqual(self.client.end(task)["status"], "SUCCEEDED")

    def fated(self, name):
        self.fake.reset(pendingMs=0, runningMs=0)
        self.script(name)
        return self.client.end(self.client.submit())

    def test_endsAreAsScripted(self):
        self.assertEqual(self.fated("output-empty")["output"], [])
        self.assertIsNone(self.fated("output-null")["output"])
        self.assertEqual(self.fated("output-numbers")["output"], [1, 2])
        self.assertEqual(self.fated("cost-1e308")["cost"], {"credits": 1e308})
        self.assertEqual(len(self.fated("failure-10mb")["failure"]), 10_000_000)
        self.assertEqual(self.fated("cancelled")["status"], "CANCELLED")
        self.assertEqual(self.fated("costs-more")["cost"], {"credits": 50})
        for name in (name for name in LIVES if name.startswith("fails")):
            view, code = self.fated(name), LIVES[name]["failureCode"]
            self.assertEqual((view["status"], view.get("failureCode")), ("FAILED", code))
            charged = bool(code) and code.startswith("SAFETY.")
            self.assertEqual(self.fake.ledger()["refunded"], 0 if charged else 5, name)

    def test_statusesFollowTheScriptLookByLook(self):
        for name in ("unknown-status", "backwards", "throttled", "unknown-for-ever"):
            self.fake.reset()
            self.script(name)
            task, script = self.client.submit(), LIVES[name]["statuses"][:6]
            self.assertEqual([self.client.look(task)["status"] for _ in script], script)
        self.script("never-ends")
        task = self.client.submit()
        time.sleep(0.5)
        self.assertEqual(self.client.look(task)["status"], "RUNNING")

    def test_expiredLinksLiveAgainWhenTheTaskIsRead(self):
        for code in (403, 404, 410):
            self.fake.reset(pendingMs=0, runningMs=0)
            self.script(f"expired-{code}")
            task = self.client.submit()
            self.assertEqual(self.client.fetch(self.client.end(task)["output"][0])[0], code)
            self.assertEqual(self.client.fetch(self.client.look(task)["output"][0])[0], 200)
        self.script("expired-always")
        task = self.client.submit()
        self.client.end(task)
        self.assertEqual(self.client.fetch(self.client.look(task)["output"][0])[0], 403)

    def test_linksThatLieAreTold(self):
        for name in (name for name in OUTPUTS if name.startswith("output")):
            told = self.fated(name)["output"][0]
            self.assertNotRegex(told, r"\{\w+\}")
            start = OUTPUTS[name]["output"][0].partition("{")[0]
            self.assertTrue(told.startswith(start), told)

    def test_aLieWouldReallyGiveAPicture(self):
        """Or a client that asks for it would be refused by chance."""
        self.reaches("output-decimal", "127.0.0.1")
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(("::1", 0))
        except OSError:
            self.skipTest("this machine has no IPv6 loopback")
        self.reaches("output-v6-loopback", "::1")

    def reaches(self, name, address):
        path = "/" + self.fated(name)["output"][0].partition("://")[2].partition("/")[2]
        with socket.create_connection((address, int(self.fake.cdn.rpartition(":")[2])), WHOLE_SECONDS) as sock:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            self.assertTrue(sock.recv(4096).startswith(b"HTTP/1.1 200"))

    def test_picturesThatLieAreServed(self):
        url = self.fated("costs-more")["output"][0]
        path = "/" + url.partition("://")[2].partition("/")[2]
        starts = {
            "picture-empty": b"", "picture-html": b"<html", "picture-gif": b"GIF89a", "picture-svg": b"<svg",
            "picture-wrong-magic": b"not a picture", "picture-truncated": b"\x89PNG"}
        for name, start in starts.items():
            self.script(name, "GET *", host="cdn")
            seen, how = self.client.raw("GET", path, base=self.fake.cdn)
            body = seen.partition(b"\r\n\r\n")[2]
            self.assertTrue(body.startswith(start) and bool(body) == bool(start), name)
            self.assertEqual(how, "close")
        self.script("picture-huge", "GET *", host="cdn")
        with socket.create_connection(("127.0.0.1", int(self.fake.cdn.rpartition(":")[2])), 5) as sock:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            self.assertIn(f"Content-Length: {1 << 30}".encode(), sock.recv(4096))

    def test_aDeleteWhoseAnswerIsLostHasDeleted(self):
        task = self.client.submit()
        self.script("reset", "DELETE *")
        self.assertEqual(self.client.raw("DELETE", "/v1/tasks/" + task)[1], "reset")
        self.assertEqual(self.client.ask("DELETE", "/v1/tasks/" + task)[0], 404)

    def test_rulesAreTakenInOrderAndRunOut(self):
        self.fake.scenario([{"on": POST, "times": 2, "fault": "429"}, {"on": POST, "fault": "503"}])
        self.assertEqual([self.client.ask("POST", SUBMIT, GOOD)[0] for _ in range(4)], [429, 429, 503, 200])

    def test_aResetAtAByteIsExact(self):
        self.script({"do": "cut", "at": 37, "then": "close"})
        self.assertEqual(len(self.client.raw()[0]), 37)

    def test_aWrongRuleIsRefusedWithASentence(self):
        for rule, word in (
            ({"fault": "rest"}, "no scenario"), ({"fault": {"do": "explode"}}, '"do" must be'),
            ({"fault": {"do": "cut", "byte": 1}}, "cut has no byte"), ({"fault": "reset", "host": "x"}, "host:"),
            ({"fault": "reset", "times": 0}, "times:"), ({"fault": "reset", "after": "lunch"}, "after:"),
            ({"fault": "drip", "after": "head"}, "true answer"), ({"fault": "reset", "when": 1}, "a rule has"),
            ({"fault": "reset-at-accept", "on": POST}, "accept")):
            with self.assertRaisesRegex(ValueError, word):
                self.fake.scenario([rule])
        with self.assertRaisesRegex(ValueError, "no setting speed"):
            self.fake.reset(speed=1)
        self.assertEqual(self.fake.ledger()["rulesLeft"], [])


class ProxyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fake = FakeRunway()

    @classmethod
    def tearDownClass(cls):
        cls.fake.close()

    def through(self, *faults):
        """One submit through the proxy over TLS: the first line of the API's answer, or how it ended before."""
        self.fake.reset()
        self.fake.scenario([{"on": "CONNECT *", "host": "proxy", "fault": fault} for fault in faults])
        client, target = Client(self.fake, True), self.fake.tls_url.partition("://")[2]
        head = f"POST {SUBMIT} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(json.dumps(GOOD))}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in client.headers.items())
        with socket.create_connection(("127.0.0.1", int(self.fake.proxy.rpartition(":")[2])), 5) as sock:
            sock.settimeout(WHOLE_SECONDS)
            sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
            try:
                first = sock.recv(4096)
                if b" 200 " not in first:
                    return first.partition(b"\r\n")[0].decode() or "close"
                seen, how = exchange(Shown(sock, client.tls), f"{head}\r\n{json.dumps(GOOD)}".encode())
                return seen.partition(b"\r\n")[0].decode() or how
            except ConnectionResetError:
                return "reset"

    def test_itCarriesATunnel(self):
        self.assertEqual(self.through(), "HTTP/1.1 200 OK")
        ledger = self.fake.ledger()
        self.assertEqual((ledger["posts"], ledger["connections"]["proxy"]["opened"]), (1, 1))

    def test_itLeadsNowhereElse(self):
        self.fake.reset()
        with socket.create_connection(("127.0.0.1", int(self.fake.proxy.rpartition(":")[2])), 5) as sock:
            sock.sendall(b"CONNECT example.com:443 HTTP/1.1\r\n\r\n")
            self.assertTrue(sock.recv(100).startswith(b"HTTP/1.1 502"))
        self.assertEqual(self.fake.ledger()["requests"][0]["path"], "example.com:443")

    def test_itRefusesOrDies(self):
        ends = {
            "proxy-403": "HTTP/1.1 403 Forbidden", "proxy-407": "HTTP/1.1 407 Proxy Authentication Required",
            "proxy-502": "HTTP/1.1 502 Bad Gateway", "proxy-dies-before": "close", "proxy-dies-after": "reset",
            "proxy-dies-in-handshake": "reset", "proxy-dies-in-answer": "reset"}
        self.assertEqual(set(ends), set(PROXY))
        for name, end in ends.items():
            with self.subTest(name):
                self.assertEqual(self.through(name), end)
                ledger = self.fake.ledger()
                self.assertEqual((len(ledger["charges"]), ledger["faults"]), (int("answer" in name), {name: 1}))
