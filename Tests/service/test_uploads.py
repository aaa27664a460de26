"""Pictures of this machine as references: uploaded once, sent as they were checked, and never instead of an answer."""

import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zlib

from support import ROOT, Service, t2i

PROMPT = "a portrait in the style of @Reference"
START, STORE = "POST /v1/uploads", "POST /*"


def png(width=64, height=48, size=0):
    """A picture that decodes and that no other test has sent, for the library remembers what it sent; at least `size`
    bytes long: what is too little is padded behind its end."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x + y) % 251 for x in range(width * 3)) for y in range(height))
    made = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b"") + os.urandom(16))
    return made + bytes(max(0, size - len(made)))


class Uploading(Service):
    journals = False

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.picture = self.write("style.png", png())

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def request(self, path=None, **more):
        return {"prompt_text": PROMPT, "reference_images": [{"path": path or self.picture, "tag": "Reference", **more}]}

    def seen(self, host, method="POST"):
        return [seen for seen in self.fake.ledger()["requests"] if seen["host"] == host and seen["method"] == method]

    def starts(self):
        return [seen for seen in self.seen("api") if seen["path"] == "/v1/uploads"]

    def refuses(self, word, path=None, request=None, client=None):
        with self.assertRaises(t2i.InvalidRequest) as refused:
            (client or self.client()).submit(**(request or self.request(path)))
        self.assertIn(word, str(refused.exception))
        self.assertIn("/referenceImages/0", refused.exception.where)
        self.assertEqual(self.fake.ledger()["requests"], [])
        return refused.exception


class Uploads(Uploading):
    def test_a_local_picture_is_uploaded_and_then_named(self):
        for pumped in (False, True):
            for tls in (False, True):
                with self.subTest(pumped=pumped, tls=tls):
                    self.fake.reset()
                    path = self.write(f"{pumped}{tls}.png", png())
                    task = self.ended(self.client(pumped=pumped, tls=tls).submit(**self.request(path)))
                    self.assertEqual(task.state, "SUCCEEDED", task.error)
                    start, stored, paid = (seen for seen in self.fake.ledger()["requests"] if seen["method"] == "POST")
                    self.assertEqual(start["body"], '{"filename":"%s","type":"ephemeral"}' % os.path.basename(path))
                    self.assertEqual((stored["host"], paid["path"]), ("storage", "/v1/text_to_image"))
                    self.assertIn('"uri":"runway://', paid["body"])
                    self.keeps_the_key()

    def test_what_storage_gets_is_the_file(self):
        self.ended(self.client().submit(**self.request()))
        body = self.seen("storage")[0]["body"]
        self.assertIn('name="file"; filename="style.png"\r\nContent-Type: image/png\r\n\r\n', body)
        names = [part.split('"')[1] for part in body.split("form-data; ")[1:]]
        self.assertEqual(names[0], "key")
        self.assertEqual(names[-1], "file")
        headers = {name.lower(): value for name, value in self.seen("storage")[0]["headers"]}
        self.assertNotIn("authorization", headers)
        self.assertNotIn("x-runway-version", headers)
        self.assertNotIn("expect", headers)

    def test_the_same_file_in_a_hundred_tasks_is_uploaded_once(self):
        client, other = self.client(max_submitting=16), self.client(max_submitting=16)
        tasks = [(client, other)[number % 2].submit(**self.request(), seed=number) for number in range(100)]
        for task in tasks:
            self.ended(task, 60)
        self.assertEqual({task.state for task in tasks}, {"SUCCEEDED"})
        ledger = self.fake.ledger()
        print(f"the same file in 100 tasks of two clients: {len(self.seen('storage'))} upload, {ledger['posts']} submits")
        self.assertEqual((len(self.starts()), len(self.seen("storage")), ledger["posts"]), (1, 1, 100))

    def test_what_an_earlier_process_uploaded_is_not_sent_again(self):
        config = {"provider": "runway", "apiKey": self.fake.key, "baseUrl": self.fake.url, "pollFloorMs": 20}
        earlier = "import json, sys, t2i; t2i.Client(config=json.loads(sys.argv[1])).submit(**json.loads(sys.argv[2])).wait(20)"
        environment = {**os.environ, "PYTHONPATH": os.path.join(ROOT, "bindings", "python")}
        for _ in range(2):
            subprocess.run(
                [sys.executable, "-c", earlier, json.dumps(config), json.dumps(self.request())], env=environment, check=True)
        self.assertEqual((len(self.starts()), len(self.seen("storage")), self.fake.ledger()["posts"]), (1, 1, 2))

    def test_a_copy_under_another_name_is_the_same_file(self):
        client = self.client()
        with open(self.picture, "rb") as picture:
            copy = self.write("copy.png", picture.read())
        self.ended(client.submit(**self.request()))
        self.ended(client.submit(**self.request(copy)))
        with open(self.picture, "rb") as picture:
            images = [{"bytes": picture.read(), "tag": "Reference"}]
        task = self.ended(client.submit(prompt_text=PROMPT, reference_images=images))
        self.assertEqual(task.state, "SUCCEEDED", task.error)
        self.assertEqual(len(self.seen("storage")), 1)

    def test_two_pictures_and_bytes(self):
        images = [{"path": self.picture, "tag": "Reference"}, {"bytes": png(), "tag": "other"}]
        task = self.ended(self.client().submit(
            prompt_text=PROMPT + " beside @other", reference_images=images))
        self.assertEqual(task.state, "SUCCEEDED", task.error)
        self.assertEqual(len(self.seen("storage")), 2)

    def test_inline_goes_inside_the_request(self):
        task = self.ended(self.client().submit(**self.request(inline=True)))
        self.assertEqual(task.state, "SUCCEEDED", task.error)
        self.assertEqual((len(self.starts()), len(self.seen("storage"))), (0, 0))
        self.assertIn('"uri":"data:image/png;base64,iVBOR', self.seen("api")[0]["body"])
        self.assertNotIn("inline", self.seen("api")[0]["body"])

    def test_progress_shows(self):
        path = self.write("large.png", png(size=16 << 20))
        client, told = self.client(), set()
        task = client.submit(**self.request(path))
        for event in client.events(timeout=30):
            if event.state == "UPLOADING" and event.progress is not None:
                told.add(event.progress)
        self.assertEqual(task.state, "SUCCEEDED", task.error)
        self.assertGreater(len(told), 3, told)


class UploadsThatFail(Uploading):
    def fails(self, fault, host, on="*", times=50, status=None, word=""):
        self.fake.reset()
        path = self.write(f"{fault}.png".replace("/", ""), png())
        self.fake.scenario([{"on": on, "host": host, "times": times, "fault": fault}])
        task = self.ended(self.client(timeout_ms=800).submit(**self.request(path)), 60)
        if status is None:
            self.assertEqual(task.state, "SUCCEEDED", (fault, task.error))
            return task
        self.assertEqual((task.state, task.error.status), ("FAILED", status), task.error)
        self.assertEqual(task.error.where, "/referenceImages/0/path")
        self.assertIn(word, str(task.error))
        self.assertIn(os.path.basename(path), str(task.error))
        self.assertFalse(task.error.may_have_spent)
        self.assertEqual(self.fake.ledger()["posts"], 0, "nothing paid was sent")
        return task

    def test_a_failure_gets_a_new_place(self):
        for fault, host in (("500", "storage"), ("reset-in-body", "storage"), ("close", "storage"),
                            ("half-head", "storage"), ("429-retry-after-ms", "api"), ("502-gateway", "api"),
                            ("broken-json", "api"), ("silence", "storage")):
            with self.subTest(fault=fault, host=host):
                self.fails(fault, host, times=1, on=START if host == "api" else "*")
                posts = self.seen("storage")
                keys = [seen["body"].split("\r\n")[3] for seen in posts if seen["body"]]
                self.assertEqual(len(set(keys)), len(keys), "no place was used twice")
                self.keeps_the_key()

    def test_a_refusal_of_storage_ends_it(self):
        self.fails("403", "storage", status="T2I_E_REJECTED", word="403")

    def test_xml_of_storage_is_named_by_its_code(self):
        xml = "<?xml version='1.0'?><Error><Code>EntityTooLarge</Code><Message>x</Message></Error>"
        self.fake.scenario([{"on": "*", "host": "storage", "times": 9,
                             "fault": {"do": "answer", "status": 403, "body": xml}}])
        task = self.ended(self.client().submit(**self.request()))
        self.assertIn("EntityTooLarge", str(task.error))
        self.assertEqual(self.fake.ledger()["posts"], 0)

    def test_a_redirect_of_storage_is_not_followed(self):
        self.fails("302-to-self", "storage", status="T2I_E_HTTP", word="302")

    def test_a_refused_key_ends_it(self):
        self.fails("401", "api", on=START, status="T2I_E_AUTH", word="401")

    def test_places_that_nothing_is_sent_to(self):
        for url, word in (("http://example.com/x", "https"), ("https://10.0.0.1/x", "10.0.0.1"),
                          ("https://user@example.com/", "user"), ("file:///etc/passwd", "https"),
                          ("http://169.254.169.254/latest", "https"), ("http://[::ffff:127.0.0.1]/", "https")):
            with self.subTest(url=url):
                self.fake.reset()
                path = self.write("slot.png", png())
                self.fake.scenario([{"on": START, "times": 50, "fault": {"do": "edit", "set": {"uploadUrl": url}}}])
                task = self.ended(self.client().submit(**self.request(path)))
                self.assertEqual((task.state, task.error.status), ("FAILED", "T2I_E_PROTOCOL"), task.error)
                self.assertIn(word, str(task.error))
                self.assertEqual(self.fake.ledger()["posts"], 0)

    def test_a_file_that_is_another_by_then_is_not_sent(self):
        changes = {
            "shrinks": lambda path: os.truncate(path, os.path.getsize(path) - 1),
            "grows": lambda path: os.truncate(path, os.path.getsize(path) + 1),
            "changes": lambda path: self.write(os.path.basename(path), png()),
            "vanishes": os.remove,
        }
        for name, change in changes.items():
            with self.subTest(change=name):
                self.fake.reset()
                path = self.write(f"{name}.png", png())
                self.fake.scenario([{"on": START, "times": 1, "fault": {"do": "delay", "ms": 300}}])
                task = self.client().submit(**self.request(path))
                change(path)
                self.ended(task)
                self.assertEqual(task.state, "FAILED")
                self.assertEqual(task.error.status, "T2I_E_IO" if name == "vanishes" else "T2I_E_STATE")
                self.assertEqual(task.error.where, "/referenceImages/0/path")
                self.assertIn(f"{name}.png", str(task.error))
                self.assertEqual(self.fake.ledger()["posts"], 0)
                self.assertFalse([seen for seen in self.seen("storage") if seen["body"]], "it never arrived whole")

    def test_what_the_service_lost_is_uploaded_again_once(self):
        client = self.client()
        self.ended(client.submit(**self.request()))
        # As if the day were over: the service forgets, and the shelf does not know.
        self.fake.reset()
        task = self.ended(client.submit(**self.request()))
        self.assertEqual(task.state, "SUCCEEDED", task.error)
        self.assertEqual((len(self.seen("storage")), self.fake.ledger()["posts"]), (1, 2))
        lost = {"error": "Validation of body failed", "issues": [
            {"code": "custom", "path": ["referenceImages", 0, "uri"], "message": "Failed to fetch asset."}]}
        self.fake.reset()
        self.fake.scenario([{"on": "POST /v1/text_to_image", "times": 9,
                             "fault": {"do": "answer", "status": 400, "body": lost}}])
        task = self.ended(client.submit(**self.request()))
        self.assertEqual((task.state, task.error.status), ("FAILED", "T2I_E_REJECTED"))
        self.assertEqual(self.fake.ledger()["posts"], 2)

    def test_cancelling_stops_the_upload(self):
        path = self.write("large.png", png(size=8 << 20))
        self.fake.scenario([{"on": "*", "host": "storage", "times": 1, "fault": {"do": "silence", "after": "head"}}])
        client = self.client()
        task = client.submit(**self.request(path))
        give_up = time.monotonic() + 10
        # Until the storage host has the fault behind it, or the next upload would meet it.
        while self.fake.ledger()["rulesLeft"] and time.monotonic() < give_up:
            time.sleep(0.01)
        self.assertEqual(task.state, "UPLOADING")
        task.cancel()
        self.ended(task)
        self.assertEqual((task.state, self.fake.ledger()["posts"]), ("CANCELLED", 0))
        again = self.ended(client.submit(**self.request(path)))
        self.assertEqual(again.state, "SUCCEEDED", again.error)

    def test_a_client_that_closes_leaves_the_upload_to_who_waits(self):
        self.fake.scenario([{"on": "*", "host": "storage", "times": 1, "fault": {"do": "silence", "after": "head"}}])
        first, second = self.client(), self.client()
        first.submit(**self.request())
        give_up = time.monotonic() + 10
        while not self.seen("storage") and time.monotonic() < give_up:
            time.sleep(0.01)
        task = second.submit(**self.request())
        threading.Timer(0.2, first.close).start()
        self.ended(task, 30)
        self.assertEqual((task.state, len(self.seen("storage"))), ("SUCCEEDED", 2), task.error)


class WhatIsNoReference(Uploading):
    def test_files_that_are_no_pictures(self):
        os.mkfifo(os.path.join(self.folder, "pipe.png"))
        os.mkdir(os.path.join(self.folder, "folder.png"))
        os.symlink("loop.png", os.path.join(self.folder, "loop.png"))
        whole = png()
        cases = {
            "missing.png": (None, "does not exist"), "folder.png": (None, "a folder"), "pipe.png": (None, "a pipe"),
            "loop.png": (None, "circle"), "empty.png": (b"", "is empty"), "small.png": (whole[:511], "511 bytes"),
            "anim.gif": (b"GIF89a" + bytes(600), "GIF"), "page.png": (b"<html>" + bytes(600), "no JPEG, PNG or WebP"),
            "drawing.svg": (b"<svg width='5' height='5'>" + b" " * 600, "SVG"),
            "cut.png": (whole[:20] + bytes(600), "cut short"),
        }
        for name, (data, word) in cases.items():
            with self.subTest(name=name):
                path = os.path.join(self.folder, name) if data is None else self.write(name, data)
                said = str(self.refuses(word, path))
                self.assertIn(name, said)
                self.assertNotIn(self.folder, said, "the path is the host's business")
        self.refuses("a pipe, a socket or a device", "/dev/null")

    def test_201_megabytes(self):
        path = self.write("huge.png", png())
        os.truncate(path, (200 << 20) + 1)
        self.refuses("200 MB", path)
        with self.assertRaises(t2i.InvalidRequest) as refused:
            self.client().submit(**self.request(self.write("b.png", png(size=3_932_001)), inline=True))
        self.assertIn("inline", str(refused.exception))

    def test_511_bytes_are_too_few_and_512_are_not(self):
        body = b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + bytes(9) + b"\xff\xc0\x00\x0b\x08\x00\x40\x00\x40\x01\x01\x11\x00\xff\xd9"
        self.refuses("511 bytes", self.write("a.jpg", body + bytes(511 - len(body))))
        path = self.write("b.jpg", body + os.urandom(1) + bytes(511 - len(body)))
        self.assertEqual(self.ended(self.client().submit(**self.request(path))).state, "SUCCEEDED")

    def test_a_check_sees_it_too_and_warns_of_sides(self):
        client = self.client()
        report = client.check(**self.request("nowhere.png"))
        self.assertEqual([error["where"] for error in report["errors"]], ["/referenceImages/0/path"])
        report = client.check(**self.request(self.write("wide.png", png(width=300, height=100))))
        self.assertTrue(report["ok"])
        self.assertTrue(any("300x100" in warning["message"] for warning in report["warnings"]), report["warnings"])

    def test_local_references_switched_off(self):
        self.refuses("switched off", client=self.client(local_references=False))

    def test_nothing_outside_the_root_is_sent(self):
        root = os.path.join(self.folder, "root")
        os.mkdir(root)
        outside = self.write("private.png", png())
        inside = os.path.join("root", "fine.png")
        self.write(inside, png())
        os.symlink(outside, os.path.join(root, "out.png"))
        os.symlink("../private.png", os.path.join(root, "up.png"))
        os.symlink("..", os.path.join(root, "parent"))
        os.symlink("fine.png", os.path.join(root, "alias.png"))
        client = self.client(reference_root=root)
        for path in (outside, "../private.png", os.path.join(root, "..", "private.png"), "out.png", "up.png",
                     "parent/private.png", os.path.join(root, "out.png"), "/etc/passwd", "/proc/self/root/etc/passwd"):
            with self.subTest(path=path):
                self.refuses("referenceRoot", path, client=client)
        for path in ("fine.png", os.path.join(root, "fine.png"), "alias.png"):
            with self.subTest(path=path):
                task = self.ended(client.submit(**self.request(path)))
                self.assertEqual(task.state, "SUCCEEDED", task.error)
                self.fake.reset()

    def test_only_hosts_that_are_allowed(self):
        client = self.client(allowed_reference_hosts=["*.example.com"])
        images = [{"uri": "https://example.org/a.png", "tag": "Reference"}]
        self.refuses("allowedReferenceHosts", request={"prompt_text": PROMPT, "reference_images": images},
                     client=client)

    def test_sketch_looks_at_them_too(self):
        with t2i.Client(provider="sketch") as client:
            with self.assertRaises(t2i.InvalidRequest):
                client.submit(**self.request("nowhere.png"))
            self.assertEqual(client.submit(**self.request()).wait(30).state, "SUCCEEDED")


if __name__ == "__main__":
    unittest.main()
