"""Pictures in every form Python has: as references, and brought to the provider ahead of them."""

import io
import os
import pathlib
import tempfile
import unittest

from support import Case, sketch, t2i

SMALL = "64:64"
PICTURES = os.path.join(os.path.dirname(__file__), "..", "..", "..", "Tests", "FakeRunway", "pictures")


class Pillow:
    """What an image of Pillow's looks like to this package."""

    mode = "RGB"

    def __init__(self, data):
        self.data = data

    def save(self, file, format):
        assert format == "PNG"
        file.write(self.data)


class Text(io.StringIO):
    pass


class Pictures(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        with sketch() as client:
            self.data = client.submit("a red fox", ratio=SMALL).wait().output[0].bytes
        self.path = os.path.join(folder.name, "fox.png")
        with open(self.path, "wb") as file:
            file.write(self.data)

    def test_the_same_bytes_have_the_same_uri_in_every_form(self):
        with sketch() as client, open(self.path, "rb") as file:
            forms = [self.path, pathlib.Path(self.path), self.data, bytearray(self.data), memoryview(self.data), file,
                     io.BytesIO(self.data), Pillow(self.data)]
            uris = {client.upload(form) for form in forms}
            self.assertEqual(len(uris), 1)
            self.assertTrue(uris.pop().startswith("runway://"))
            self.assertTrue(client.upload(self.data, name="a.png", timeout=5))

    def test_references_in_every_form(self):
        with sketch() as client:
            bare = [pathlib.Path(self.path), self.data, Pillow(self.data)]
            task = client.submit("a fox", ratio=SMALL, reference_images=bare).wait()
            sent = task.json["request"]["referenceImages"]
            self.assertEqual(sent, [{"path": self.path}, {"uri": "blob:0"}, {"uri": "blob:1"}])
            named = [{"image": pathlib.Path(self.path), "tag": "fox"}, {"image": io.BytesIO(self.data), "tag": "same"}]
            task = client.submit("@fox and @same", ratio=SMALL, reference_images=named).wait()
            sent = task.json["request"]["referenceImages"]
            self.assertEqual(sent, [{"tag": "fox", "path": self.path}, {"tag": "same", "uri": "blob:0"}])
            self.assertIn("image", named[0])

    def test_sketch_takes_the_light_of_a_picture_it_can_decode(self):
        found = 0
        with sketch() as client:
            plain = client.submit("a fox", ratio=SMALL).wait().output[0].bytes
            for kind in ("png", "jpeg", "webp"):
                path = os.path.join(PICTURES, "lighthouse." + kind)
                task = client.submit("a fox", ratio=SMALL, reference_images=[{"path": path}]).wait()
                remarks = [warning["message"] for warning in task.json["warnings"] if "tint" in warning["message"]]
                has = client._library.raw.t2i_has(b"decode-" + kind.encode()) == 0
                self.assertEqual(len(remarks), 0 if has else 1, kind)
                self.assertNotEqual(task.output[0].bytes, plain)
                inline = client.submit("a fox", ratio=SMALL, reference_images=[{"path": path, "inline": True}]).wait()
                if has:
                    self.assertEqual(inline.output[0].bytes, task.output[0].bytes)
                found += has
        if found < 3:
            self.skipTest(f"only {found} of libturbojpeg.so.0, libspng.so.0 and libwebp.so.7 are here")

    def test_what_is_no_picture(self):
        with sketch() as client:
            self.refused(TypeError, "image must be a path, bytes, a file", client.upload, 5)
            self.refused(TypeError, "open the file in mode 'rb'", client.upload, Text("a"))
            self.refused(t2i.InvalidRequest, "no JPEG, PNG or WebP", client.upload, b"x" * 600)
            self.refused(t2i.MachineError, "none.png does not exist", client.upload, "none.png")
            self.refused(TypeError, "only submit takes 'bytes'", client.check, "a", reference_images=[self.data])


if __name__ == "__main__":
    unittest.main()
