"""`kill -9` at every call of consequence between opening a client and closing it, and then: nothing paid twice, nothing
lost, nothing silent.

    run.py BUILD-FOLDER [--seconds 60] [--seed N] [--only TEXT]

Without --seconds every point is lived; with it, points are drawn at random for so long. A point that breaks the promise
is printed with all that leads to it again. Ends with "N passed, N failed", each point counting as one.
"""

import argparse
import multiprocessing
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter, namedtuple

from lives import BEHAVIOURS, Point, Stand
from programs import compiled

WORKERS = 2
THEN = ("R", "RS", "S", "SR")
# How many lives of every hundred are killed a second time, while they recover; and where at most.
TWICE = 20
TWICE_WITHIN = 160
# What the disk loses when the current fails: all that was not synced, only the contents, or what chance says.
POWER = ("all", "contents", "chance")
# Locks and threads do not take turns in the same order each time: a life may make a few calls more than another.
MARGIN = 4
ROUND = 16

stand = None

Lived = namedtuple("Lived", "deaths end wrong words parts twins")


def begin(life, killer, folder, disk):
    """Each worker has a service and a folder of its own. It ends with this process."""
    global stand
    stand = Stand(life, killer, tempfile.mkdtemp(dir=folder), disk)


def count(group):
    return group, stand.calls(*group)


def live(point):
    try:
        deaths, found = stand.live(point)
        return point, Lived(deaths, found.end, found.wrong, found.words, found.parts, found.twins)
    except (subprocess.TimeoutExpired, OSError, ValueError, KeyError, IndexError, sqlite3.Error) as failure:
        # A hang or a broken answer is a finding too.
        return point, Lived(0, "broken", [f"{type(failure).__name__}: {failure}"], "", 0, 0)


def groups():
    """Making a new journal is the same whatever the service does afterwards."""
    found = [("normal", place, True) for place in ("folder", "memory")]
    return found + [(behaviour, place, False) for behaviour in BEHAVIOURS for place in ("folder", "memory")]


def failing(dice):
    """One way in which the current fails."""
    power = dice.choice(POWER)
    return str(dice.randrange(1, 1 << 31)) if power == "chance" else power


def drawn(calls, dice):
    """A random point; in half of them the current fails."""
    group = dice.choice(sorted(calls))
    call, side = dice.randint(1, calls[group] + MARGIN), dice.choice(("before", "after"))
    again = dice.randint(1, TWICE_WITHIN) if dice.randrange(100) < TWICE else 0
    return Point(*group, call, side, dice.choice(THEN), again, dice.choice(("", failing(dice))))


def every(calls, dice):
    """All of them, in an order that spreads what is slow; and for every fifth one that is killed twice."""
    points = []
    for group in sorted(calls):
        for call in range(1, calls[group] + 1):
            for side in ("before", "after"):
                points.append(Point(*group, call, side, dice.choice(THEN)))
            points.append(Point(*group, call, "after", dice.choice(THEN), 0, failing(dice)))
    points += [drawn(calls, dice) for _ in range(len(points) // 5)]
    dice.shuffle(points)
    return points


def rounds(calls, dice, seconds):
    """Points for as long as there is time, a few at once: a pool takes all that it is given."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        yield [drawn(calls, dice) for _ in range(ROUND)]


def blind(life, killer, folder, calls, dice):
    """The test of this test: a disk that says it synced and did not breaks the promise, and that must be seen. Returns
    how many such points went unnoticed, and of how many."""
    with multiprocessing.Pool(WORKERS, begin, (life, killer, folder, {"T2I_CRASH_NOSYNC": "1"})) as pool:
        group = ("normal", "folder", False)
        last = calls[group]
        points = [Point(*group, dice.randint(last // 2, last), "after", "RS", 0, "all") for _ in range(ROUND)]
        return [bool(lived.wrong) for _, lived in pool.imap_unordered(live, points)].count(False), len(points)


class Tally:
    def __init__(self):
        self.passed = self.failed = self.points = self.deaths = self.parts = self.twins = 0
        self.ends, self.kinds = Counter(), Counter()

    def add(self, point, lived):
        self.points += lived.deaths > 0
        self.deaths += lived.deaths
        self.parts += lived.parts
        self.twins += lived.twins
        self.ends[lived.end] += 1
        self.passed += not lived.wrong
        self.failed += bool(lived.wrong)
        for one in lived.wrong:
            self.kinds[one.split(":")[0]] += 1
            print(f"FAILED {point} ({lived.words}): {one}", flush=True)

    def see(self, unnoticed):
        missed, points = unnoticed
        self.passed += missed < points
        self.failed += missed == points
        print(f"on a disk that lies about syncs {points - missed} of {points} points broke the promise, as they must")

    def tell(self, seconds):
        ends = ", ".join(f"{self.ends[end]} {end}" for end in sorted(self.ends))
        print(f"{self.points} points of death, {self.deaths} deaths, in {seconds:.0f} s; ended: {ends}")
        print(f"{self.parts} hidden .part files were left behind; {self.twins} keys had two handles in one client")
        for kind, times in self.kinds.most_common():
            print(f"  {times} × {kind}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("built", type=os.path.abspath)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--only", default="", help="points whose description contains this")
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(1 << 32) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    life, killer = (compiled(given.built, name) for name in ("life", "killer"))
    dice, tally, begun = random.Random(seed), Tally(), time.monotonic()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        with multiprocessing.Pool(WORKERS, begin, (life, killer, folder, {})) as pool:
            calls = dict(pool.imap_unordered(count, groups()))
            print("calls of a life:", ", ".join(f"{calls[group]} ({group[0]}, {group[1]})" for group in sorted(calls)))
            batches = [every(calls, dice)] if given.seconds is None else rounds(calls, dice, given.seconds)
            for batch in batches:
                chosen = [point for point in batch if given.only in str(point)]
                for point, lived in pool.imap_unordered(live, chosen):
                    tally.add(point, lived)
        tally.see(blind(life, killer, folder, calls, dice))
    tally.tell(time.monotonic() - begun)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not tally.points else 0


if __name__ == "__main__":
    sys.exit(main())
