"""From a task's links to a picture in the host's hands: fetched without the key, checked, kept, or left where it is."""

import hashlib
import os
import tempfile
import unittest

from support import PROMPT, Service, t2i

# Links that are never followed, and a word of the reason.
FORBIDDEN = {
    "output-http": "https", "output-file": "https", "output-metadata": "https", "output-userinfo": "user",
    "output-relative": "https", "output-crlf": "", "output-private": "10.0.0.1", "output-not-a-url": "https",
}

# Files that are no picture, or not the whole of one; tried again, and then said.
NOT_A_PICTURE = ["picture-empty", "picture-html", "picture-gif", "picture-wrong-magic", "picture-truncated"]


class Pictures(Service):
    def test_a_picture_is_what_the_service_painted(self):
        task = self.ended(self.client().submit(PROMPT))
        output = task.output[0]
        told = task.json["outputs"][0]
        self.assertEqual(hashlib.sha256(output.bytes).hexdigest(), told["sha256"])
        self.assertEqual((told["bytes"], told["mime"]), (len(output.bytes), "image/png"))
        self.assertEqual((output.width, output.height), (told["width"], told["height"]))
        self.assertNotIn("?", told["url"])
        self.keeps_the_key()

    def test_links_are_shown_to_who_asked_for_them(self):
        task = self.ended(self.client(output_urls=True).submit(PROMPT))
        self.assertIn("?", task.json["outputs"][0]["url"])

    def test_a_folder_gets_the_file_by_its_kind(self):
        with tempfile.TemporaryDirectory() as folder:
            task = self.ended(self.client(output_dir=folder).submit(PROMPT))
            path = task.output[0].path
            self.assertEqual(os.listdir(folder), [os.path.basename(path)])
            self.assertEqual(os.path.splitext(path)[1], ".png")
            with open(path, "rb") as saved:
                self.assertEqual(saved.read(), task.output[0].bytes)

    def test_a_link_that_died_is_asked_for_again(self):
        for fault in ("expired-403", "expired-404", "expired-410"):
            with self.subTest(fault=fault):
                self.fake.reset()
                self.rule(fault)
                self.assertEqual(self.ended(self.client().submit(PROMPT)).state, "SUCCEEDED")

    def test_links_that_always_die_end_it_as_paid(self):
        self.rule("expired-always")
        task = self.ended(self.client().submit(PROMPT))
        self.assertEqual(task.state, "FAILED")
        self.assertTrue(task.error.may_have_spent)

    def test_links_to_where_nothing_may_be_fetched_from(self):
        for fault, word in FORBIDDEN.items():
            with self.subTest(fault=fault):
                self.fake.reset()
                self.rule(fault)
                task = self.ended(self.client().submit(PROMPT))
                self.assertEqual((task.state, task.error.status), ("FAILED", "T2I_E_PROTOCOL"))
                self.assertIn(word, str(task.error))
                self.assertTrue(task.error.may_have_spent, "the picture was paid for")
                self.keeps_the_key()

    def test_redirects_are_followed_where_each_hop_may_be(self):
        for fault, state in (("302-to-private", "FAILED"), ("307-to-private", "FAILED"), ("302-to-http", "FAILED"),
                             ("302-to-file", "FAILED"), ("302-to-self", "SUCCEEDED")):
            with self.subTest(fault=fault):
                self.fake.reset()
                self.fake.scenario([{"on": "GET *", "host": "cdn", "times": 1 if state == "SUCCEEDED" else 50,
                                     "fault": fault}])
                task = self.ended(self.client().submit(PROMPT))
                self.assertEqual(task.state, state, task.error)
                self.keeps_the_key()

    def test_what_is_no_picture_is_not_handed_out(self):
        for fault in NOT_A_PICTURE:
            with self.subTest(fault=fault):
                self.fake.reset(runningMs=20)
                self.fake.scenario([{"on": "GET *", "host": "cdn", "times": 1, "fault": fault}])
                task = self.ended(self.client().submit(PROMPT))
                self.assertEqual(task.state, "SUCCEEDED", "the second try brought it")
                self.assertEqual(task.output[0].bytes[:4], b"\x89PNG")

    def test_answers_without_a_picture(self):
        for fault in ("output-empty", "output-null", "output-numbers"):
            with self.subTest(fault=fault):
                self.fake.reset()
                self.rule(fault)
                client = self.client()
                task = client.submit(PROMPT, deadline=2)
                self.ended(task)
                self.assertIn(task.state, ("FAILED", "DETACHED"))
                self.assertTrue(task.error.may_have_spent or task.state == "DETACHED")

    def test_lazily_nothing_is_fetched_before_it_is_asked_for(self):
        for pumped in (False, True):
            with self.subTest(pumped=pumped):
                self.fake.reset()
                client = self.client(fetch="lazy", pumped=pumped)
                task = self.ended(client.submit(PROMPT))
                self.assertEqual(task.state, "SUCCEEDED")
                self.assertEqual(self.at_cdn(), 0)
                self.assertNotIn("bytes", task.json["outputs"][0])
                self.assertEqual(task.output[0].bytes[:4], b"\x89PNG")
                self.assertEqual(task.output[0].bytes[:4], b"\x89PNG")
                self.assertEqual(self.at_cdn(), 1, "once is enough")

    def test_lazily_a_dead_link_is_asked_for_again(self):
        self.rule("expired-403")
        task = self.ended(self.client(fetch="lazy").submit(PROMPT))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.png")
            task.output[0].save(path)
            self.assertTrue(os.path.getsize(path) > 100)

    def test_lazily_a_failure_is_told_to_who_asks_and_asking_again_helps(self):
        task = self.ended(self.client(fetch="lazy").submit(PROMPT))
        self.fake.scenario([{"on": "GET *", "host": "cdn", "times": 1, "fault": "picture-wrong-magic"}])
        with self.assertRaises(t2i.T2IError) as failed:
            task.output[0].bytes
        self.assertTrue(failed.exception.retryable)
        self.assertEqual(task.output[0].bytes[:4], b"\x89PNG")

    def test_who_waits_in_slices_asks_once(self):
        # The binding waits fifty milliseconds at a time, and there is no room to hold what comes.
        client = self.client(fetch="lazy", max_output_bytes=1)
        task = self.ended(client.submit(PROMPT))
        self.fake.scenario([{"on": "GET *", "host": "cdn", "times": 20, "fault": {"do": "delay", "ms": 400}}])
        self.assertEqual(task.output[0].bytes[:4], b"\x89PNG")
        self.assertEqual(self.at_cdn(), 1)

    def test_memory_has_a_bound_and_nothing_is_lost_beyond_it(self):
        client = self.client(max_output_bytes=100_000)
        tasks = [client.submit(PROMPT, seed=number) for number in range(5)]
        client.wait(tasks, timeout=20)
        before = self.at_cdn()
        for task in tasks:
            self.assertEqual(len(task.output[0].bytes), task.json["outputs"][0]["bytes"])
        self.assertGreater(self.at_cdn(), before, "what did not fit was fetched again")

    def test_several_pictures_of_one_task(self):
        task = self.ended(self.client().submit(PROMPT, model="gpt_image_2", output_count=3, quality="low"))
        self.assertEqual(len(task.output), 3)
        for output in task.output:
            self.assertEqual(output.bytes[:4], b"\x89PNG")

    def at_cdn(self):
        return sum(seen["host"] == "cdn" for seen in self.fake.ledger()["requests"])


if __name__ == "__main__":
    unittest.main()
