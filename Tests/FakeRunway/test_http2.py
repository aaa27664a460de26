"""A server that offers h2: it speaks it, loses answers on it, and still speaks HTTP/1.1 with who asks for that."""

import json
import os
import subprocess
import unittest

from fake import FakeRunway
from plain import GOOD, SUBMIT, Client
from test_sdk import HERE, PYTHON, installed

POST = "POST " + SUBMIT


class Http2Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        missing = installed()
        if missing:
            raise unittest.SkipTest(missing)
        cls.fake = FakeRunway(h2=True, python=PYTHON)

    @classmethod
    def tearDownClass(cls):
        cls.fake.close()

    def session(self, count, *faults):
        self.fake.reset()
        self.fake.scenario([{"on": POST, "fault": fault} for fault in faults])
        script = os.path.join(HERE, "h2_session.py")
        command = [PYTHON, script, self.fake.tls_url, self.fake.ca_file, self.fake.key, str(count)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_manyRequestsShareOneConnection(self):
        seen = self.session(20)
        self.assertEqual((seen["alpn"], seen["ends"]), ("h2", ["200"] * 20))
        ledger = self.fake.ledger()
        self.assertEqual((ledger["posts"], len(ledger["charges"])), (20, 20))
        self.assertEqual(ledger["connections"]["api"]["opened"], 1)
        self.assertEqual({entry["version"] for entry in ledger["requests"]}, {"HTTP/2"})

    def test_answersAreLostOnStreams(self):
        for fault, end, charges in (
            ("reset", "reset 2", 1), ("reset-before-body", "reset 7", 0), ("503-gateway", "503", 0),
            ("502-charged", "502", 1)):
            seen = self.session(1, fault)
            self.assertEqual((seen["ends"], len(self.fake.ledger()["charges"])), ([end], charges), fault)

    def test_goawayAndSilenceLoseTheAnswerToo(self):
        self.assertTrue(self.session(1, "close")["goaway"])
        self.assertEqual(len(self.fake.ledger()["charges"]), 1)
        self.assertTrue(self.session(1, "silence")["silence"])
        self.assertEqual(len(self.fake.ledger()["charges"]), 1)

    def test_whoAsksForHttp1GetsIt(self):
        self.fake.reset()
        self.assertEqual(Client(self.fake, True).ask("POST", SUBMIT, GOOD)[0], 200)
        self.assertEqual(self.fake.ledger()["requests"][0]["version"], "HTTP/1.1")
