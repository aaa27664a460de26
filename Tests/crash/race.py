"""A hard ceiling under a race: eight processes of 64 threads ask for more than the budget of one journal allows. Not
one millicredit goes beyond it, at no moment; and what the hosts were told adds up to what the journal says.

    race.py BUILD-FOLDER [SUBMITS]

Ends with "N passed, N failed".
"""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from programs import compiled

PROCESSES, THREADS = 8, 64
# Of different size, so that what is left at the end fits some and not others.
PRICES = [3, 5, 7, 11, 13, 17, 19, 23]
# Of what is asked for. The closer to all of it, the longer the race goes on before all are refused.
PART = 0.9
LIMIT_SECONDS = 1500


def watch(path, over, seen, ceiling):
    """Looks at the sums as often as it can until all is over."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as journal:
        while not over.is_set():
            held, spent = journal.execute("SELECT IFNULL(SUM(held), 0), IFNULL(SUM(spent), 0) FROM purse").fetchone()
            seen["looks"] += 1
            seen["most"] = max(seen["most"], held + spent)
            seen["over"] += held + spent > ceiling
            time.sleep(0.001)


def race(program, journal, each, ceiling):
    """All processes at once; what each says at its end, and what was seen meanwhile."""
    reading, writing = os.pipe()
    running = []
    for price in PRICES:
        config = {
            "provider": "sketch", "journal": journal, "simulate": {"millicredits": price, "paint": False},
            "paintThreads": 1, "budget": {"maxMillicredits": ceiling, "scope": "journal", "mode": "hard"}}
        running.append(subprocess.Popen(
            [program, json.dumps(config), str(THREADS), str(each)], stdin=reading, stdout=subprocess.PIPE))
    os.close(reading)
    for one in running:
        if one.stdout.readline() != b"ready\n":
            sys.exit("a process of the race did not open its client")
    over, seen = threading.Event(), {"looks": 0, "most": 0, "over": 0}
    watching = threading.Thread(target=watch, args=(journal, over, seen, ceiling))
    watching.start()
    os.close(writing)
    told = [json.loads(one.communicate(timeout=LIMIT_SECONDS)[0]) for one in running]
    over.set()
    watching.join()
    return told, seen


def main():
    built, submits = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    each = -(-submits // (PROCESSES * THREADS))
    asked = each * PROCESSES * THREADS
    ceiling = int(each * THREADS * sum(PRICES) * PART)
    program = compiled(built, "race")
    held_true = []

    def expect(truth, sentence):
        held_true.append(bool(truth))
        print(("ok     " if truth else "FAILED ") + sentence, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        journal = os.path.join(folder, "journal.sqlite")
        begun = time.monotonic()
        told, seen = race(program, journal, each, ceiling)
        seconds = time.monotonic() - begun
        with contextlib.closing(sqlite3.connect(journal)) as books:
            held, spent = books.execute("SELECT SUM(held), SUM(spent) FROM purse").fetchone()
            rows = books.execute("SELECT COUNT(*), SUM(spent), SUM(held) FROM history WHERE stage = 'ended'").fetchone()
    succeeded = sum(one["succeeded"] for one in told)
    paid = sum(one["succeeded"] * price for one, price in zip(told, PRICES))
    sums = {name: sum(one[name] for one in told) for name in told[0]}
    print(f"{asked} submits of {PROCESSES} processes with {THREADS} threads each in {seconds:.1f} s: {sums}")
    expect(sum(sums.values()) == asked and sums["other"] == 0, "each submit succeeded or was refused by the budget")
    expect(seen["looks"] > 10 and seen["over"] == 0,
           f"0 overshoot: at most {seen['most']} of {ceiling} in {seen['looks']} looks while racing")
    expect(spent + held <= ceiling, f"0 overshoot at the end: {spent} spent and {held} held of {ceiling}")
    expect(ceiling - spent < max(PRICES), f"the race went to the ceiling: {ceiling - spent} left")
    expect((spent, held) == (paid, 0), f"the hosts were told of {paid}, the journal of {spent}")
    expect(rows == (succeeded, spent, 0), f"{rows[0]} tasks ended in the journal, {succeeded} were told of")
    failed = held_true.count(False)
    print(f"{len(held_true) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
