"""The command line: what is wrong with it is said in one sentence with the way to put it right."""

import json
import os
import pwd
import re
import time

from shell import KEY, ROOT, ToolTest

SKETCH = ["--provider", "sketch"]


class CommandLine(ToolTest):
    def test_wrong_flags_and_values(self):
        for expected, *arguments in [
            ("there is no prompt",),
            ("the prompt is empty", ""),
            ('put all of it in quotes: t2i "a lake', "a", "lake"),
            ("no flag --modle; did you mean --model?", "a", "--modle", "x"),
            ("no flag --out; did you mean --output?", "a", "--out", "x"),
            ("no flag --xyzzyxyz; t2i --help", "a", "--xyzzyxyz"),
            ("no flag -q;", "a", "-q"),
            ("--model needs MODEL", "a", "--model"),
            ("--model needs MODEL", "a", "--model", "--force"),
            ("--model is empty", "a", "--model="),
            ("--force takes no value", "a", "--force=yes"),
            ("--model is given twice", "a", "-m", "x", "--model", "y"),
            ("--diff belongs to t2i models", "a", "--diff"),
            ("t2i models has no --model", "models", "--model", "x"),
            ("--diff compares", "models", "--diff"),
            ('t2i models takes no "x"', "models", "x"),
            ("did you mean t2i models? To paint the word: t2i -- modles", "modles"),
            ("no command paint", "help", "paint"),
            ("give one of them", "a", "--from", "x"),
            ("use --out-dir", "--from", "x", "-o", "y"),
            ("exclude each other", "a", "-o", "x", "--out-dir", "y"),
            ("standard output", "a", "-o", "-"),
            ("--seed: x is no whole number", "a", "--seed", "x"),
            ("no whole number", "a", "--seed", "99999999999999999999"),
            ("has no KEY=JSON", "a", "--set", "quality"),
            ("""--set 'quality="high"' (a text needs its quotes)""", "a", "--set", "quality=high"),
            ("use --ratio", "a", "--set", 'ratio="1:1"'),
            ("given twice", "a", "--set", "x=1", "--set", "x=2"),
            ("exclude each other", "a", "--set", "referenceImages=[]", "--reference", "https://example.com/x.png"),
            ("--config: {x is no JSON", "a", "--config", "{x"),
            ("--config must be a JSON object", "a", "--config", "[]"),
            ("did you mean maxPixels", "a", *SKETCH, "--config", '{"maxPixel":1}'),
        ]:
            with self.subTest(arguments):
                self.refused(2, expected, *arguments)

    def test_what_the_check_refuses_is_code_3(self):
        self.refused(3, ['"3" is not a size', "1024:1024"], "a", "-r", "3", *SKETCH)
        err = self.refused(3, "t2i check lists all", "a @nobody", "-r", "3", "-s", "-1", *SKETCH)
        self.assertIn("2 other problems", err)

    def test_nothing_that_is_repeated_can_send_escape_codes(self):
        evil = "\x1b[31m\u009b2J"
        self.assertNotIn("\x1b", self.refused(2, "there is no flag", "a", "--" + evil))
        self.assertNotIn("\u009b", self.refused(2, "there is no flag", "a", "--" + evil))
        for arguments in (["--set", evil + "=1"], ["-m", evil]):
            _, out, err = self.run_tool("check", "a", *SKETCH, *arguments)
            self.assertNotRegex(out + err, "[\x1b\u009b]")

    def test_a_prompt_that_is_no_utf8(self):
        self.refused(2, "not UTF-8", b"K\xe4se", *SKETCH)

    def test_after_two_dashes_everything_is_a_prompt(self):
        for word in ("models", "--help", "-o"):
            code, out, _ = self.paint("-r", "64:64", "--", word)
            self.assertEqual((code, out), (0, word.strip("-") + ".png\n"))

    def test_a_warning_is_a_note_and_no_error(self):
        code, out, err = self.paint("a lake", "-r", "64:64", "-m", "gen4_imag")
        self.assertEqual((code, out), (0, "a-lake.png\n"))
        self.assertIn("note: ", err)
        self.assertIn("did you mean gen4_image?", err)


class Check(ToolTest):
    def test_every_problem_comes_with_place_allowed_and_nearest(self):
        code, out, _ = self.run_tool("check", "a lake", *SKETCH, "--set", "sed=1", "-r", "3", "-m", "gen4_image")
        self.assertEqual((code, self.tree()), (3, []))
        self.assertIn("refused, 2 problems\n", out)
        self.assertRegex(out, r"error at /sed\n    .*\n    nearest: seed\n")
        self.assertRegex(out, r"error at /ratio\n    .*\n    allowed: 1024:1024, .*\n")

    def test_a_right_request_has_its_price(self):
        code, out, _ = self.run_tool("check", "a lake", *SKETCH, "-m", "gemini_image3_pro")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"right: gemini_image3_pro, \S+; price: nothing \(hosted: (about )?20 credits\)")

    def test_many_prompts_as_json(self):
        code, out, err = self.run_tool("check", "--json", "--from", "-", *SKETCH, input=b"one\ntwo @nobody\n")
        reports = [json.loads(line) for line in out.splitlines()]
        self.assertEqual((code, [(report["prompt"], report["ok"]) for report in reports]), (3, [(1, True), (2, False)]))
        self.assertIn("1 of 2 prompts are refused", err)


class Models(ToolTest):
    def catalogue(self, change):
        with open(os.path.join(ROOT, "Sources/Foreign/CCatalogue/catalogue.json")) as file:
            catalogue = json.load(file)
        change({model["id"]: model for model in catalogue["models"]}, catalogue)
        return self.write("newer.json", json.dumps(catalogue))

    def test_the_menu_names_every_model(self):
        _, names, _ = self.run_tool("models", "--names")
        _, table, _ = self.run_tool("models")
        _, menu, _ = self.run_tool("models", "--json")
        self.assertEqual([model["id"] for model in json.loads(menu)], names.split())
        self.assertEqual([line.split()[0] for line in table.splitlines()[1:]], names.split())
        self.assertRegex(table, r"gen4_image +5 to 8 credits +0 to 3 ")

    def test_a_diff_tells_what_a_newer_catalogue_changes(self):
        def change(models, catalogue):
            catalogue["models"].remove(models["muse_image"])
            catalogue["models"].append(json.loads(json.dumps(models["gen4_image"])) | {"id": "gen5_image"})
            models["gen4_image"]["ratio"]["values"] += ["4096:4096"]
            models["gen4_image"]["ratio"]["values"].remove("720:720")
            models["gen4_image_turbo"]["referenceImages"]["max"] = 5
        name = self.catalogue(change)
        code, out, err = self.run_tool("models", "--catalogue", name, "--diff")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out.splitlines(), [
            "+ gen5_image (5 to 8 credits)", "- muse_image (1 credit)",
            "~ gen4_image_turbo: references: 1 to 3 -> 1 to 5",
            "~ gen4_image: ratios added: 4096:4096", "~ gen4_image: ratios removed: 720:720"])
        _, out, _ = self.run_tool("models", "--catalogue", name, "--diff", "--json")
        self.assertEqual([model["id"] for model in json.loads(out)["removed"]], ["muse_image"])

    def test_a_diff_tells_what_becomes_dearer(self):
        def change(models, _):
            for name, factor in (("gen4_image", 2), ("gemini_2.5_flash", 0.2)):
                models[name]["pricing"] = scaled(models[name]["pricing"], factor)

        def scaled(value, factor):
            if isinstance(value, dict):
                return {key: scaled(inner, factor) for key, inner in value.items()}
            if isinstance(value, list):
                return [scaled(inner, factor) for inner in value]
            return int(value * factor) if isinstance(value, (int, float)) and not isinstance(value, bool) else value

        _, out, err = self.run_tool("models", "--catalogue", self.catalogue(change), "--diff")
        self.assertIn("~ gen4_image: price up: 5 to 8 credits -> 10 to 16 credits\n", out)
        self.assertIn("~ gemini_2.5_flash: price down: 5 credits -> 1 credit\n", out)
        self.assertRegex(err, r"note: .*gemini_2\.5_flash")

    def test_the_same_catalogue_changes_nothing(self):
        name = self.catalogue(lambda models, catalogue: None)
        self.assertEqual(self.run_tool("models", "--catalogue", name, "--diff")[:2], (0, "nothing changes\n"))

    def test_catalogues_that_are_none(self):
        self.refused(6, "none.json", "models", "--catalogue", "none.json")
        self.refused(2, "", "models", "--catalogue", self.write("broken.json", "{"))


class Doctor(ToolTest):
    def test_it_can_be_pasted_anywhere(self):
        user = pwd.getpwuid(os.getuid())
        home = self.path("home", "maximiliane")
        os.makedirs(os.path.join(home, "project"))
        secret = {"RUNWAYML_API_SECRET": KEY, "HTTPS_PROXY": "http://me:password@proxy", "HOME": home}
        code, out, err = self.run_tool("doctor", "--out-dir", os.path.join(home, "project"), env=secret)
        self.assertEqual((code, err), (0, ""), out)
        for private in (KEY, KEY[4:20], "password", "maximiliane", user.pw_dir + "/", os.uname().nodename):
            self.assertNotIn(private, out)
        self.assertIn("out-dir       ~/project, writable", out)
        self.assertRegex(out, r"key +set, in the right form")
        self.assertRegex(out, r"environment +HTTPS_PROXY is set")
        self.assertRegex(out, r"library +1\.0\.0, from /\S*libt2i\.so")
        self.assertRegex(out, r"catalogue +built in, \d+ models")

    def test_a_key_that_cannot_be_right_is_told_without_showing_it(self):
        for key in (KEY[:-1], KEY.upper(), f'"{KEY}"', KEY + "\n", "sk-abcdefgh"):
            code, out, _ = self.run_tool("doctor", env={"RUNWAYML_API_SECRET": key})
            self.assertEqual(code, 1)
            self.assertRegex(out, r"key +set, and NOT in the right form: \d+ characters.*\n +-> copy it again")
            self.assertNotIn(key.strip(), out)

    def test_no_key_is_no_fault(self):
        code, out, _ = self.run_tool("doctor")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"key +RUNWAYML_API_SECRET is not set; .*\n +-> .*export RUNWAYML_API_SECRET")
        self.assertEqual(out.splitlines()[-1], "Nothing is wrong.")

    def test_a_folder_that_is_none_is_told(self):
        code, out, _ = self.run_tool("doctor", "--out-dir", self.write("file", ""))
        self.assertEqual(code, 1)
        self.assertRegex(out, r"out-dir +file is NO folder\n +-> ")


class Version(ToolTest):
    def test_the_version_comes_in_15_milliseconds(self):
        times = []
        for _ in range(20):
            begun = time.perf_counter()
            code, out, _ = self.run_tool("--version")
            times.append(time.perf_counter() - begun)
            self.assertEqual(code, 0)
            self.assertTrue(re.fullmatch(r"t2i \d+\.\d+\.\d+, libt2i \d+\.\d+\.\d+\n", out))
        self.assertLess(min(times), 0.015, "the fastest of 20, with starting the process from Python")
