"""The shim: the SDK's own examples of text to image, with only the import changed, and its errors."""

import asyncio
import os
import tempfile
import unittest
import urllib.request

from support import Case, python, t2i
from t2i import runwayml

# After the SDK's documentation: submit, wait, print the first URL, catch a failed task.
EXAMPLE = """
from t2i.runwayml import RunwayML, TaskFailedError

client = RunwayML({settings})
try:
    task = client.text_to_image.create(
        model="gen4_image",
        ratio="1920:1080",
        prompt_text="@EiffelTower painted in the style of @StarryNight",
        reference_images=[
            {{"uri": "https://upload.wikimedia.org/eiffel.jpg", "tag": "EiffelTower"}},
            {{"uri": "https://upload.wikimedia.org/starry.jpg", "tag": "StarryNight"}},
        ],
    ).wait_for_task_output()
    print("Task complete:", task)
    print("Image URL:", task.output[0])
except TaskFailedError as e:
    print("The image failed to generate.")
    print(e.task_details)
"""


def sketch(**settings):
    return runwayml.RunwayML(provider="sketch", **settings)


class Sync(Case):
    def test_the_example_runs_with_only_the_import_changed(self):
        done = python(EXAMPLE.format(settings='provider="sketch", max_pixels=3000000'))
        self.assertEqual(done.stderr, "")
        url = done.stdout.split("Image URL: ")[1].strip()
        self.assertTrue(url.startswith("file:///"), url)
        with urllib.request.urlopen(url) as answer:
            self.assertEqual(answer.read(8), b"\x89PNG\r\n\x1a\n")
        os.unlink(url[len("file://"):])
        os.rmdir(os.path.dirname(url[len("file://"):]))

    def test_without_a_key_the_librarys_rule_holds(self):
        environment = {"RUNWAYML_API_SECRET": None}
        done = python(EXAMPLE.format(settings=""), environment=environment)
        self.assertIn('RunwayMLError: no provider and no key: set RUNWAYML_API_SECRET', done.stderr)
        with tempfile.TemporaryDirectory() as folder:
            python(EXAMPLE.format(settings=""), environment={**environment, "TMPDIR": folder})
            self.assertEqual(os.listdir(folder), [])

    def test_a_task_is_retrieved_and_deleted(self):
        with tempfile.TemporaryDirectory() as folder, sketch(output_dir=folder) as client:
            created = client.text_to_image.create(
                model="gen4_image", prompt_text="a fox", ratio="1024:1024",
                content_moderation={"public_figure_threshold": "low"})
            self.assertIn(created.status, ("PENDING", "RUNNING"))
            self.assertIsNone(created.cost)
            created.wait_for_task_output()
            again = client.tasks.retrieve(created.id)
            self.assertEqual((again.id, again.status, again.cost.credits), (created.id, "SUCCEEDED", 0))
            self.assertEqual(again.created_at, created.created_at)
            self.assertEqual(again.estimated_cost.credits, 0)
            self.assertEqual(os.path.dirname(again.output[0]), "file://" + folder)
            client.tasks.delete(created.id)
            error = self.refused(runwayml.NotFoundError, "no task", client.tasks.retrieve, created.id)
            self.assertEqual(error.status_code, 404)
            self.assertEqual(len(os.listdir(folder)), 1)

    def test_failure_timeout_and_cancel(self):
        simulate = {"latencyMs": 50, "failureCode": "SAFETY.INPUT.TEXT"}
        with sketch(simulate=simulate) as client:
            task = client.text_to_image.create(prompt_text="a fox", ratio="64:64")
            error = self.refused(runwayml.TaskFailedError, "moderation", task.wait_for_task_output)
            details = error.task_details
            self.assertEqual((details.status, details.failure_code, details.output),
                             ("FAILED", "SAFETY.INPUT.TEXT", []))
        with sketch(simulate={"latencyMs": 60000}) as client:
            task = client.text_to_image.create(prompt_text="a fox", ratio="64:64")
            self.refused(runwayml.TaskTimeoutError, "timed out", task.wait_for_task_output, timeout=0.1)
            client.tasks.delete(task.id)
            error = self.refused(runwayml.TaskFailedError, "cancelled", task.wait_for_task_output)
            self.assertEqual(error.task_details.status, "CANCELLED")

    def test_errors_have_the_names_of_the_sdk(self):
        with sketch() as client:
            error = self.refused(
                runwayml.BadRequestError, "ratio", client.text_to_image.create, prompt_text="a fox", ratio="16/9")
            self.assertEqual((error.status_code, error.error.where), (400, "/ratio"))
            self.refused(TypeError, "seed must be an int", client.text_to_image.create, prompt_text="a", seed="7")
        for code, kind in ((-60, runwayml.AuthenticationError), (-61, runwayml.RateLimitError),
                           (-62, runwayml.RateLimitError), (-63, runwayml.BadRequestError),
                           (-68, runwayml.NotFoundError), (-42, runwayml.APIConnectionError),
                           (-80, runwayml.RunwayMLError)):
            error = t2i.client.errors.family(code)("a sentence", code)
            self.assertIs(type(runwayml.in_their_words(error)), kind)
        error = t2i.NetworkError("a sentence", -43)
        error.http_status = 503
        self.assertEqual(runwayml.in_their_words(error).status_code, 503)


class Async(Case):
    def test_create_wait_retrieve_delete(self):
        async def main():
            with tempfile.TemporaryDirectory() as folder:
                settings = {"output_dir": folder, "simulate": {"latencyMs": 200}}
                async with runwayml.AsyncRunwayML(provider="sketch", **settings) as client:
                    tasks = await asyncio.gather(*(
                        client.text_to_image.create(prompt_text=f"fox {number}", ratio="64:64") for number in range(3)))
                    with self.assertRaises(runwayml.TaskTimeoutError):
                        await tasks[0].wait_for_task_output(timeout=0.05)
                    done = await asyncio.gather(*(task.wait_for_task_output() for task in tasks))
                    self.assertEqual(len({task.output[0] for task in done}), 3)
                    again = await client.tasks.retrieve(tasks[0].id)
                    self.assertEqual(again.output, done[0].output)
                    await client.tasks.delete(tasks[0].id)
                    with self.assertRaises(runwayml.NotFoundError):
                        await client.tasks.retrieve(tasks[0].id)

        asyncio.run(main())


if __name__ == "__main__":
    unittest.main()
