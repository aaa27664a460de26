"""The examples of Runway's documentation, by every door: C, the tool, Python and the names of the official SDK.

Each runs against the service over https, and then, with another provider in its config, offline with sketch.
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from urllib.request import url2pathname

from support import PROMPT, ROOT, Service, t2i
from test_uploads import png
from t2i.runwayml import RunwayML

BUILT = os.environ.get("T2I_BUILT", os.path.join(ROOT, ".build"))
TAGGED = {
    "model": "gen4_image", "ratio": "1920:1080", "prompt_text": "@EiffelTower in the style of @StarryNight",
    "reference_images": [{"uri": "https://example.com/eiffel.jpg", "tag": "EiffelTower"},
                         {"uri": "https://example.com/starry.jpg", "tag": "StarryNight"}]}
TURBO = {
    "model": "gen4_image_turbo", "ratio": "1280:720", "prompt_text": "@rabbit on a hill at sunset",
    "reference_images": [{"uri": "https://example.com/rabbit.png", "tag": "rabbit"}]}
PORTRAIT = "A portrait in the style of @Reference"
BASIC = {"model": "gen4_image", "ratio": "1280:720", "prompt_text": PROMPT}


class Examples(Service):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.style = os.path.join(self.folder, "style.png")
        with open(self.style, "wb") as style:
            style.write(png())
        self.hosted = {"baseUrl": self.fake.tls_url, "caFile": self.fake.ca_file, "pollFloorMs": 20}

    def run_program(self, *command, key=True):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RUNWAYML_")}
        env = {**kept, **({"RUNWAYML_API_SECRET": self.fake.key} if key else {})}
        done = subprocess.run(
            command, cwd=self.folder, env=env, capture_output=True, text=True, timeout=60, check=False,
            stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.split()

    def is_picture(self, path):
        with open(os.path.join(self.folder, path), "rb") as picture:
            self.assertEqual(picture.read(8), b"\x89PNG\r\n\x1a\n", path)

    def posts(self):
        return self.fake.ledger()["posts"]

    def stored(self):
        return sum(seen["host"] == "storage" for seen in self.fake.ledger()["requests"])

    def compiled(self, name):
        target = os.path.join(self.folder, name)
        subprocess.run(
            [os.environ.get("CC", "cc"), "-std=c11", os.path.join(ROOT, "bindings", "c", name + ".c"), "-o", target,
             "-I" + os.path.join(ROOT, "include"), "-L" + os.path.join(BUILT, "release"), "-lt2i",
             "-Wl,-rpath," + os.path.join(BUILT, "release")], check=True)
        return target

    def test_from_c(self):
        generate, references = self.compiled("generate"), self.compiled("references")
        for config, posts in (({"provider": "runway", **self.hosted}, 3), ({"provider": "sketch"}, 3)):
            for path in self.run_program(generate, PROMPT, json.dumps(config)):
                self.is_picture(path)
            paths = self.run_program(references, json.dumps(config))
            self.assertEqual(paths, ["tower.png", "rabbit.png"])
            for path in paths:
                self.is_picture(path)
            self.assertEqual(self.posts(), posts)

    def test_recovering_from_c(self):
        recover = self.compiled("recover")
        config = json.dumps({"provider": "runway", "journal": "tasks.sqlite", **self.hosted})
        for said in (["recovered-1.png", "1", "recovered"], ["0", "recovered"]):
            self.assertEqual(self.run_program(recover, config, PROMPT), said)
        self.is_picture("recovered-1.png")
        self.assertEqual(self.posts(), 1)

    def test_a_picture_of_this_machine_from_c(self):
        references = self.compiled("references")
        for config in ({"provider": "runway", **self.hosted}, {"provider": "sketch"}):
            for path in self.run_program(references, json.dumps(config), self.style)[2:]:
                self.is_picture(path)
        self.assertEqual((self.posts(), self.stored()), (4, 1))

    def test_a_picture_of_this_machine_from_the_tool(self):
        tool = os.path.join(BUILT, "bin", "t2i")
        for more in (["--config", json.dumps(self.hosted)], ["--provider", "sketch"]):
            paths = self.run_program(tool, PORTRAIT, "--reference", "Reference=" + self.style, "--force", *more)
            self.is_picture(paths[0])
        self.assertEqual((self.posts(), self.stored()), (1, 1))

    def test_a_picture_of_this_machine_from_python(self):
        for client in (self.client(tls=True), t2i.Client(provider="sketch")):
            with client:
                images = [{"uri": client.upload(self.style), "tag": "Reference"}]
                for references in ([{"path": self.style, "tag": "Reference"}], images):
                    task = client.submit(PORTRAIT, reference_images=references)
                    self.assertEqual(task.wait(30).output[0].bytes[:4], b"\x89PNG")
        self.assertEqual((self.posts(), self.stored()), (2, 1))

    def test_a_picture_of_this_machine_by_the_names_of_the_official_sdk(self):
        hosted = {"api_key": self.fake.key, "base_url": self.fake.tls_url, "ca_file": self.fake.ca_file,
                  "poll_floor_ms": 20}
        for settings in (hosted, {"provider": "sketch"}):
            client = RunwayML(output_dir=self.folder, **settings)
            with open(self.style, "rb") as style:
                upload = client.uploads.create_ephemeral(style)
            self.assertEqual(upload.uri, upload.runway_uri)
            task = client.text_to_image.create(
                model="gen4_image", ratio="1920:1080", prompt_text=PORTRAIT,
                reference_images=[{"uri": upload.runway_uri, "tag": "Reference"}]).wait_for_task_output()
            self.is_picture(url2pathname(task.output[0][len("file://"):]))
            client.close()
        self.assertEqual((self.posts(), self.stored()), (1, 1))

    def test_from_the_tool(self):
        tool = os.path.join(BUILT, "bin", "t2i")
        for request in (BASIC, TAGGED, TURBO):
            flags = [request["prompt_text"], "--model", request["model"], "--ratio", request["ratio"]]
            for reference in request.get("reference_images", []):
                flags += ["--reference", f"{reference['uri']}={reference['tag']}"]
            for more in (["--config", json.dumps(self.hosted)], ["--provider", "sketch"]):
                paths = self.run_program(tool, *flags, "--force", *more)
                self.assertEqual(len(paths), 1)
                self.is_picture(paths[0])
        self.assertEqual(self.posts(), 3)

    def test_from_python(self):
        for request in (BASIC, TAGGED, TURBO):
            for client in (self.client(tls=True), t2i.Client(provider="sketch")):
                with client:
                    path = os.path.join(self.folder, "picture.png")
                    client.submit(**request).wait(30).output[0].save(path, overwrite=True)
                    self.is_picture(path)
        self.assertEqual(self.posts(), 3)

    def test_by_the_names_of_the_official_sdk(self):
        hosted = {"api_key": self.fake.key, "base_url": self.fake.tls_url, "ca_file": self.fake.ca_file,
                  "poll_floor_ms": 20}
        for settings in (hosted, {"provider": "sketch"}):
            client = RunwayML(output_dir=self.folder, **settings)
            for request in (BASIC, TAGGED, TURBO):
                task = client.text_to_image.create(**request).wait_for_task_output()
                self.assertTrue(task.output[0].startswith("file://"))
                self.is_picture(url2pathname(task.output[0][len("file://"):]))
            client.close()
        self.assertEqual(self.posts(), 3)


if __name__ == "__main__":
    sys.exit(unittest.main())
