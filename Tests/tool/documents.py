"""The pages: the manual, the help, the completions and the README say what the program does."""

import os
import re
import shutil
import subprocess

from shell import ROOT, TOOL, ToolTest

COMMANDS = [["check"], ["models"], ["account"], ["doctor"], ["history"], ["ledger"], ["recover"],
            ["resume"], ["settle"]]
HERE = os.path.join(ROOT, "Sources", "t2i")


def read(*names):
    with open(os.path.join(HERE, *names), encoding="utf-8") as file:
        return file.read()


def flags_of_program():
    return set(re.findall(r'^  \{"(--[a-z-]+)"', read("options.c"), flags=re.M))


class Manual(ToolTest):
    def test_the_manual_is_well_formed(self):
        if not shutil.which("groff"):
            self.skipTest("groff is not here to read the manual")
        command = ["groff", "-ww", "-z", "-mandoc", "-Tutf8", os.path.join(HERE, "t2i.1")]
        read_it = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual((read_it.returncode, read_it.stderr), (0, ""))

    def test_the_manual_has_every_flag(self):
        written = set(re.findall(r"Fl Fl ([a-z-]+)", read("t2i.1")))
        self.assertEqual({"--" + name for name in written}, flags_of_program())

    def test_the_exit_codes_are_those_of_the_program(self):
        manual = read("t2i.1").split(".Sh EXIT STATUS")[1].split(".Sh EXAMPLES")[0]
        written = set(map(int, re.findall(r"^\.It (\d+)$", manual, flags=re.M)))
        code = set(map(int, re.findall(r"^  CODE_[A-Z_]+ = (\d+)", read("say.h"), flags=re.M)))
        self.assertEqual(written, code | {130})
        self.assertEqual(len(code), 10)

    def test_the_examples_of_the_manual_work(self):
        self.write("prompts.txt", "a lake\n")
        examples = re.findall(r"^\.Dl (t2i .*)$", read("t2i.1"), flags=re.M)
        self.assertEqual(len(examples), 3)
        for example in examples:
            command = example.replace(r"\(dq", '"').replace("t2i check", "t2i check --provider sketch")
            self.run_shell(command)

    def run_shell(self, script):
        path = os.path.dirname(TOOL) + os.pathsep + os.environ["PATH"]
        done = subprocess.run(
            ["sh", "-eu", "-c", script], cwd=self.folder, env=self.environment(PATH=path), capture_output=True,
            text=True, timeout=120)
        self.assertEqual(done.returncode, 0, script + "\n" + done.stderr)
        return done.stdout

    def test_the_readme_works_from_top_to_bottom(self):
        blocks = re.findall(r"^```sh\n(.*?)```$", read("README.md"), flags=re.M | re.S)
        self.assertEqual(len(blocks), 5)
        outputs = [self.run_shell(block) for block in blocks]
        self.assertEqual(outputs[0], "a-lighthouse-at-dusk.png\n")
        names = sorted(os.listdir(self.path("pictures")))
        self.assertEqual(names, ["1-a-lake-at-noon.png", "2-a-city-in-the-rain.png"])
        for name in ("a-lighthouse-at-dusk.png", "lighthouse.png", "a-stone-texture.png"):
            self.assert_picture(name)


class Help(ToolTest):
    def test_the_help_fits_a_terminal_of_80_by_24(self):
        for arguments in (["--help"], ["help", "check"], ["models", "--help"], ["help", "account"], ["help", "doctor"],
                          ["help", "history"], ["ledger", "--help"], ["help", "recover"], ["resume", "-h"],
                          ["settle", "--help"]):
            code, out, _ = self.run_tool(*arguments)
            self.assertEqual(code, 0)
            # The line of the prompt comes after it.
            self.assertLess(out.count("\n"), 24)
            self.assertLess(max(map(len, out.splitlines())), 80)

    def test_the_help_names_only_flags_that_exist(self):
        pages = [self.run_tool("help", *page)[1] for page in ([], *COMMANDS)]
        named = set(re.findall(r"(?<![\w-])--[a-z-]+", "".join(pages)))
        self.assertEqual(named - flags_of_program(), set())
        self.assertEqual(flags_of_program() - named - {"--help", "--version"}, set())


class Completions(ToolTest):
    def complete(self, *words):
        """What a real bash would offer for the last word."""
        quoted = " ".join(f"'{word}'" for word in words)
        script = f"""
          source '{HERE}/completions/t2i.bash'
          compopt() {{ :; }}
          COMP_WORDS=({quoted}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
          _t2i; printf '%s\\n' "${{COMPREPLY[@]}}" """
        done = subprocess.run(
            ["bash", "-eu", "-c", script], cwd=self.folder, capture_output=True, text=True,
            env=self.environment(PATH=os.path.dirname(TOOL) + os.pathsep + os.environ["PATH"]))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_bash_completes_commands_flags_models_and_files(self):
        self.assertEqual(self.complete("t2i", "m"), ["models"])
        self.assertEqual(self.complete("t2i", "models", "--d"), ["--diff"])
        self.assertEqual(self.complete("t2i", "account", "--"), ["--json", "--config", "--help"])
        self.assertEqual(self.complete("t2i", "doctor", "--on"), ["--online"])
        self.assertEqual(self.complete("t2i", "a", "--dry"), ["--dry-run"])
        self.assertEqual(self.complete("t2i", "-p", ""), ["sketch", "runway"])
        self.assertEqual(self.complete("t2i", "-m", "gen4"), ["gen4_image_turbo", "gen4_image"])
        self.write("prompts.txt", "")
        self.assertEqual(self.complete("t2i", "--from", "pro"), ["prompts.txt"])

    def test_every_shell_knows_every_flag(self):
        word = r"(--[a-z-]+)"
        for name, form in (("t2i.bash", word), ("_t2i", word), ("t2i.fish", r"(?<!set) -l ([a-z-]+)")):
            text = re.sub(r"^ *#.*$", "", read("completions", name), flags=re.M)
            known = {flag if flag.startswith("--") else "--" + flag for flag in re.findall(form, text)}
            self.assertEqual(flags_of_program() - known, set(), name)
            self.assertEqual(known - flags_of_program(), set(), name)

    def test_zsh_reads_its_completion(self):
        self.syntax("zsh", "-n", "_t2i")

    def test_fish_reads_its_completion(self):
        self.syntax("fish", "--no-execute", "t2i.fish")

    def syntax(self, shell, flag, name):
        if not shutil.which(shell):
            self.skipTest(f"{shell} is not here to read {name}")
        done = subprocess.run([shell, flag, os.path.join(HERE, "completions", name)], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Linkage(ToolTest):
    def test_it_needs_only_the_library_jansson_sqlite_and_libc(self):
        listed = subprocess.run(["readelf", "-d", TOOL], capture_output=True, text=True, check=True).stdout
        needed = set(re.findall(r"NEEDED.*\[(.*?)\]", listed))
        self.assertEqual(needed, {"libt2i.so.1", "libjansson.so.4", "libsqlite3.so.0", "libc.so.6"})
        self.assertRegex(listed, r"RUNPATH.*\[\$ORIGIN/\.\./release\]")

    def test_it_includes_nothing_of_the_library_but_its_header(self):
        own = {name for name in os.listdir(HERE) if name.endswith(".h")}
        for name in os.listdir(HERE):
            if name.endswith((".c", ".h")):
                included = set(re.findall(r'^#include "(.*)"', read(name), flags=re.M))
                self.assertEqual(included - own - {"t2i.h"}, set(), name)
