"""A request becomes pictures: submit, wait, events, outputs, cancel, close."""

import os
import struct
import tempfile
import threading
import time
import unittest

from support import SMALL, Case, sketch, slow, t2i


class TaskTests(Case):
    def test_a_prompt_becomes_a_picture(self):
        with sketch() as client:
            task = client.submit("a lighthouse at dusk", ratio="80:48", seed=7)
            self.assertIs(task.wait(), task)
            self.assertEqual((task.state, task.done, task.error, task.progress), ("SUCCEEDED", True, None, 1.0))
            picture = task.output[0]
            self.assertEqual((picture.width, picture.height, picture.mime), (80, 48, "image/png"))
            self.assertEqual(struct.unpack(">II", picture.bytes[16:24]), (80, 48))
            self.assertEqual(task.json["request"]["seed"], 7)
            self.assertEqual(task.paths, [])
            self.assertEqual(len(task.outputs), 1)

    def test_pictures_lie_in_output_dir_given_as_path_or_str(self):
        from pathlib import Path
        with tempfile.TemporaryDirectory() as folder, sketch(output_dir=Path(folder)) as client:
            (path,) = client.submit("ein Haus", ratio=SMALL).wait().paths
            self.assertEqual(os.path.dirname(path), folder)
            with open(path, "rb") as file:
                self.assertEqual(file.read(), client.tasks()[0].outputs[0].bytes)

    def test_save_replaces_only_when_asked(self):
        with tempfile.TemporaryDirectory() as folder, sketch() as client:
            picture = client.submit("a fox", ratio=SMALL).wait().outputs[0]
            path = os.path.join(folder, "fuchs-ü.png")
            self.assertEqual(picture.save(path), path)
            self.assertEqual((picture.path, str(picture), os.fspath(picture)), (path, path, path))
            error = self.refused(t2i.MachineError, "overwrite=True", picture.save, path)
            self.assertEqual((error.status, error.where), ("T2I_E_EXISTS", "path"))
            picture.save(path, overwrite=True)
            error = self.refused(t2i.MachineError, "/nowhere does not exist", picture.save, "/nowhere/a.png")
            self.assertEqual((error.status, error.errno), ("T2I_E_IO", 2))
            self.assertEqual(os.listdir(folder), ["fuchs-ü.png"])

    def test_a_picture_for_pillow_or_a_sentence(self):
        with sketch() as client:
            picture = client.submit("a fox", ratio=SMALL).wait().outputs[0]
            pixels = client.submit("a fox", ratio=SMALL, output_format="rgba").wait().outputs[0]
            self.assertEqual((pixels.mime, len(pixels.bytes)), ("image/x-rgba", 64 * 64 * 4))
            try:
                import PIL  # noqa: F401
            except ImportError:
                self.refused(ImportError, "pip install Pillow", picture.image)
            else:
                self.assertEqual(picture.image().size, (64, 64))
                self.assertEqual(pixels.image().convert("RGB").tobytes(), picture.image().tobytes())

    def test_progress_is_told_to_who_waits_and_rises(self):
        told, threads = [], set()

        def note(progress):
            told.append(progress)
            threads.add(threading.get_ident())

        with slow(300) as client:
            client.submit("a fox", ratio=SMALL, on_progress=note).wait()
        self.assertEqual(told, sorted(set(told)))
        self.assertEqual(told[-1], 1.0)
        self.assertGreater(len(told), 2)
        self.assertEqual(threads, {threading.get_ident()})

    def test_what_on_progress_raises_reaches_who_waits(self):
        with slow(200) as client:
            task = client.submit("a fox", ratio=SMALL, on_progress=lambda progress: 1 / 0)
            self.assertRaises(ZeroDivisionError, task.wait)

    def test_events_end_with_the_last_final(self):
        with slow(100) as client:
            tasks = [client.submit(f"fox {number}", ratio=SMALL) for number in range(3)]
            events = list(client.events(timeout=10))
            finals = [event for event in events if event.kind == "FINAL"]
            self.assertEqual({event.task for event in finals}, set(tasks))
            self.assertEqual({event.state for event in finals}, {"SUCCEEDED"})
            self.assertEqual([event.seq for event in events], sorted(event.seq for event in events))
            self.assertEqual({event.output_index for event in events if event.kind == "OUTPUT"}, {0})
            self.assertEqual(list(client.events()), [])

    def test_events_know_patience(self):
        with slow() as client:
            client.submit("a fox", ratio=SMALL)
            with self.assertRaises(t2i.WaitTimeout):
                for _ in client.events(timeout=0.2):
                    pass

    def test_a_wait_that_times_out_loses_nothing(self):
        with slow(300) as client:
            task = client.submit("a fox", ratio=SMALL)
            begun = time.monotonic()
            error = self.refused(TimeoutError, "not ended after 0.05 s", task.wait, 0.05)
            self.assertIsInstance(error, t2i.WaitTimeout)
            self.assertLess(time.monotonic() - begun, 0.25)
            self.assertRaises(t2i.WaitTimeout, task.wait, 0)
            self.assertEqual(task.wait().state, "SUCCEEDED")

    def test_cancel_and_close(self):
        with slow() as client:
            task = client.submit("a fox", ratio=SMALL)
            task.cancel()
            self.assertEqual(task.wait(5).state, "CANCELLED")
            self.assertEqual((type(task.error), task.error.status), (t2i.PolicyError, "T2I_E_CANCELLED"))
            self.refused(t2i.PolicyError, "cancelled", lambda: task.outputs)
            with client.submit("a hen", ratio=SMALL) as other:
                self.assertEqual(client.tasks(), [task, other])
            self.assertEqual(client.tasks(), [task])
            other.close()
            self.refused(t2i.InvalidRequest, "no such task", lambda: other.state)
            self.assertEqual([event.kind for event in client.events(5)][-1], "FINAL")

    def test_a_failed_task_is_not_a_failed_call(self):
        with sketch(simulate={"latencyMs": 10, "failureCode": "SAFETY.INPUT.TEXT"}) as client:
            task = client.submit("a fox", ratio=SMALL).wait()
            self.assertEqual(task.state, "FAILED")
            error = task.error
            self.assertEqual((type(error), error.status, error.retryable), (t2i.ServiceError, "T2I_E_MODERATED", False))
            self.refused(t2i.ServiceError, "moderation", lambda: task.output)

    def test_a_deadline_ends_a_task(self):
        with slow() as client:
            task = client.submit("a fox", ratio=SMALL, deadline=0.05).wait(5)
            self.assertEqual(task.error.status, "T2I_E_DEADLINE")

    def test_references_by_path_and_by_bytes(self):
        with tempfile.TemporaryDirectory() as folder, sketch() as client:
            first = client.submit("a red fox", ratio=SMALL).wait().outputs[0]
            path = first.save(os.path.join(folder, "fox.png"))
            images = [{"path": path, "tag": "fox"}, {"bytes": first.bytes, "tag": "same"}]
            task = client.submit("@fox and @same", ratio=SMALL, reference_images=images).wait()
            self.assertEqual(task.state, "SUCCEEDED")
            self.assertEqual(task.json["request"]["referenceImages"][1], {"uri": "blob:0", "tag": "same"})
            self.assertIn("bytes", images[1])

    def test_wait_for_all_and_stats(self):
        with sketch() as client:
            tasks = [client.submit(f"fox {number}", ratio=SMALL) for number in range(5)]
            self.assertEqual(client.wait(timeout=20), tasks)
            self.assertEqual(client.stats()["tasks"], {"SUCCEEDED": 5})
            self.assertGreater(client.fileno(), 2)
            self.assertEqual(client.wait([]), [])

    def test_check_and_models(self):
        models = t2i.models()
        self.assertIn("gen4_image", [model["id"] for model in models])
        with sketch() as client:
            self.assertEqual(client.models(), models)
            report = client.check("a fox", model="gen4_image", ratio="9", seed=-1)
        self.assertFalse(report["ok"])
        self.assertEqual({error["where"] for error in report["errors"]}, {"/ratio", "/seed"})
        self.assertTrue(t2i.check("a fox", provider="sketch")["ok"])


class GenerateTests(Case):
    def test_one_call_saves_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.png")
            result = t2i.generate("a fox", provider="sketch", ratio=SMALL, seed=3, output=path)
            self.assertEqual((result.paths, result.output[0].path, result.json["state"]), ([path], path, "SUCCEEDED"))
            with open(path, "rb") as file:
                self.assertEqual(file.read(), result.output[0].bytes)
            again = t2i.generate("a fox", provider="sketch", ratio=SMALL, seed=3)
            self.assertEqual((again.output[0].bytes, again.paths), (result.output[0].bytes, []))
            self.refused(t2i.MachineError, "exists", again.output[0].save, path)
            self.assertEqual(again.output[0].save(path, overwrite=True), path)
            self.refused(t2i.MachineError, "cannot be written", again.output[0].save, folder + "/no/b.png")
            again.output[0].save(os.path.join(folder, "b.png"))
            self.assertEqual(sorted(os.listdir(folder)), ["a.png", "b.png"])

    def test_what_cannot_be_saved_is_not_asked_for(self):
        def never(progress):
            raise AssertionError("it was asked for")

        with tempfile.TemporaryDirectory() as folder:
            for output, sentence in ((folder, "is a folder"), (folder + "/no/a.png", "does not exist"),
                                     (__file__, "overwrite=True")):
                error = self.refused(
                    t2i.MachineError, sentence, t2i.generate, "a fox", provider="sketch", output=output,
                    on_progress=never)
                self.assertEqual(error.where, "output")

    def test_a_task_that_fails_is_raised(self):
        config = {"provider": "sketch", "simulate": {"failureCode": "INTERNAL"}}
        error = self.refused(t2i.ServiceError, "", t2i.generate, "a fox", ratio=SMALL, config=config)
        self.assertTrue(error.retryable)


class ManyThreads(Case):
    def test_twenty_threads_wait_at_once_and_all_are_told(self):
        states = []
        with slow(200) as client:
            def one(number):
                states.append(client.submit(f"fox {number}", ratio=SMALL).wait(20).state)

            threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
            for thread in threads:
                thread.start()
            kinds = []
            while any(thread.is_alive() for thread in threads):
                kinds += [event.kind for event in client.events(20)]
            kinds += [event.kind for event in client.events(20)]
            for thread in threads:
                thread.join()
        self.assertEqual(states, ["SUCCEEDED"] * 20)
        self.assertEqual(kinds.count("FINAL"), 20)

    def test_a_client_closed_by_another_thread_ends_a_wait(self):
        client = slow()
        task = client.submit("a fox", ratio=SMALL)
        threading.Timer(0.1, client.close).start()
        begun = time.monotonic()
        try:
            task.wait(20)
        except t2i.InvalidRequest as error:
            self.assertIn(error.status, ("T2I_E_CLOSED", "T2I_E_HANDLE"))
        self.assertLess(time.monotonic() - begun, 5)
        client.close()
        self.refused(t2i.InvalidRequest, "the client is closed", lambda: task.state)


if __name__ == "__main__":
    unittest.main()
