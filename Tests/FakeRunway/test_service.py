"""The service answers as the contract says: shapes, statuses, money, time, uploads and the two hosts without a key."""

import json
import time
import unittest

from fake import FakeRunway
from plain import GOOD, SUBMIT, Client
from validation import CATALOGUE


class ServiceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fake = FakeRunway()

    @classmethod
    def tearDownClass(cls):
        cls.fake.close()

    def setUp(self):
        self.fake.reset()
        self.client = Client(self.fake)

    def refused(self, status, *words, **changes):
        body = {key: value for key, value in dict(GOOD, **changes).items() if value is not ...}
        got, value, headers = self.client.ask("POST", SUBMIT, body)
        self.assertEqual(got, status, value)
        self.assertTrue(headers["apigw-requestid"])
        for word in words:
            self.assertIn(word, json.dumps(value))
        self.assertEqual(self.fake.ledger()["charges"], [])
        return value

    def test_aTaskLivesFromPendingToItsPicture(self):
        self.fake.reset(pendingMs=500, runningMs=1000)
        for secure in (False, True):
            client = Client(self.fake, secure)
            status, made, _ = client.ask("POST", SUBMIT, GOOD)
            self.assertEqual((status, made["estimatedCost"]), (200, {"credits": 5}))
            first = client.look(made["id"])
            self.assertEqual((first["status"], first["estimatedCost"]), ("PENDING", {"credits": 5}))
            time.sleep(0.6)
            second = client.look(made["id"])
            self.assertEqual(second["status"], "RUNNING")
            self.assertTrue(0 < second["progress"] < 1)
            last = client.end(made["id"])
            self.assertEqual(set(last), {"id", "createdAt", "status", "output", "cost"})
            self.assertRegex(last["createdAt"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertTrue(last["output"][0].startswith("https" if secure else "http:"))
            status, picture, headers = client.fetch(last["output"][0])
            self.assertEqual((status, picture[:4], headers["content-type"]), (200, b"\x89PNG", "image/png"))
        ledger = self.fake.ledger()
        self.assertEqual((ledger["posts"], ledger["charged"], ledger["creditBalance"]), (2, 10, 99990))
        self.assertEqual(ledger["authorizationOutsideApi"], [])

    def test_theKeyAndTheVersionAreAskedFirst(self):
        for headers, status, word in (
            ({}, 401, "No API key"), ({"Authorization": "Bearer key_1"}, 401, "not valid"),
            ({"Authorization": "Bearer " + self.fake.key}, 400, "X-Runway-Version"),
            ({"Authorization": "Bearer " + self.fake.key, "X-Runway-Version": "1"}, 400, "2024-11-06")):
            got, value, _ = self.client.ask("GET", "/v1/organization", headers=headers)
            self.assertEqual(got, status)
            self.assertIn(word, value["error"])
            self.assertNotIn(self.fake.key, json.dumps(value))
        self.assertEqual(self.client.ask("GET", "/v1/nothing")[0], 404)
        self.assertEqual(self.client.ask("PUT", "/v1/organization")[0], 405)

    def test_wrongRequestsAreRefusedWithTheirPath(self):
        self.assertEqual(self.refused(400, model="gen5")["issues"][0]["path"], ["model"])
        self.assertEqual(self.refused(400, ratio="16:9")["issues"][0]["path"], ["ratio"])
        self.refused(400, "Required", ratio=...)
        self.refused(400, "1000", promptText="x" * 1001)
        self.refused(400, "1000", promptText="🌸" * 501)
        self.refused(400, "promptText", promptText="")
        self.refused(400, "seed", seed=2**32)
        self.refused(400, "seed", seed="7")
        self.refused(400, "at least 1", model="gen4_image_turbo", referenceImages=[])
        self.refused(400, "at most 3", referenceImages=[{"uri": "https://example.com/a.png"}] * 4)
        self.refused(400, "Only HTTPS", referenceImages=[{"uri": "http://example.com/a.png"}])
        self.refused(400, "domain", referenceImages=[{"uri": "https://127.0.0.1/a.png"}])
        self.refused(400, "tag", referenceImages=[{"uri": "https://example.com/a.png", "tag": "a"}])
        self.refused(400, "404", referenceImages=[{"uri": "runway://not-uploaded"}])
        self.refused(400, "Unrecognized", model="muse_image", ratio=..., seed=3)

    def test_theStepBesideTheLimitIsTaken(self):
        self.client.submit(promptText="🌸" * 500, seed=2**32 - 1)
        self.client.submit(referenceImages=[{"uri": "https://example.com/a.png", "tag": "Tower"}] * 3)

    def test_everyModelAndRatioOfTheCatalogueIsTaken(self):
        with open(CATALOGUE, encoding="utf-8") as file:
            models = json.load(file)["models"]
        for model in models:
            facts = model.get("referenceImages") or {}
            references = [{"uri": "https://example.com/a.png"}] * (facts.get("min") or 0)
            body = {"model": model["id"], "promptText": "x", "ratio": model["ratio"]["values"][0]}
            status, value, _ = self.client.ask(
                "POST", SUBMIT, dict(body, referenceImages=references) if references else body)
            self.assertEqual(status, 200, (model["id"], value))
        self.assertEqual(len(models), 21)

    def test_moneyRunsOut(self):
        self.fake.reset(credits=9)
        self.client.submit()
        status, value, _ = self.client.ask("POST", SUBMIT, GOOD)
        self.assertEqual((status, value["error"]), (400, "You do not have enough credits to run this task."))
        self.assertEqual(self.fake.ledger()["charged"], 5)

    def test_theDailyLimitIsA429(self):
        self.fake.reset(maxDaily=1)
        self.client.submit()
        status, value, headers = self.client.ask("POST", SUBMIT, GOOD)
        self.assertEqual((status, value["error"]), (429, "Your daily task limit has been reached."))
        self.assertIsNone(headers["retry-after"])

    def test_theTierThrottlesAndSubmitOrderIsKept(self):
        self.fake.reset(maxConcurrent=1, runningMs=700)
        first, second, third = (self.client.submit() for _ in range(3))
        self.assertEqual([self.client.look(task)["status"] for task in (second, third)], ["THROTTLED"] * 2)
        self.assertEqual(self.client.end(second)["status"], "SUCCEEDED")
        self.assertEqual(self.client.look(first)["status"], "SUCCEEDED")
        self.assertIn(self.client.look(third)["status"], ("PENDING", "RUNNING"))

    def test_aCancelledTaskIsGoneAndFreesItsSlot(self):
        self.fake.reset(maxConcurrent=1, pendingMs=5000)
        first, second = self.client.submit(), self.client.submit()
        self.assertEqual(self.client.look(second)["status"], "THROTTLED")
        self.assertEqual(self.client.ask("DELETE", "/v1/tasks/" + first)[:2], (204, None))
        for method in ("GET", "DELETE"):
            status, value, _ = self.client.ask(method, "/v1/tasks/" + first)
            self.assertEqual((status, value), (404, {"error": "Could not find Task"}))
        self.assertEqual(self.client.look(second)["status"], "PENDING")
        self.assertEqual(self.fake.ledger()["refunded"], 5)

    def test_aRunningTaskIsCancelledWithoutRefund(self):
        self.fake.reset(pendingMs=0, runningMs=5000)
        self.client.ask("DELETE", "/v1/tasks/" + self.client.submit())
        self.assertEqual(self.fake.ledger()["refunded"], 0)

    def test_organizationAndUsageCount(self):
        self.client.submit()
        value = self.client.ask("GET", "/v1/organization")[1]
        self.assertEqual(value["creditBalance"], 99995)
        self.assertEqual(value["usage"]["models"], {"gen4_image": {"dailyGenerations": 1}})
        usage = self.client.ask("POST", "/v1/organization/usage", {})[1]
        self.assertEqual(usage["results"][0]["usedCredits"], [{"model": "gen4_image", "amount": 5}])
        for wrong in ({"startDate": "2026-11-01T00:00:00Z"}, {"startDate": "2026-01-01", "beforeDate": "2026-11-01"},
                      {"startDate": "2026-02-30"}):
            self.assertEqual(self.client.ask("POST", "/v1/organization/usage", wrong)[0], 400)

    def test_linksExpireAndAFreshLookRenewsThem(self):
        self.fake.reset(urlSeconds=1)
        task = self.client.submit()
        old = self.client.end(task)["output"][0]
        self.assertEqual(self.client.fetch(old)[0], 200)
        time.sleep(1.1)
        self.assertEqual(self.client.fetch(old)[0], 403)
        self.assertEqual(self.client.fetch(self.client.look(task)["output"][0])[0], 200)

    def test_everyFormatHasItsMagic(self):
        for changes, magic in (
            ({"model": "muse_image", "outputFormat": "jpeg"}, b"\xff\xd8\xff"),
            ({"model": "muse_image", "outputFormat": "webp"}, b"RIFF"),
            ({"model": "recraft_v4_1_vector"}, b"<svg")):
            with open(CATALOGUE, encoding="utf-8") as file:
                facts = next(entry for entry in json.load(file)["models"] if entry["id"] == changes["model"])
            ratio = facts["ratio"]["values"][0]
            url = self.client.end(self.client.submit(ratio=ratio, **changes))["output"][0]
            self.assertTrue(self.client.fetch(url)[1].startswith(magic), changes)

    def test_severalOutputsAreSeveralLinks(self):
        view = self.client.end(self.client.submit(model="gpt_image_2", ratio="auto", outputCount=3))
        self.assertEqual(len(set(view["output"])), 3)

    def test_theHostsWithoutAKeyRefuseAndRecordOne(self):
        url = self.client.end(self.client.submit())["output"][0]
        self.assertEqual(self.client.fetch(url, {"Authorization": "Bearer x"})[0], 400)
        self.assertEqual([entry["host"] for entry in self.fake.ledger()["authorizationOutsideApi"]], ["cdn"])
        self.assertEqual(self.client.fetch(url.replace("_jwt=", "_jwt=x"))[0], 403)

    def test_anUploadBecomesAReference(self):
        status, place, _ = self.client.ask("POST", "/v1/uploads", {"filename": "a.png", "type": "ephemeral"})
        self.assertEqual(status, 200)
        reference = [{"uri": place["runwayUri"]}]
        self.refused(400, "404", referenceImages=reference)
        fields = list(place["fields"].items())
        self.assertEqual(self.store(place, fields, 511), 400)
        self.assertEqual(self.store(place, fields[::-1], 512), 403)
        self.assertEqual(self.store(place, fields, 512, first=True), 400)
        self.assertEqual(self.store(place, fields, 512), 204)
        self.client.submit(referenceImages=reference)

    def store(self, place, fields, size, first=False):
        begin = '--xyz\r\nContent-Disposition: form-data; name='
        pieces = [f'{begin}"{name}"\r\n\r\n{value}\r\n' for name, value in fields]
        head = begin + '"file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
        pieces.insert(0 if first else len(pieces), head + "x" * size + "\r\n")
        data = "".join(pieces) + "--xyz--\r\n"
        connection = self.client.connection(self.fake.storage)
        connection.request("POST", "/runway-ephemeral", data, {"Content-Type": "multipart/form-data; boundary=xyz"})
        status = connection.getresponse().status
        connection.close()
        return status

    def test_aWrongUploadIsRefused(self):
        for body in ({"filename": "a.exe", "type": "ephemeral"}, {"filename": "a.png"}, {"filename": 1, "type": "x"}):
            self.assertEqual(self.client.ask("POST", "/v1/uploads", body)[0], 400)

    def test_aConnectionIsKept(self):
        connection = self.client.connection(self.fake.url)
        for _ in range(5):
            connection.request("GET", "/v1/organization", headers=self.client.headers)
            connection.getresponse().read()
        connection.close()
        self.assertEqual(self.fake.ledger()["connections"]["api"]["opened"], 1)
