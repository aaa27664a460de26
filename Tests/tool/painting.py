"""Pictures: one, many, by which provider, and in which form the tool tells of them."""

import os

from shell import KEY, STUCK, ToolTest


class Painting(ToolTest):
    def test_the_path_stands_alone_on_stdout(self):
        code, out, _ = self.paint("A lighthouse, at DUSK!", "--ratio", "64:64")
        self.assertEqual((code, out), (0, "a-lighthouse-at-dusk.png\n"))
        self.assert_picture("a-lighthouse-at-dusk.png")
        self.assertEqual(len(self.tree()), 1)

    def test_a_chosen_name_that_is_taken_gets_a_number(self):
        names = [self.paint("cats", "-r", "64:64")[1] for _ in range(3)]
        self.assertEqual(names, ["cats.png\n", "cats-2.png\n", "cats-3.png\n"])

    def test_a_prompt_without_ascii_letters_has_a_name_too(self):
        code, out, _ = self.paint("猫", "-r", "64:64", env={"LANG": "C"})
        self.assertEqual((code, out), (0, "picture.png\n"))

    def test_flags_reach_the_request(self):
        _, out, _ = self.paint(
            "a @cat at sea", "--model=gen4_image", "--ratio=80:64", "--seed=7", "--json", "--reference",
            "https://example.com/cat.png=cat", "--set", 'contentModeration={"publicFigureThreshold":"low"}')
        done = self.events(out)[-1]
        self.assertEqual(done["task"]["request"] | {"promptText": ""}, {
            "model": "gen4_image", "promptText": "", "ratio": "80:64", "seed": 7,
            "contentModeration": {"publicFigureThreshold": "low"},
            "referenceImages": [{"uri": "https://example.com/cat.png", "tag": "cat"}]})

    def test_a_file_is_a_reference_with_or_without_a_tag(self):
        self.paint("a cat", "-r", "64:64", "-o", "cat.png")
        os.link(self.path("cat.png"), self.path("cat=one.png"))
        uri = "https://example.com/a.png?b=cat"
        for said, path, tag in (
                ("cat.png=puss", "cat.png", "puss"), ("puss=cat.png", "cat.png", "puss"), ("cat.png", "cat.png", None),
                ("cat=one.png", "cat=one.png", None), ("puss=cat=one.png", "cat=one.png", "puss"), (uri, uri, None),
                ("puss=" + uri, uri, "puss")):
            with self.subTest(said=said):
                _, out, _ = self.paint("sea", "--dry-run", "--json", "--reference", said)
                entry = self.events(out)[0]["request"]["referenceImages"][0]
                self.assertEqual((entry.get("path", entry.get("uri")), entry.get("tag")), (path, tag))

    def test_the_same_seed_is_the_same_picture(self):
        self.paint("a lake", "-s", "7", "-r", "64:64", "-o", "one.png")
        self.paint("a lake", "-s", "7", "-r", "64:64", "-o", "two.png")
        with open(self.path("one.png"), "rb") as one, open(self.path("two.png"), "rb") as two:
            self.assertEqual(one.read(), two.read())

    def test_a_file_is_named_by_its_format(self):
        for form, begins in [("jpeg", b"\xff\xd8"), ("webp", b"RIFF"), ("rgba", b"")]:
            code, out, _ = self.paint("a lake", "--set", f'outputFormat="{form}"', "-r", "64:64")
            name = f"a-lake.{form.replace('jpeg', 'jpg')}"
            self.assertEqual((code, out), (0, name + "\n"))
            with open(self.path(name), "rb") as file:
                self.assertTrue(file.read().startswith(begins))
        self.assertEqual(os.path.getsize(self.path("a-lake.rgba")), 64 * 64 * 4)

    def test_json_lines_tell_everything_to_the_end(self):
        code, out, err = self.paint("a lake", "--json", "-r", "64:64")
        events = self.events(out)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(events[0], {"event": "submitted", "prompt": 1, "state": "QUEUED", "progress": 0})
        done = events[-1]
        self.assertEqual((done["event"], done["ok"], done["file"]), ("done", True, "a-lake.png"))
        self.assertEqual(done["task"]["spent"], 0)
        self.assertEqual([event["event"] for event in events].count("done"), 1)

    def test_json_lines_tell_of_failures(self):
        failing = '{"simulate":{"failureCode":"SAFETY.INPUT.TEXT"}}'
        code, out, _ = self.paint("a lake", "--json", "--config", failing)
        done = self.events(out)[-1]
        self.assertEqual((code, done["ok"], done["status"]), (1, False, "T2I_E_MODERATED"))
        self.assertIn("message", done)

    def test_a_failed_picture_is_a_sentence_and_code_1(self):
        failing = '{"simulate":{"failureCode":"INTERNAL.BAD_OUTPUT"}}'
        code, out, err = self.paint("a lake", "--config", failing)
        self.assertEqual((code, out, self.tree()), (1, "", []))
        self.assertIn("INTERNAL.BAD_OUTPUT", err.splitlines()[-1])

    def test_a_dry_run_sends_nothing_and_names_the_file(self):
        code, out, _ = self.paint("a lake", "-n", *STUCK)
        self.assertEqual((code, self.tree()), (0, []))
        self.assertIn("gen4_image, 64:64; price: nothing (hosted: ", out)
        self.assertIn("would be saved as a-lake.png", out)
        self.paint("a lake", "-n", "--out-dir", "new")
        self.assertFalse(os.path.exists(self.path("new")))


class Many(ToolTest):
    def test_a_hundred_prompts_are_a_hundred_files(self):
        self.write("prompts.txt", "".join(f"a lake number {i}\n" for i in range(1, 101)))
        code, out, err = self.paint("--from", "prompts.txt", "--out-dir", "pics", "-r", "64:64")
        self.assertEqual(code, 0, err)
        expected = [f"pics/{i:03}-a-lake-number-{i}.png" for i in range(1, 101)]
        self.assertEqual(sorted(out.split()), expected)
        for name in expected:
            self.assert_picture(name)
        self.assertIn("100 of 100 saved, 0 failed", err.splitlines()[-1])

    def test_comments_blank_lines_and_windows_are_understood(self):
        text = b"\xef\xbb\xbfa lake\r\n\r\n   # no prompt\n\t\na city  \nno newline at the end"
        _, out, _ = self.paint("--from", "-", "-r", "64:64", "--out-dir", ".", input=text)
        self.assertEqual(sorted(out.split()), ["./1-a-lake.png", "./2-a-city.png", "./3-no-newline-at-the-end.png"])

    def test_a_refused_prompt_does_not_stop_the_others(self):
        self.write("p", f"one\n{'x' * 1001}\nthree @nobody\nfour\n")
        code, out, err = self.paint("--from", "p", "--out-dir", "d", "-r", "64:64")
        self.assertEqual(code, 3)
        self.assertEqual(sorted(out.split()), ["d/1-one.png", "d/4-four.png"])
        self.assertIn("t2i: 2 of 4: promptText: ", err)
        self.assertIn("t2i: 3 of 4: promptText: @nobody", err)
        self.assertIn("2 of 4 saved, 2 failed", err.splitlines()[-1])

    def test_one_mistake_in_a_hundred_prompts_is_said_once(self):
        code, _, err = self.paint("--from", "-", "-r", "3", input=b"a\nb\nc\n" * 33)
        self.assertEqual((code, err.count('"3" is not a size')), (3, 1))
        self.assertIn("98 more were refused for the same reason", err)

    def test_failures_of_two_kinds_are_code_1(self):
        failing = '{"simulate":{"failureCode":"INTERNAL.BAD_OUTPUT"}}'
        code, _, _ = self.paint("--from", "-", "--config", failing, input=b"a lake\na @nobody\n")
        self.assertEqual(code, 1)

    def test_nothing_is_painted_when_a_file_is_in_the_way(self):
        self.write("p", "one\ntwo\n")
        self.write("2-two.png", "mine")
        self.refused(6, ["2-two.png exists; --force"], "--provider", "sketch", "--from", "p")
        self.write("1-one.png", "mine")
        self.refused(6, ["1-one.png and 1 more files", "--force"], "--provider", "sketch", "--from", "p")
        self.assertEqual(self.paint("--from", "p", "--force", "-r", "64:64")[0], 0)
        self.assert_picture("2-two.png")


class Providers(ToolTest):
    def test_without_a_key_a_script_gets_an_error(self):
        self.refused(4, ["RUNWAYML_API_SECRET", "--provider sketch"], "a lake")
        self.refused(4, ["RUNWAYML_API_SECRET"], "a lake", env={"RUNWAYML_API_SECRET": ""})
        self.refused(4, ["RUNWAYML_API_SECRET"], "a lake", "--out-dir", "new")
        self.assertFalse(os.path.exists(self.path("new")))

    def test_with_a_key_nothing_is_switched_silently(self):
        # A place where nobody listens: it tries to reach the service, and does not paint with sketch instead.
        env = {"RUNWAYML_API_SECRET": KEY, "RUNWAYML_BASE_URL": "http://127.0.0.1:1"}
        code, out, err = self.run_tool("a lake", "--config", '{"pollFloorMs":20}', env=env)
        self.assertEqual((code, out, self.tree()), (7, "", []))
        self.assertRegex(err, r"there is no connection to the host .*; nothing was charged\n\Z")
        self.assertNotIn(KEY, err)

    def test_the_config_may_choose_the_provider(self):
        config = '{"provider":"sketch"}'
        self.assertEqual(self.run_tool("a lake", "-r", "64:64", "--config", config)[0], 0)
        self.refused(2, "give one", "a lake", "--config", config, "--provider", "sketch")

    def test_the_key_stays_off_the_command_line(self):
        err = self.refused(2, "set RUNWAYML_API_SECRET", "a lake", "--config", '{"apiKey":"%s"}' % KEY)
        self.assertNotIn(KEY, err)
