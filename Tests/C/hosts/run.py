"""Runs the hosts of this folder against a built library, each in both drives, and ends with "N passed, N failed".

    run.py FOLDER quick|all [NAME...]      FOLDER holds release/libt2i.so

A host that dies, hangs or does not say what it counted has failed. `quick` is part of `make test`, `all` is
`make torture`. With SANITIZER=thread or address in the environment FOLDER holds debug/libt2i.so, built with it, the
hosts are compiled with it as well, CC is the clang that brings it, and whatever it reports is a failure: that is
`make sanitize`.
"""

import concurrent.futures
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
CC = os.environ.get("CC", "cc")
WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g"]
sys.path.insert(0, os.path.join(ROOT, "Tests", "FakeRunway"))

from fake import FakeRunway  # noqa: E402

DRIVES = ("threaded", "pumped")
SANITIZER = os.environ.get("SANITIZER", "")
BUILD = "debug" if SANITIZER else "release"
LIMIT_SECONDS = {"quick": 300 if SANITIZER else 90, "all": 900 if SANITIZER else 300}

# Hosts that cannot run under a sanitizer, and why.
LEFT_OUT = {
    "copies": "a sanitizer does not follow into a namespace of its own, with its own libc",
    "memory": "the host and a sanitizer would both be malloc",
    "poisoned": "the host's own functions hide the real ones from a sanitizer as well",
    "stacks": "a sanitizer needs more than stacks of 64 KiB",
    "unloads": "full Swift, which a sanitizer needs, does not survive the unloading of what uses it"}
LEFT_OUT |= {
    "thread": {"forks": "under ThreadSanitizer the child of several threads did not come to its end"},
    "address": {"exits": "it ends with tasks alive, whose memory LeakSanitizer counts as lost"}
}.get(SANITIZER, {})


def runtime():
    """Where the libraries of full Swift are: beside the compiler."""
    toolchain = os.path.dirname(os.path.dirname(os.path.realpath(shutil.which(CC))))
    return os.path.join(toolchain, "lib", "swift", "linux")


def compiled(source, target, folder):
    """What the compiler had to say about it; nothing when all is well."""
    with open(source, encoding="utf-8") as file:
        # A host that wants more than the library says so in its first lines.
        extra = re.search(r"^ \* cc: ([^*\n]*)", file.read(2000), flags=re.M)
    built = os.path.join(folder, BUILD)
    sanitized = ["-fsanitize=" + SANITIZER, "-O1", "-fno-omit-frame-pointer"] if SANITIZER else []
    if SANITIZER == "thread":
        # The toolchain's watches Dispatch as well.
        sanitized += ["-DSANITIZER_THREADS=1", "-L" + runtime(), "-Wl,--no-as-needed,-ldispatch,-lBlocksRuntime"]
    command = [CC, *WARNINGS, *sanitized, "-I" + os.path.join(ROOT, "include"), "-I" + os.path.dirname(target), source,
               "-o", target, "-L" + built, "-lt2i", "-pthread", "-ldl", "-Wl,-rpath," + built,
               *(extra[1].split() if extra else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def environment(folder, home, fake):
    """What every host sees: the library, and a service that costs nothing."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RUNWAYML_", "XDG_"))}
    return kept | sanitizing() | {
        "XDG_STATE_HOME": home, "HOST_LIBRARY": os.path.join(folder, BUILD, "libt2i.so"), "HOST_URL": fake.url,
        "HOST_TLS_URL": fake.tls_url, "HOST_CA": fake.ca_file, "HOST_KEY": fake.key, "HOST_CONTROL": fake.control}


def sanitizing():
    """More patience, and full Swift."""
    if not SANITIZER:
        return {}
    # Reports go to files of their own: some hosts close their streams, and some children's end nobody sees.
    options = {"TSAN_OPTIONS": "log_path=sanitizer:die_after_fork=0:second_deadlock_stack=1",
               "ASAN_OPTIONS": "log_path=sanitizer:detect_leaks=1",
               "LSAN_OPTIONS": "print_suppressions=0:suppressions=" + os.path.join(HERE, "leaks.txt")}
    return options | {"T2I_SLOW": "8", "LD_LIBRARY_PATH": runtime()}


def locales(folder):
    """Locales whose numbers look otherwise, or why there are none. ps_AF writes 1٫5."""
    made = os.path.join(folder, "made-locales")
    os.makedirs(made, exist_ok=True)
    for name in ("de_DE", "tr_TR", "ps_AF"):
        target = os.path.join(made, name + ".UTF-8")
        if os.path.isdir(target):
            continue
        try:
            done = subprocess.run(
                ["localedef", "--no-archive", "-c", "-i", name, "-f", "UTF-8", target], capture_output=True, text=True,
                check=False)
        except FileNotFoundError:
            return made, "there is no localedef"
        if not os.path.isdir(target):
            return made, done.stderr.strip()
    return made, ""


def executed(command, env, limit):
    """The exit code, None after the limit, and all it wrote. Nothing the host started survives it."""
    with tempfile.TemporaryDirectory() as place:
        started = subprocess.Popen(
            command, cwd=place, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)
        try:
            output, _ = started.communicate(timeout=limit)
            code = started.returncode
        except subprocess.TimeoutExpired:
            code = None
        try:
            os.killpg(started.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        if code is None:
            output = started.communicate()[0] + f"\nstopped after {limit} s".encode()
        for report in glob.glob(os.path.join(place, "sanitizer.*")):
            with open(report, "rb") as file:
                output += b"\nreported:\n" + file.read()
        return code, output.decode(errors="replace")


def told(name, code, output, seconds):
    """The counts of one run, printed as it ends, and what it said if it failed."""
    lines = output.rstrip().splitlines() or [""]
    found = re.fullmatch(r"(\d+) passed, (\d+) failed", lines[-1].strip())
    passed, failed = map(int, found.groups()) if found else (0, 1)
    if passed + failed == 0 or (code != 0 and failed == 0):
        failed += 1
    mark = "FAIL" if failed else "ok  "
    print(f"{mark} {name:24} {passed:5} passed {failed:3} failed {seconds:6.1f} s", flush=True)
    for line in lines:
        if line.startswith(("counted: ", "skipped: ")):
            print(line if line.startswith("skipped: ") else "       " + line)
    return passed, failed, "\n".join([f"FAIL {name}, exit code {code}", *lines]) if failed else ""


def main():
    folder, depth, wanted = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3:]
    target = os.path.join(folder, "tests", "hosts")
    os.makedirs(target, exist_ok=True)
    calls = [sys.executable, os.path.join(HERE, "calls.py"), os.path.join(ROOT, "include", "t2i.h")]
    subprocess.run([*calls, os.path.join(target, "calls.h")], check=True)
    names = sorted(os.path.basename(source)[:-2] for source in glob.glob(os.path.join(HERE, "*.c")))
    names = [name for name in names if not wanted or name in wanted]
    for name in [name for name in names if SANITIZER and name in LEFT_OUT]:
        print(f"skipped: {name}: {LEFT_OUT[name]}")
        names.remove(name)
    passed = failed = 0
    failures = []
    pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
    with tempfile.TemporaryDirectory() as home, pool, FakeRunway() as fake:
        env = environment(folder, home, fake)
        env["LOCPATH"], missing = locales(target)
        if missing:
            print(f"skipped: de_DE, tr_TR and ps_AF, which this machine cannot make: {missing}")
        sources = [(os.path.join(HERE, name + ".c"), os.path.join(target, name), folder) for name in names]
        complaints = dict(zip(names, pool.map(lambda each: compiled(*each), sources)))
        for name in names:
            for drive in DRIVES:
                begun = time.monotonic()
                if complaints[name]:
                    code, output = 1, complaints[name]
                else:
                    code, output = executed([os.path.join(target, name), drive, depth], env, LIMIT_SECONDS[depth])
                counts = told(f"{name}, {drive}", code, output, time.monotonic() - begun)
                passed, failed = passed + counts[0], failed + counts[1]
                failures += [counts[2]] if counts[2] else []
    # Last, where whoever looks for what went wrong looks first.
    print(*failures, sep="\n", end="\n" if failures else "")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
