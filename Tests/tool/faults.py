"""What goes wrong outside: files, folders, disks, pipes, and a library of another version."""

import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time

from shell import ROOT, STUCK, TOOL, Terminal, ToolTest

SKETCH = ["--provider", "sketch"]
NOBODY = 65534


class Files(ToolTest):
    def test_an_existing_file_needs_force_and_is_seen_before_submitting(self):
        self.write("a.png", "mine")
        begun = time.monotonic()
        self.refused(6, ["a.png exists", "--force"], "a lake", "-o", "a.png", *SKETCH, *STUCK)
        self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual(self.paint("a lake", "-o", "a.png", "--force", "-r", "64:64")[0], 0)
        self.assert_picture("a.png")

    def test_a_file_that_comes_while_it_is_painted_is_not_replaced(self):
        process = self.start(
            "a lake", "-o", "a.png", *SKETCH, "-r", "64:64", "--config", '{"simulate":{"latencyMs":1000}}')
        process.stderr.readline()
        self.write("a.png", "mine")
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 6)
        self.assertIn(b"--force", err)
        with open(self.path("a.png")) as file:
            self.assertEqual(file.read(), "mine")

    def test_unreadable_lists_of_prompts(self):
        self.refused(6, "none.txt cannot be read: No such file", "--from", "none.txt", *SKETCH)
        self.refused(6, ". is a folder", "--from", ".", *SKETCH)
        self.refused(2, "no prompt", "--from", self.write("empty", "# only\n\n"), *SKETCH)
        self.refused(2, "line 2 of zero has a zero byte", "--from", self.write("zero", b"a\nb\0c\n"), *SKETCH)
        self.refused(2, "line 1 of latin is not UTF-8", "--from", self.write("latin", b"K\xe4se\n"), *SKETCH)
        self.refused(2, "longer than a megabyte", "--from", self.write("long", b"x" * (2 << 20)), *SKETCH)

    def test_folders_that_cannot_take_a_picture(self):
        self.write("file", "")
        self.refused(6, "there is no folder none", "a", "-o", "none/a.png", *SKETCH)
        self.refused(6, "file is no folder", "a", "-o", "file/a.png", *SKETCH)
        self.refused(6, ". is a folder", "a", "-o", ".", *SKETCH)
        self.refused(6, "the folder none/deep cannot be made", "a", "--out-dir", "none/deep", *SKETCH)
        self.refused(6, "file is no folder", "a", "--out-dir", "file", *SKETCH)
        self.refused(6, "none.png cannot be read", "a", "--reference", "none.png", *SKETCH)

    def test_a_folder_without_rights(self):
        os.mkdir(self.path("closed"), 0o555)
        tool, more = TOOL, {}
        if os.getuid() == 0:
            # Nothing is closed to root: somebody else tries, with a copy he may read.
            os.chmod(self.folder, 0o755)
            copy = tempfile.mkdtemp(prefix="t2i-copy-")
            self.addCleanup(shutil.rmtree, copy)
            os.chmod(copy, 0o755)
            tool = shutil.copy(TOOL, copy)
            library = os.path.realpath(os.path.join(os.path.dirname(TOOL), "../release/libt2i.so"))
            shutil.copy(library, os.path.join(copy, "libt2i.so.1"))
            more = {"user": NOBODY, "env": {"LD_LIBRARY_PATH": copy}}
        self.refused(6, "nothing can be written in closed", "a", "--out-dir", "closed", *SKETCH, tool=tool, **more)

    def test_a_full_disk_leaves_nothing_half_written(self):
        def small_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        code, out, err = self.paint("a lake", "-r", "256:256", preexec_fn=small_files)
        self.assertEqual((code, out, self.tree()), (6, "", []))
        self.assertIn("the picture was made and not saved: ", err.splitlines()[-1])

    def test_a_file_system_without_room(self):
        os.mkdir(self.path("small"))
        mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", self.path("small")]
        if subprocess.run(mount, capture_output=True).returncode != 0:
            self.skipTest("a small file system cannot be mounted here")
        try:
            code, _, err = self.paint("a lake", "-r", "256:256", "-o", "small/a.png")
            self.assertEqual((code, os.listdir(self.path("small"))), (6, []))
            self.assertIn("not saved", err.splitlines()[-1])
        finally:
            subprocess.run(["umount", self.path("small")], check=True)


class Streams(ToolTest):
    def test_a_reader_that_went_away_ends_it_quietly(self):
        self.write("p", "".join(f"a lake number {i}\n" for i in range(60)))
        process = self.start("--from", "p", "--out-dir", "pics", *SKETCH, "-r", "64:64")
        process.stdout.readline()
        process.stdout.close()
        err = process.stderr.read()
        self.assertEqual(process.wait(30), 141)
        self.assertNotIn(b"pipe", err.lower())
        for name in os.listdir(self.path("pics")):
            self.assert_picture(os.path.join("pics", name))

    def test_lists_in_a_closed_pipe_end_quietly(self):
        for arguments in (["models", "--json"], ["--help"], ["doctor"], ["check", "a lake", *SKETCH]):
            read, write = os.pipe()
            os.close(read)
            code, _, err = self.run_tool(*arguments, stdout=write)
            os.close(write)
            self.assertEqual((code, err), (141, ""), arguments)

    def test_a_full_stdout_is_an_error(self):
        with open("/dev/full", "w") as full:
            for arguments in (["models"], ["a lake", *SKETCH, "-r", "64:64"], ["--version"]):
                code, _, err = self.run_tool(*arguments, stdout=full)
                self.assertEqual(code, 6, arguments)
                self.assertIn("standard output cannot be written: No space left", err.splitlines()[-1])

    def test_a_stdout_that_may_not_grow_is_an_error(self):
        def small_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        with open(self.path("models.json"), "w") as file:
            code, _, err = self.run_tool("models", "--json", stdout=file, preexec_fn=small_files)
        self.assertEqual((code, err), (6, "t2i: standard output cannot be written: File too large\n"))

    def test_it_works_without_any_open_stream(self):
        closed = subprocess.run(
            ["sh", "-c", f'exec "{TOOL}" "a lake" --provider sketch -r 64:64 <&- >&- 2>&-'], cwd=self.folder,
            env=self.environment())
        self.assertNotIn(closed.returncode, (-signal.SIGSEGV, -signal.SIGABRT))
        for name in os.listdir(self.folder):
            self.assert_picture(name)


class OtherLibrary(ToolTest):
    def fake(self, major, minor):
        """A library that has the name and nothing but another version."""
        source = f"unsigned t2i_version(void) {{ return {major}u << 24 | {minor}u << 12 | 7u; }}"
        source += 'const char *t2i_build_info(void) { return "other"; }'
        folder = self.path(f"lib{major}{minor}")
        os.mkdir(folder)
        subprocess.run(
            [shutil.which("cc") or "clang", "-shared", "-fPIC", "-x", "c", "-", "-Wl,-soname,libt2i.so.1", "-o",
             f"{folder}/libt2i.so.1"], input=source.encode(), check=True)
        return {"LD_LIBRARY_PATH": folder}

    def test_it_says_which_and_what_to_do(self):
        for major, minor in ((2, 0), (0, 9)):
            env = self.fake(major, minor)
            expected = ["built for libt2i 1.0", f"loaded {major}.{minor}.7 from"]
            err = self.refused(8, expected, "a lake", *SKETCH, env=env)
            self.assertIn("LD_LIBRARY_PATH", err)
            code, out, err = self.run_tool("--version", env=env)
            self.assertEqual((code, out), (8, f"t2i 1.0.0, libt2i {major}.{minor}.7\n"))
            self.assertEqual(self.run_tool("--help", env=env)[0], 0)

    def test_the_doctor_examines_it(self):
        code, out, _ = self.run_tool("doctor", env=self.fake(2, 0))
        self.assertEqual(code, 1)
        self.assertRegex(out, r"compatible +NO: .*\n +-> install both from one release")

    def test_a_later_minor_version_fits(self):
        header = open(os.path.join(ROOT, "include", "t2i.h")).read()
        self.assertIn("#define T2I_VERSION_MAJOR 1\n", header)
        self.assertEqual(self.run_tool("--version", env=self.fake(1, 3))[0], 0)


class Terminals(ToolTest):
    def test_a_terminal_that_goes_away_ends_it(self):
        terminal = Terminal(self, "a lake", *SKETCH, *STUCK)
        terminal.read_until("waiting")
        null = os.open("/dev/null", os.O_RDWR)
        os.dup2(null, terminal.descriptor)
        os.close(null)
        self.assertEqual(terminal.process.wait(30), 128 + signal.SIGHUP)
