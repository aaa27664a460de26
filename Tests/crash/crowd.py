"""The crash test with several tasks at work: a host dies, and two others inherit from it at the same time.

    crowd.py BUILD-FOLDER [--seconds 300] [--seed N]

Points are drawn at random; one that breaks the promise is printed. Ends with "N passed, N failed". What is true of one
task (lives.py) is counted here over all: the service's charges, the journal's rows and sums, and the pictures in the
folder agree, task by task.
"""

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, namedtuple

from lives import KEY, PRICE, SUBMIT, TRUE_PICTURE, Stand, books
from programs import compiled

CROWD = 6
# Several at once, so that one transaction holds facts of many; and more than may be submitted at once.
FAULTS = {
    "all well": [],
    "one answer lost, charged": [{"on": SUBMIT, "fault": "reset"}],
    "one answer lost, not charged": [{"on": SUBMIT, "fault": "reset-uncharged"}],
    "busy at first": [{"on": SUBMIT, "times": 2, "fault": {
        "do": "answer", "status": 429, "body": {"error": "Too many."}, "headers": {"retry-after-ms": "1"}}}],
}
HEIRS = ("R", "C", "RC", "CR")
STANDS = 2

Scene = namedtuple("Scene", "behaviour place fresh call side heirs power")


def describe(scene):
    power = f", without current: {scene.power}" if scene.power else ""
    heirs = " and ".join(scene.heirs)
    return f"[a crowd, {scene.behaviour}; killed {scene.side} call {scene.call}; then {heirs} at once{power}]"


class Crowd(Stand):
    def prepare(self, point):
        self.fake.reset(pendingMs=4, runningMs=8)
        self.fake.scenario(FAULTS[point.behaviour])

    def calls_of(self, behaviour):
        scene = Scene(behaviour, "folder", False, 0, "before", ("", ""), "")
        self.prepare(scene)
        _, words = self.run(self.home(scene), scene, "C", T2I_CRASH_TALLY="1")
        return int(words.split("calls ")[1])

    def inherit(self, home, scene):
        """Two lives at once; what each said."""
        told = [None, None]

        def one(number):
            try:
                told[number], _ = self.run(home, scene, scene.heirs[number])
            except subprocess.TimeoutExpired:
                told[number] = [{"call": "hangs"}]

        both = [threading.Thread(target=one, args=(number,)) for number in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        return told

    def live_through(self, scene):
        """Returns whether the first life died, how many ended how, and all that is wrong."""
        self.prepare(scene)
        home = self.home(scene)
        told, words = self.run(home, scene, "C", T2I_CRASH_AT=str(scene.call), T2I_CRASH_SIDE=scene.side)
        before, _ = books(home, os.path.join(self.folder, "copy"))
        wrong = self.at_death(before)
        for heir in [*self.inherit(home, scene), self.run(home, scene, "R")[0]]:
            if heir is None or any("call" in task for task in heir):
                wrong.append(f"an heir failed: {heir}")
        tasks, sums = books(home)
        wrong += self.at_the_end({task["intent"]: task["stage"] for task in before}, tasks, sums, scene)
        wrong += self.pictures(home, tasks)
        return told is None, Counter(task["stage"] for task in tasks), wrong, words

    def at_death(self, tasks):
        stages = {task["intent"]: task["stage"] for task in tasks}
        return [f"charged before it was written down ({stages.get(charge['idempotencyKey'])})"
                for charge in self.ledger()["charges"] if stages.get(charge["idempotencyKey"]) in (None, "waiting")]

    def at_the_end(self, stages, tasks, sums, scene):
        ledger = self.ledger()
        charged = Counter(charge["idempotencyKey"] for charge in ledger["charges"])
        posts = ledger["postsByIdempotencyKey"]
        wrong = [f"paid {times} times" for times in charged.values() if times != 1]
        wrong += ["a charge that no journal knows"] * len(set(charged) - {task["intent"] for task in tasks})
        keys = Counter(task["key"] for task in tasks)
        wrong += [f"{times} tasks of the key {key}" for key, times in keys.items()
                  if times != 1 or not key.startswith(KEY)]
        if any("C" in heir for heir in scene.heirs) and len(tasks) != CROWD:
            wrong.append(f"{len(tasks)} tasks of {CROWD} that were asked for")
        lost = sum(task["stage"] == "ambiguous" and stages.get(task["intent"]) not in ("submitting", "ambiguous")
                   for task in tasks)
        if lost > ("lost" in scene.behaviour):
            wrong.append(f"{lost} tasks are AMBIGUOUS without a reason")
        for task in tasks:
            wrong += self.of_one(task, charged, posts)
        held = sum(PRICE for task in tasks if task["stage"] in ("ambiguous", "submitting"))
        spent = sum(PRICE for task in tasks if task["stage"] == "ended")
        if sums != (held, spent):
            wrong.append(f"the purse says {sums}, the tasks {(held, spent)}")
        return wrong

    @staticmethod
    def of_one(task, charged, posts):
        if task["stage"] in ("ambiguous", "submitting"):
            has_evidence = task["open"] and 3 in task["facts"]
            return [] if has_evidence else [f"an ambiguous task without evidence: {task['facts']}"]
        fits = (task["stage"], task["state"], task["open"], task["spent"]) == ("ended", 64, 0, PRICE)
        told = f"{task['stage']}, state {task['state']}, open {task['open']}: {task['message']}"
        wrong = [] if fits else [told]
        if charged[task["intent"]] != 1:
            wrong.append("a picture that nobody paid for")
        if posts.get(task["intent"], 0) > 3:
            wrong.append(f"{posts[task['intent']]} paid requests were sent for one task")
        return wrong

    def pictures(self, home, tasks):
        folder = os.path.join(home, "pictures")
        names, ended = sorted(os.listdir(folder)), sum(task["stage"] == "ended" for task in tasks)
        wrong = [] if len(names) == ended else [f"{len(names)} pictures of {ended} tasks: {names}"]
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                if hashlib.sha256(file.read()).hexdigest() != TRUE_PICTURE:
                    wrong.append(f"{name} is not the picture")
        left = sorted(os.listdir(os.path.join(home, "journal")))
        return wrong if left == ["journal.sqlite"] else [*wrong, f"left behind beside the journal: {left}"]


def drawn(calls, dice):
    behaviour = dice.choice(sorted(calls))
    power = dice.choice(("", "all", "contents", str(dice.randrange(1, 1 << 31))))
    return Scene(behaviour, "folder", False, dice.randint(1, calls[behaviour]), dice.choice(("before", "after")),
                 (dice.choice(HEIRS), dice.choice(HEIRS)), power)


class Trial:
    """What the stands draw from, and add to."""

    def __init__(self, calls, dice, seconds):
        self.calls, self.dice, self.give_up = calls, dice, time.monotonic() + seconds
        self.lock = threading.Lock()
        self.passed = self.failed = self.deaths = 0
        self.stages = Counter()

    def work(self, stand):
        while time.monotonic() < self.give_up:
            with self.lock:
                scene = drawn(self.calls, self.dice)
            died, stages, wrong, words = stand.live_through(scene)
            with self.lock:
                self.deaths += died
                self.stages += stages
                self.passed += not wrong
                self.failed += bool(wrong)
                for one in wrong:
                    print(f"FAILED {describe(scene)} ({words}): {one}", flush=True)

    def run(self, stands):
        """A stand that breaks has failed."""
        working = [threading.Thread(target=self.work, args=(stand,)) for stand in stands]
        threading.excepthook = self.broke
        for thread in working:
            thread.start()
        for thread in working:
            thread.join()

    def broke(self, how):
        with self.lock:
            self.failed += 1
        print(f"FAILED a stand broke: {how.exc_type.__name__}: {how.exc_value}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("built", type=os.path.abspath)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int)
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(1 << 32) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    life, killer = (compiled(given.built, name) for name in ("life", "killer"))
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        stands = [Crowd(life, killer, tempfile.mkdtemp(dir=folder)) for _ in range(STANDS)]
        calls = {behaviour: stands[0].calls_of(behaviour) for behaviour in FAULTS}
        trial = Trial(calls, random.Random(seed), given.seconds)
        trial.run(stands)
        for stand in stands:
            stand.close()
    ends = ", ".join(f"{times} {stage}" for stage, times in sorted(trial.stages.items()))
    print(f"{trial.deaths} deaths of {CROWD} tasks each, and 2 heirs at once; tasks: {ends}")
    print(f"{trial.passed} passed, {trial.failed} failed")
    return 1 if trial.failed or not trial.passed else 0


if __name__ == "__main__":
    sys.exit(main())
