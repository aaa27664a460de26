"""Tests the Python binding on every Python from 3.8 on that this machine has, and says which.

    python.py LIBRARY [EXITS]

Its suite, README and start-up time; EXITS processes of each Python that end with tasks alive (50; the figure of the
README is for 200); mypy --strict; and what `pip install bindings/python` puts into a fresh environment. Ends with
"N passed, N failed".
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = os.path.join(ROOT, "bindings", "python")
TESTS = os.path.join(PACKAGE, "tests")
KEPT = os.path.join(ROOT, ".build-python")
OLDEST = (3, 8)
EXITS = int(sys.argv[2]) if len(sys.argv) > 2 else 50
LIMIT_SECONDS = 240
# The last mypy that still knows Python 3.8, and a ruff.
CHECKERS = ["mypy==1.14.1", "ruff==0.12.0"]

EXIT = """
import t2i, threading
client = t2i.Client("sketch", simulate={"latencyMs": 60000})
tasks = [client.submit("a fox", ratio="64:64") for _ in range(3)]
painter = t2i.Client("sketch")
tasks.append(painter.submit("mountains at dusk", ratio="2048:2048"))
threading.Thread(target=client.wait, daemon=True).start()
threading.Thread(target=lambda: list(painter.events()), daemon=True).start()
"""


def run(command, folder=ROOT, **variables):
    """(exit code, all output); None is the code of what did not end. What is imported is compiled once, elsewhere."""
    compiled = {"PYTHONPYCACHEPREFIX": os.path.join(KEPT, "pycache"), "PYTHONDONTWRITEBYTECODE": None}
    environment = {**os.environ, **compiled, **variables}
    environment = {name: value for name, value in environment.items() if value is not None}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired as late:
        return None, (late.stdout or b"").decode(errors="replace") + f"\nstopped after {LIMIT_SECONDS} s"
    return done.returncode, done.stdout.decode(errors="replace")


def pythons():
    """{(3, 8): path, ...}: one of each version, those of pyenv before those on the path."""
    places = glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python3"))
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        places += glob.glob(os.path.join(folder, "python3")) + glob.glob(os.path.join(folder, "python3.[0-9]*[0-9]"))
    found = {}
    for place in [*places, sys.executable]:
        code, output = run([place, "-c", "import ctypes, sys; print(*sys.version_info[:2])"])
        if code == 0 and re.fullmatch(r"\d+ \d+\s*", output):
            version = tuple(map(int, output.split()))
            if version >= OLDEST:
                found.setdefault(version, place)
    return dict(sorted(found.items()))


def suite(python, library):
    """(passed, failed, [what to say])"""
    code, output = run(
        [python, "-W", "error::ResourceWarning", "-m", "unittest", "-v"], TESTS, T2I_LIBRARY=library)
    ran = re.search(r"^Ran (\d+) tests? in", output, flags=re.M)
    if not ran or int(ran.group(1)) == 0:
        return 0, 1, [output]
    bad = sum(map(int, re.findall(r"(?:failures|errors|unexpected successes)=(\d+)", output.splitlines()[-1])))
    skipped = re.findall(r"^.*\.\.\. skipped (.*)$", output, flags=re.M)
    said = [f"skipped: {reason}" for reason in skipped]
    if code != 0:
        bad = max(bad, 1)
        said.append(output)
    return max(int(ran.group(1)) - bad - len(skipped), 0), bad, said


def exits(python, library):
    """Processes that end while tasks wait, a painter paints and threads listen."""
    def one(_):
        return run([python, "-S", "-c", EXIT], PYTHONPATH=PACKAGE, T2I_LIBRARY=library)

    with ThreadPoolExecutor(3) as pool:
        bad = [ended for ended in pool.map(one, range(EXITS)) if ended != (0, "")]
    return (0, 1, [f"{len(bad)} of {EXITS} did not end well; the first: {bad[0]}"]) if bad else (1, 0, [])


def figure(python, library):
    """Twice before it is believed: the processor time of a busy machine wanders."""
    for _ in range(2):
        code, output = run([python, os.path.join(TESTS, "figures.py"), "20"], T2I_LIBRARY=library)
        if code == 0:
            return 1, 0, [output.strip().split(": ", 1)[-1]]
    return 0, 1, [output]


def types(python):
    """mypy --strict for the oldest and the newest Python, and ruff."""
    home = os.path.join(KEPT, "checkers")
    mypy, ruff = (os.path.join(home, "bin", name) for name in ("mypy", "ruff"))
    if not os.path.exists(ruff):
        run([python, "-m", "venv", home])
        code, output = run([os.path.join(home, "bin", "python"), "-m", "pip", "install", "-q", *CHECKERS])
        if code != 0:
            shutil.rmtree(home, ignore_errors=True)
            return 0, 0, [f"skipped: {' '.join(CHECKERS)} cannot be installed: {output.strip().splitlines()[-1:]}"]
    strict = [mypy, "--strict", "--python-version"]
    with tempfile.TemporaryDirectory() as folder:
        # What the README shows is typed as its reader sees it.
        with open(os.path.join(PACKAGE, "README.md"), encoding="utf-8") as file:
            blocks = re.findall(r"^```python\n(.*?)^```", file.read(), flags=re.S | re.M)
        for index, block in enumerate(blocks):
            with open(os.path.join(folder, f"block{index}.py"), "w", encoding="utf-8") as file:
                file.write(block)
        commands = [
            [*strict, "3.8"], [*strict, "3.13"], [*strict, "3.8", *glob.glob(os.path.join(folder, "*.py"))],
            [ruff, "check", "--config", "pyproject.toml", ".", __file__]]
        answers = [run(command, PACKAGE) for command in commands]
    bad = [output for code, output in answers if code != 0]
    return len(answers) - len(bad), len(bad), bad


def installed(python, library):
    """pip install from a copy of the tree, which must stay as clean as it was; then a picture, from elsewhere."""
    with tempfile.TemporaryDirectory() as folder:
        tree, home = os.path.join(folder, "tree"), os.path.join(folder, "home")
        ours = os.path.join(tree, "bindings", "python")
        shutil.copytree(PACKAGE, ours, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        shutil.copytree(os.path.join(ROOT, "include"), os.path.join(tree, "include"))
        os.makedirs(os.path.join(tree, ".build", "release"))
        shutil.copy(library, os.path.join(tree, ".build", "release", "libt2i.so"))
        before = sorted(os.listdir(ours))
        code, output = run([python, "-m", "venv", home])
        there = os.path.join(home, "bin", "python")
        if code != 0:
            return 0, 0, [f"skipped: pip install: {python} makes no venv: {output.strip().splitlines()[-1:]}"]
        code, _ = run([there, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, "setuptools>=70.1"])
        if code != 0:
            return 0, 0, ["skipped: pip install: PyPI cannot be reached for setuptools"]
        code, output = run([there, "-m", "pip", "install", "-v", ours], T2I_LIBRARY=None)
        if code != 0 or "(the build tree)" not in output:
            return 0, 1, [output]
        code, output = run([there, "-m", "t2i"], folder, T2I_LIBRARY=None, PYTHONPATH=None)
        if code != 0 or "the copy inside the package" not in output or "(the build tree)" not in output:
            return 0, 1, [output]
        program = "import t2i; print(t2i.generate('a fox', provider='sketch', ratio='64:64', output='a.png').paths)"
        code, output = run([there, "-c", program], folder, T2I_LIBRARY=None, PYTHONPATH=None)
        after = sorted(os.listdir(ours))
        if code != 0 or not os.path.exists(os.path.join(folder, "a.png")) or after != before:
            return 0, 1, [output, f"left behind: {sorted(set(after) - set(before))}"]
    return 1, 0, []


def main():
    library = os.path.abspath(sys.argv[1])
    found = pythons()
    print("Pythons:", ", ".join(f"{major}.{minor}" for major, minor in found))
    oldest, newest = found[min(found)], found[max(found)]
    total = [0, 0]

    def count(name, answer):
        passed, failed, said = answer
        total[0] += passed
        total[1] += failed
        print(f"{name}: {passed} passed, {failed} failed")
        for line in said:
            # The caller looks for what was skipped at the beginning of a line.
            print(line if not line.startswith("skipped: ") else f"skipped: {name}: {line[len('skipped: '):]}")
        sys.stdout.flush()

    with ThreadPoolExecutor(3) as pool:
        jobs = [("mypy and ruff", pool.submit(types, oldest)), ("pip install", pool.submit(installed, oldest, library))]
        jobs += [(f"suite on {a}.{b}", pool.submit(suite, path, library)) for (a, b), path in found.items()]
        for name, job in jobs:
            count(name, job.result())
        for (major, minor), path in found.items():
            count(f"{EXITS} exits on {major}.{minor}", exits(path, library))
    count("start-up", figure(newest, library))
    print(f"{total[0]} passed, {total[1]} failed")
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as state:
        # Never the journal of the person who runs this.
        os.environ["XDG_STATE_HOME"] = state
        sys.exit(main())
