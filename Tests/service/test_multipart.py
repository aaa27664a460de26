"""What storage hosts are sent, held against recordings of the official SDK: the same bytes, boundary aside."""

import json
import os
import re
import unittest

from support import ROOT
from test_uploads import START, Uploading, png

GOLDEN = os.path.join(ROOT, "Tests", "Runway", "Golden")
HEADS = {"png": png()[:60], "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + bytes(9)
         + b"\xff\xc0\x00\x0b\x08\x00\x40\x00\x40\x01\x01\x11\x00\xff\xd9", "webp": b""}
# What the SDK sends and the service would refuse: too small, or named without the ending of a picture.
OTHERWISE = {"upload_empty_and_tiny": "refused before anything is sent", "upload_explicit_content_type": "gets an ending"}


def recordings():
    for name in sorted(os.listdir(GOLDEN)):
        if name.startswith("upload_"):
            with open(os.path.join(GOLDEN, name), encoding="utf-8") as file:
                recording = json.load(file)
            if recording.get("storage"):
                yield recording


def layout(body, boundary):
    """A body in the words of the recordings."""
    text = body.replace(boundary, "<BOUNDARY>")
    text = re.sub(r"(Content-Type: image/\w+\r\n\r\n).*(\r\n--<BOUNDARY>--)", r"\1<FILE>\2", text, flags=re.S)
    return text.replace("\r\n", "↵\n")


class Multipart(Uploading):
    def test_it_is_laid_out_as_recorded(self):
        compared = 0
        for recording in recordings():
            if recording["recording"] in OTHERWISE:
                continue
            with self.subTest(recording=recording["recording"]):
                self.compare(recording)
                compared += 1
        print(f"multipart layout: {compared} recordings, each as recorded")
        self.assertEqual(compared, 9)

    def compare(self, recording):
        start, stored = recording["exchanges"][0], recording["storage"][0]
        name = json.loads(start["body"])["filename"]
        size = int(re.search(r"<(\d+) file bytes>", stored["layout"]).group(1))
        kind = re.search(r"filename=.*\nContent-Type: image/(\w+)", stored["layout"]).group(1)
        path = self.write(name, HEADS[kind] + os.urandom(size - len(HEADS[kind])))
        self.fake.reset()
        answer = {**start["answer"], "uploadUrl": self.fake.storage + "/bucket"}
        self.fake.scenario([
            {"on": START, "times": 1, "fault": {"do": "answer", "status": 200, "body": answer}},
            {"on": "*", "host": "storage", "times": 1, "fault": {"do": "answer", "status": 204, "body": ""}}])
        # The paid submit is refused, because the fake knows nothing of this upload; what was stored is what counts.
        self.ended(self.client().submit(**self.request(path)))
        asked, sent = self.fake.ledger()["requests"][:2]
        self.assertEqual(asked["body"], start["body"])
        self.assertEqual((sent["host"], sent["path"]), ("storage", "/bucket"))
        kind = dict((name.lower(), value) for name, value in sent["headers"])["content-type"]
        boundary = re.fullmatch(r"multipart/form-data; boundary=(\S+)", kind).group(1)
        self.assertEqual(
            layout(sent["body"], boundary), re.sub(r"<\d+ file bytes>", "<FILE>", stored["layout"]))
        boundaries = stored["layout"].count("<BOUNDARY>")
        self.assertEqual(sent["bytes"] - boundaries * (len(boundary) - 32), stored["bytes"])

    def test_what_differs_is_there(self):
        names = {recording["recording"] for recording in recordings()}
        self.assertEqual((len(names), set(OTHERWISE) <= names), (11, True))


if __name__ == "__main__":
    unittest.main()
