"""What the tests of the hosted service share: one FakeRunway, and clients of it in both drives."""

import os
import sys
import tempfile
import unittest
from ctypes import byref
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "bindings", "python"), os.path.join(ROOT, "Tests", "FakeRunway")]

import t2i  # noqa: E402
import test_sdk  # noqa: E402
from fake import FakeRunway  # noqa: E402
from t2i import _native as native  # noqa: E402
from t2i._library import Library  # noqa: E402

PROMPT = "a lighthouse at dusk"
SUBMIT = "POST /v1/text_to_image"
LOOK = "GET /v1/tasks/*"


def pumped_call(self, name, *arguments, original=Library.call):
    """The binding opens threaded clients; here they are opened pumped, so that each of its waits turns the loop."""
    if name == "t2i_client_open":
        options = native.ClientOpts()
        options.flags = native.OPEN_PUMPED
        arguments = (*arguments[:2], byref(options), *arguments[3:])
    return original(self, name, *arguments)


class Service(unittest.TestCase):
    """Each test finds a service without tasks, rules or records."""

    fake: FakeRunway
    h2 = False

    @classmethod
    def setUpClass(cls):
        missing = test_sdk.installed() if cls.h2 else None
        if missing:
            raise unittest.SkipTest(missing)
        cls.fake = FakeRunway(h2=cls.h2, python=test_sdk.PYTHON if cls.h2 else sys.executable)
        cls.addClassCleanup(cls.fake.close)

    def setUp(self):
        self.fake.reset()
        # Each test has a journal of its own, and never that of the person who runs it.
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        patch = mock.patch.dict(os.environ, XDG_STATE_HOME=home.name)
        patch.start()
        self.addCleanup(patch.stop)

    def client(self, pumped=False, tls=False, **settings):
        """A client of the fake whose rhythm is fast; it is closed with the test."""
        config = {
            "provider": "runway", "api_key": self.fake.key, "base_url": self.fake.tls_url if tls else self.fake.url,
            "poll_floor_ms": 20, "environment": False, **({"ca_file": self.fake.ca_file} if tls else {}), **settings}
        call = pumped_call if pumped else Library.call
        with mock.patch.object(Library, "call", call):
            client = t2i.Client(**config)
        self.addCleanup(client.close)
        return client

    def ended(self, task, timeout=20):
        task.wait(timeout)
        return task

    def rule(self, fault, on=SUBMIT, **more):
        self.fake.scenario([{"on": on, "fault": fault, **more}])

    def keeps_the_key(self):
        """Nobody but the API was ever shown it."""
        self.assertEqual(self.fake.ledger()["authorizationOutsideApi"], [])
