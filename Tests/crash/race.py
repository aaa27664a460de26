"""Eight processes of eight threads each spend from one hard budget, through one journal.

    python3 Tests/crash/race.py LIBRARY [SUBMITS]

Nothing is painted, nothing is really paid: sketch says that each picture costs what a hosted one does. Afterwards the
journal must hold exactly what the processes say they got, and not a millicredit more than the budget.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROCESSES, THREADS, PRICE = 8, 8, 5000


def main():
    library = os.path.abspath(sys.argv[1])
    submits = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    each = submits // (PROCESSES * THREADS)
    submits = each * PROCESSES * THREADS
    # Two thirds fit, and the last one only in part.
    ceiling = submits * PRICE * 2 // 3 + PRICE // 2
    folder = tempfile.mkdtemp(prefix="t2i-race-")
    try:
        program = os.path.join(folder, "race")
        subprocess.run(
            [os.environ.get("CC", "cc"), "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", f"-I{ROOT}/include",
             os.path.join(HERE, "race.c"), "-o", program, f"-L{os.path.dirname(library)}", "-lt2i", "-pthread"], check=True)
        journal = os.path.join(folder, "state", "journal.sqlite")
        config = json.dumps({
            "provider": "sketch", "environment": False, "journal": journal, "maxSubmitting": 64, "paintThreads": 1,
            "simulate": {"millicredits": PRICE, "paint": False},
            "budget": {"maxMillicredits": ceiling, "scope": "journal"}})
        begun = time.monotonic()
        environment = {"LD_LIBRARY_PATH": os.path.dirname(library), "PATH": os.environ["PATH"]}
        running = [
            subprocess.Popen([program, config, str(THREADS), str(each)], env=environment, stdout=subprocess.PIPE)
            for _ in range(PROCESSES)]
        outputs = [process.communicate()[0] for process in running]
        seconds = time.monotonic() - begun
        told = [json.loads(output) for output in outputs]
        accepted, refused, other = (sum(one[key] for one in told) for key in ("accepted", "refused", "other"))
        with sqlite3.connect(f"file:{journal}?mode=ro", uri=True) as connection:
            rows, taken = connection.execute("SELECT COUNT(*), SUM(reserved) FROM history WHERE stage = 'ended' AND state = 64").fetchone()
            purse = connection.execute("SELECT SUM(held + spent) FROM purse").fetchone()[0]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    checks = {
        "every process ends well": all(process.returncode == 0 for process in running),
        "every submit is accounted for": accepted + refused == submits and other == 0,
        "the budget is not overshot": purse <= ceiling,
        "nothing that fits is refused": accepted == ceiling // PRICE,
        "the journal holds what was accepted": rows == accepted and taken == purse == accepted * PRICE,
    }
    for sentence, kept in checks.items():
        if not kept:
            print(f"not true: {sentence}")
    print(f"{submits} submits of {THREADS * PROCESSES} threads in {PROCESSES} processes, {accepted} fit, {refused} refused, "
          f"{other} others; {purse} of {ceiling} millicredits; {submits / seconds:.0f} submits/s")
    passed = sum(checks.values())
    print(f"{passed} passed, {len(checks) - passed} failed")
    sys.exit(0 if passed == len(checks) else 1)


if __name__ == "__main__":
    main()
