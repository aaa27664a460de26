"""Pictures in every form Python has: as references, and brought to the provider ahead of them."""

import io
import os
import pathlib
import tempfile
import unittest

from support import Case, sketch, t2i

SMALL = "64:64"


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

    def test_what_is_no_picture(self):
        with sketch() as client:
            self.refused(TypeError, "image must be a path, bytes, a file", client.upload, 5)
            self.refused(TypeError, "open the file in mode 'rb'", client.upload, Text("a"))
            self.refused(t2i.InvalidRequest, "no JPEG, PNG or WebP", client.upload, b"x" * 600)
            self.refused(t2i.MachineError, "none.png does not exist", client.upload, "none.png")
            self.refused(TypeError, "only submit takes 'bytes'", client.check, "a", reference_images=[self.data])


if __name__ == "__main__":
    unittest.main()
