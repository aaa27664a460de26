"""Kills a client before and after every system call that matters, and lets another one recover what it left.

    python3 Tests/crash/crash.py LIBRARY [--seconds 60] [--seed N] [--point BEHAVIOUR:KEEPING:N:SIDE]

A point is one behaviour of the service, one way to keep pictures, one system call and a side of it. At each, a first
life (life.c) is killed there (killer.c is preloaded), a second one recovers, and the ledger of FakeRunway is compared
with what is in the journal and on the disk: nothing is paid twice, nothing is lost, nothing is silent. Without
--seconds every point is tried; with it, as many as fit, in an order that the seed decides.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "Tests", "FakeRunway"))

from fake import FakeRunway  # noqa: E402

SUBMIT = "POST /v1/text_to_image"
BEHAVIOURS = {
    "as it should": [],
    "charged, the answer lost": [{"on": SUBMIT, "fault": "reset"}],
    "not charged, the answer lost": [{"on": SUBMIT, "fault": "reset-uncharged"}],
    "busy at first": [{"on": SUBMIT, "fault": "429-retry-after-ms"}],
    "slow": [{"on": SUBMIT, "fault": {"do": "delay", "ms": 30}}],
    "its first links are dead": [{"on": SUBMIT, "fault": {"do": "fate", "staleReads": 1}}],
}
KEEPINGS = ("folder", "saved")
LIFE_SECONDS = 40


class Broken(Exception):
    """A promise that was not kept at a point."""


class Bench:
    """One service and one folder, for one point at a time."""

    def __init__(self, programs, library):
        self.fake = FakeRunway()
        self.programs = programs
        self.folder = tempfile.mkdtemp(prefix="t2i-crash-")
        self.environment = {"LD_LIBRARY_PATH": os.path.dirname(os.path.abspath(library)), "PATH": os.environ["PATH"]}

    def close(self):
        self.fake.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def begin(self, behaviour):
        self.fake.reset(pendingMs=0, runningMs=10)
        if BEHAVIOURS[behaviour]:
            self.fake.scenario(BEHAVIOURS[behaviour])
        shutil.rmtree(self.folder)
        os.makedirs(os.path.join(self.folder, "pictures"))

    def live(self, keeping, key, recovers, **orders):
        """One life: its exit code and what it printed."""
        config = {
            "provider": "runway", "apiKey": self.fake.key, "baseUrl": self.fake.url, "pollFloorMs": 5,
            "environment": False, "journal": os.path.join(self.folder, "state", "journal.sqlite"), "timeoutMs": 3000}
        pictures = os.path.join(self.folder, "pictures")
        if keeping == "folder":
            config["outputDir"] = pictures
        save_to = "-" if keeping == "folder" else os.path.join(pictures, "picture")
        command = [self.programs["life"], json.dumps(config), key, save_to] + (["recover"] if recovers else [])
        environment = dict(self.environment)
        if orders:
            environment |= {"LD_PRELOAD": self.programs["killer"], **{name: str(value) for name, value in orders.items()}}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, timeout=LIFE_SECONDS, check=False)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def calls(self, behaviour, keeping):
        """How many system calls matter in a life that nobody ends."""
        self.begin(behaviour)
        path = os.path.join(self.folder, "calls")
        code, _ = self.live(keeping, "key", False, T2I_CRASH_COUNT=path)
        if code != 0:
            raise Broken(f"a life that nobody ends ends with {code}")
        with open(path, encoding="ascii") as file:
            return int(file.read())

    def attempt(self, point):
        """The first life dies at the point, the second recovers."""
        behaviour, keeping, call, side, asks_again = point
        self.begin(behaviour)
        self.live(keeping, "key", False, T2I_CRASH_AT=call, T2I_CRASH_SIDE=side)
        code, tasks = self.live(keeping, "key" if asks_again else "-", True)
        self.check(point, code, tasks)

    # What was promised.

    def check(self, point, code, tasks):
        def promise(kept, sentence):
            if not kept:
                raise Broken(f"{sentence}\n  second life: {json.dumps(tasks)[:2000]}\n  {self.evidence()}")

        keeping, asks_again = point[1], point[4]
        ledger = self.fake.ledger()
        charges = ledger["charges"]
        promise(code == 0, f"the second life ends well, not with {code}")
        promise(not [task for task in tasks if "error" in task], "the second life has no errors")
        promise(len(charges) <= 1, "one submit, one charge")
        promise(len(ledger["postsByIdempotencyKey"]) <= 1 or not charges or len(charges) == 1, "one intent is paid once")
        states = [task["state"] for task in tasks]
        promise(all(state in ("SUCCEEDED", "AMBIGUOUS") for state in states), f"every task ends as it must: {states}")
        promise(len(tasks) <= 1, "one request is one task")
        promise(not asks_again or len(tasks) == 1, "who asks again has a task")
        if charges and not tasks:
            promise(self.finished(), "what was charged is found again, or had been finished")
        if "AMBIGUOUS" in states:
            promise(tasks[0].get("evidence"), "an ambiguous task has its evidence")
            promise(tasks[0]["failure"]["maySpend"], "an ambiguous task may have spent")
        self.check_pictures(promise, charges, states, keeping)

    def check_pictures(self, promise, charges, states, keeping):
        names = os.listdir(os.path.join(self.folder, "pictures"))
        pictures = [name for name in names if name.endswith(".png")]
        succeeded = "SUCCEEDED" in states or (not states and self.finished())
        promise(len(pictures) == (1 if succeeded else 0), f"one charge, one file: {names}")
        promise(not succeeded or charges, "a picture was paid for")
        # What a host saves by itself, it saves again by itself: the half of a dead one's file stays, hidden.
        others = [name for name in names if name not in pictures and (keeping == "folder" or not name.endswith(".part"))]
        promise(not others, f"nothing else is left behind: {names}")
        for name in pictures:
            with open(os.path.join(self.folder, "pictures", name), "rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
            promise(digest in self.digests(), f"the file is the picture that was fetched ({keeping})")

    def rows(self, query):
        path = os.path.join(self.folder, "state", "journal.sqlite")
        if not os.path.exists(path):
            return []
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as journal:
            return journal.execute(query).fetchall()

    def digests(self):
        return [json.loads(detail)["sha256"] for (detail,) in self.rows("SELECT detail FROM fact WHERE kind = 9")]

    def finished(self):
        return self.rows("SELECT 1 FROM history WHERE open = 0 AND state = 64") != []

    def evidence(self):
        ledger = self.fake.ledger()
        return json.dumps({
            "charges": ledger["charges"], "posts": ledger["postsByIdempotencyKey"],
            "facts": self.rows("SELECT task, number, kind, value, text FROM fact"),
            "pictures": os.listdir(os.path.join(self.folder, "pictures"))})[:3000]


def build(folder, library):
    """The two programs."""
    compiler = os.environ.get("CC", "cc")
    killer, life = os.path.join(folder, "killer.so"), os.path.join(folder, "life")
    flags = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1"]
    subprocess.run([compiler, *flags, "-shared", "-fPIC", os.path.join(HERE, "killer.c"), "-o", killer, "-ldl"], check=True)
    subprocess.run(
        [compiler, *flags, f"-I{ROOT}/include", os.path.join(HERE, "life.c"), "-o", life,
         f"-L{os.path.dirname(library)}", "-lt2i"], check=True)
    return {"killer": killer, "life": life}


def all_points(bench):
    points = []
    for behaviour in BEHAVIOURS:
        for keeping in KEEPINGS:
            # A little beyond the last: not every life makes the same calls.
            for call in range(1, bench.calls(behaviour, keeping) + 6):
                for side in ("before", "after"):
                    points.append((behaviour, keeping, call, side, bool((call + (side == "after")) % 2)))
    return points


class Trial:
    """Points, tried by several threads, each with a bench of its own."""

    def __init__(self, points, seconds):
        self.points = points
        self.until = time.monotonic() + seconds if seconds else None
        self.next = self.passed = 0
        self.broken = []
        self.lock = threading.Lock()

    def take(self):
        with self.lock:
            if self.next == len(self.points) or (self.until and time.monotonic() >= self.until):
                return None
            self.next += 1
            return self.points[self.next - 1]

    def work(self, bench):
        while (point := self.take()) is not None:
            try:
                bench.attempt(point)
            except (Broken, subprocess.TimeoutExpired) as error:
                # A machine so busy that an answer took too long is no crash; what stays broken is.
                try:
                    bench.attempt(point)
                except (Broken, subprocess.TimeoutExpired):
                    with self.lock:
                        self.broken.append((point, str(error)))
                    continue
                print(f"once only: {name(point)}: {str(error).splitlines()[0]}", flush=True)
            with self.lock:
                self.passed += 1


def name(point):
    return ":".join(str(part) for part in point)


def read(text):
    behaviour, keeping, call, side, asks_again = text.split(":")
    return behaviour, keeping, int(call), side, asks_again == "True"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--point")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="t2i-crash-programs-")
    programs = build(folder, os.path.abspath(options.library))
    benches = [Bench(programs, options.library) for _ in range(2)]
    begun = time.monotonic()
    try:
        points = [read(options.point)] if options.point else all_points(benches[0])
        everything = len(points)
        if options.seconds:
            random.Random(options.seed).shuffle(points)
        trial = Trial(points, options.seconds)
        workers = [threading.Thread(target=trial.work, args=(bench,)) for bench in benches]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        for bench in benches:
            bench.close()
        shutil.rmtree(folder, ignore_errors=True)
    for point, error in trial.broken:
        print(f"broken at --point '{name(point)}': {error}")
    print(f"{trial.next} of {everything} points, seed {options.seed}, {time.monotonic() - begun:.0f} s")
    print(f"{trial.passed} passed, {len(trial.broken)} failed")
    sys.exit(1 if trial.broken or not trial.passed else 0)


if __name__ == "__main__":
    main()
