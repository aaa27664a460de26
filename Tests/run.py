"""Runs every part of the tests and ends with one line, "N passed, N failed".

Each part says in a line how it went; what the failed ones wrote comes last. A part that dies, hangs or does not say
how much it tested has failed. Called by `make test` with the build folder; CC, CXX and STDLIB come along.
"""

import concurrent.futures
import glob
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCRATCH = sys.argv[1] if len(sys.argv) > 1 else ".build"
CC, CXX = os.environ.get("CC", "cc"), os.environ.get("CXX", "c++")
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
LINK = ["-Iinclude", f"-L{SCRATCH}/release", "-lt2i", "-pthread", "-Wl,-rpath,$ORIGIN/../release"]
LIMIT_SECONDS = 1800
PROGRAM_LIMIT_SECONDS = 300


def environment(home):
    """What every part sees: no key to spend money with, no journal of the person who runs this."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RUNWAYML_", "XDG_"))}
    # Swift's builder takes CC for its own C targets, and `make` inside `make` its flags.
    for name in ("CC", "CXX", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        kept.pop(name, None)
    return kept | {"XDG_STATE_HOME": home, "XDG_RUNTIME_DIR": home}


class Tally:
    def __init__(self):
        self.passed = self.failed = 0
        self.skipped = []
        self.failures = []

    def add(self, name, counts, seconds, output):
        passed, failed, skipped = counts
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        mark = "ok  " if failed == 0 else "FAIL"
        print(f"{mark} {name:42} {passed:5} passed {failed:3} failed {seconds:7.1f} s", flush=True)
        if failed:
            # Swift Testing tells the beginning of every test too; its end is what counts.
            output = re.sub(r"^(◇|↳) .*\n", "", output, flags=re.M)
            self.failures.append(f"---- {name}\n{output.rstrip()}\n---- end of {name}")


def execute(command, env, folder=ROOT, limit=LIMIT_SECONDS):
    """The exit code (None after the time limit) and all output. Nothing the command started survives it."""
    started = subprocess.Popen(
        command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True)
    try:
        output, _ = started.communicate(timeout=limit)
        code = started.returncode
    except subprocess.TimeoutExpired:
        os.killpg(started.pid, signal.SIGKILL)
        output, code = started.communicate()[0] + f"\nstopped after {limit} s".encode(), None
    return code, output.decode(errors="replace")


def as_one(code, _):
    return (1, 0, []) if code == 0 else (0, 1, [])


def as_swift(code, output):
    """Swift Testing's own summary, less what failed and what was skipped."""
    totals = re.findall(r"^\S+ Test run with (\d+) tests? .*(?:passed|failed) after", output, flags=re.M)
    failed = len(re.findall(r"^✘ Test (?!run with|case ).* failed after", output, flags=re.M))
    skipped = re.findall(r"^➜ Test (.* skipped.*)$", output, flags=re.M)
    total = sum(map(int, totals))
    if total == 0 or (code != 0 and failed == 0):
        return max(0, total - 1), 1, skipped
    return total - failed - len(skipped), failed, skipped


def as_program(code, output):
    """The last line of a C test: "N passed, N failed"."""
    lines = output.rstrip().splitlines() or [""]
    found = re.fullmatch(r"(\d+) passed, (\d+) failed", lines[-1].strip())
    if not found:
        return 0, 1, []
    passed, failed = map(int, found.groups())
    if passed + failed == 0 or (code != 0 and failed == 0):
        failed += 1
    return passed, failed, re.findall(r"^skipped: (.*)$", output, flags=re.M)


def program(tally, env, source, dialect, compiler, flags, count, arguments=()):
    """Compiles one C file against the library and runs it in an empty folder."""
    name = f"{source} as {dialect}"
    target = os.path.join(SCRATCH, "tests", f"{os.path.basename(source)[:-2]}-{dialect}")
    os.makedirs(os.path.join(ROOT, SCRATCH, "tests"), exist_ok=True)
    begun = time.monotonic()
    command = [compiler, *flags, *WARNINGS, "-g", source, "-o", target, *LINK]
    code, output = execute(command, env, limit=PROGRAM_LIMIT_SECONDS)
    counts = (0, 1, [])
    if code == 0:
        with tempfile.TemporaryDirectory() as folder:
            command = [os.path.join(ROOT, target), *arguments]
            code, output = execute(command, env, folder, limit=PROGRAM_LIMIT_SECONDS)
            counts = count(code, output)
        output += f"\nexit code {code}"
    tally.add(name, counts, time.monotonic() - begun, output)


def main():
    # A shell's background job ignores Ctrl-C, one of nohup a hang-up, and so would the programs whose signals are tested.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, lambda *_: None)
    tally = Tally()
    with tempfile.TemporaryDirectory() as home:
        env = environment(home)

        def run(name, count, *command):
            begun = time.monotonic()
            code, output = execute(command, env)
            return name, count(code, output), time.monotonic() - begun, output

        def part(*what):
            tally.add(*run(*what))

        stdlib = "STDLIB=" + os.environ.get("STDLIB", "embedded")
        part("lint", as_one, "make", "lint")
        # Optimised: the simulation and the painter are many times slower otherwise, and what traps still traps.
        part(
            "swift test", as_swift, "swift", "test", "-Xswiftc", "-O", "--scratch-path", ".build-fast",
            "--disable-xctest")
        # A build of many modules in a chain leaves a core free.
        builds = [("release build", as_one, "make", stdlib, "build")]
        if stdlib == "STDLIB=embedded":
            builds.append(("fallback build", as_one, "make", "STDLIB=static", "build"))
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for done in pool.map(lambda build: run(*build), builds):
                tally.add(*done)
        part("check", as_one, "make", stdlib, "check")
        os.chdir(ROOT)
        for source in sorted(glob.glob("Tests/C/*.c")):
            program(tally, env, source, "c11", CC, ["-std=c11"], as_program)
            program(tally, env, source, "c++17", CXX, ["-x", "c++", "-std=c++17"], as_program)
        for source in sorted(glob.glob("bindings/c/*.c")):
            prompt = [] if source.endswith(("references.c", "recover.c")) else ["a lighthouse at dusk"]
            program(tally, env, source, "c11", CC, ["-std=c11"], as_one, prompt)
        part("tool build", as_one, "make", stdlib, "tool")
        part("tool", as_program, "python3", "Tests/tool/run.py", SCRATCH)
        part("install", as_program, "python3", "Tests/install.py")
        part("python binding", as_program, "python3", "Tests/python.py", f"{SCRATCH}/release/libt2i.so")
        part("fake service", as_program, "python3", "Tests/FakeRunway/test_fake.py")
        part("hosted tasks", as_program, "python3", "Tests/service/run.py", SCRATCH)
        crash = ["env", f"CC={CC}", "python3"]
        part("hostile hosts", as_program, *crash, "Tests/C/hosts/run.py", SCRATCH, "quick")
        part("crashes", as_program, *crash, "Tests/crash/run.py", SCRATCH, "--seconds", "45")
        part("crashes of a crowd", as_program, *crash, "Tests/crash/crowd.py", SCRATCH, "--seconds", "15")
        part("race for a budget", as_program, *crash, "Tests/crash/race.py", SCRATCH, "5000")
        part("journals that are none", as_program, *crash, "Tests/crash/doors.py", SCRATCH)
        if stdlib == "STDLIB=embedded":
            libraries = [os.path.join(folder, "release", "libt2i.so") for folder in (SCRATCH, ".build-static")]
            part("both builds paint the same", as_program, "python3", "Tests/twins.py", *libraries)

    for line in tally.skipped:
        print("skipped:", line)
    for failure in tally.failures:
        print(failure)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
