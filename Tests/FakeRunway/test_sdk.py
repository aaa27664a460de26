"""The official SDK takes FakeRunway for the service: what keeps the server from being only our own idea of it."""

import json
import os
import subprocess
import sys
import unittest

from fake import FakeRunway
from validation import ROOT

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(ROOT, ".build-python", "sdk")
PYTHON = os.path.join(FOLDER, "bin", "python")
# The version whose wire the contract was written from.
PACKAGES = ["runwayml==5.24.0", "h2"]
MODERATED = {"do": "fate", "end": "FAILED", "failureCode": "SAFETY.INPUT.TEXT", "pendingMs": 0, "runningMs": 0}
INSTALL_SECONDS = 120
SESSION_SECONDS = 60
# The keys of the answers that were recorded when the contract was written, each with its keys inside.
SHAPES = {
    "text_to_image_basic": {"id", "estimatedCost"},
    "task_retrieve_pending": {"id", "createdAt", "status", "estimatedCost"},
    "task_retrieve_running": {"id", "createdAt", "status", "progress", "estimatedCost"},
    "task_retrieve_succeeded": {"id", "createdAt", "status", "output", "cost"},
    "organization_retrieve": {"creditBalance", "tier", "usage"},
    "organization_usage": {"results", "models"}}
TYPES = {
    "text_to_image_basic": "TextToImageCreateResponse", "task_retrieve_pending": "AwaitablePending",
    "task_retrieve_running": "AwaitableRunning", "task_retrieve_succeeded": "AwaitableSucceeded",
    "organization_retrieve": "OrganizationRetrieveResponse",
    "organization_usage": "OrganizationRetrieveUsageResponse"}


def installed():
    """Why the packages cannot be used; None if they can."""
    imported = [PYTHON, "-c", "import runwayml, h2"]
    if os.path.exists(PYTHON) and subprocess.run(imported, capture_output=True, check=False).returncode == 0:
        return None
    for command in ([sys.executable, "-m", "venv", FOLDER], [PYTHON, "-m", "pip", "install", "-q", *PACKAGES]):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as reason:
            return f"{command[-1]} cannot be installed: {type(reason).__name__}"
        if done.returncode != 0:
            last = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
            return f"{' '.join(PACKAGES)} cannot be installed: {last[-1]}"
    return None


class SdkTest(unittest.TestCase):
    def test_theOfficialSdkTakesItForTheService(self):
        missing = installed()
        if missing:
            self.skipTest(missing)
        with FakeRunway(tls=False) as fake:
            # Between two looks of a busy machine; and over before the SDK's first look of a wait, after 4.5 s.
            fake.reset(pendingMs=1500, runningMs=2500)
            session = subprocess.Popen(
                [PYTHON, os.path.join(HERE, "sdk_session.py"), fake.url, fake.key], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={"PATH": os.environ["PATH"]})
            try:
                first = session.stdout.readline()
                self.assertEqual(first, "ready\n", first if first == "ready\n" else first + session.stdout.read())
                ledger = fake.ledger()
                post = {"on": "POST /v1/text_to_image"}
                fake.scenario([{**post, "fault": "429-daily"}, {**post, "fault": MODERATED}])
                output, _ = session.communicate("go\n", timeout=SESSION_SECONDS)
            finally:
                session.kill()
        self.assertEqual(session.returncode, 0, output)
        self.check(json.loads(output.splitlines()[-1]), ledger)

    def check(self, seen, ledger):
        for name, keys in SHAPES.items():
            self.assertEqual(set(seen[name]), keys, name)
        for name, kind in TYPES.items():
            self.assertEqual(seen["typed"][name], kind, name)
        self.assertEqual(seen["task_retrieve_succeeded"]["status"], "SUCCEEDED")
        self.assertIsNone(seen["task_delete_204"])
        self.assertTrue(seen["uri"].startswith("runway://"))
        self.assertEqual([seen[name] for name in ("deleted", "error_400", "error_429")], [404, 400, 429])
        self.assertEqual((seen["failed"]["status"], seen["failed"]["failureCode"]), ("FAILED", "SAFETY.INPUT.TEXT"))
        self.assertEqual(set(seen["organization_retrieve"]["tier"]), {"maxMonthlyCreditSpend", "models"})
        self.assertEqual((ledger["posts"], len(ledger["charges"])), (4, 3))
        self.assertEqual(ledger["authorizationOutsideApi"], [])
        self.assertEqual(ledger["connections"]["storage"]["opened"], 1)
