"""What `import t2i` to the first submit costs over `import ctypes`, in processor time of a process of its own.

    figures.py [RUNS [PYTHON ...]]     prints one line for each Python; T2I_LIBRARY chooses the library
"""

import os
import statistics
import sys
import tempfile

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIMIT_MS = 20
BASE = "import ctypes, os; os._exit(0)"
SUBMIT = ("import ctypes, os, t2i\n"
          "client = t2i.Client('sketch', simulate={'latencyMs': 60000})\n"
          "client.submit('a lighthouse at dusk', ratio='1280:720')\n"
          "os._exit(0)")


def cpu_ms(python, code, environment):
    child = os.fork()
    if child == 0:
        os.execve(python, [python, "-c", code], environment)
    _, status, used = os.wait4(child, 0)
    if status != 0:
        sys.exit(f"{python} ended with {status}")
    return (used.ru_utime + used.ru_stime) * 1000


def measure(python, runs):
    """(median of what it costs, median of the base), in milliseconds; the two take turns."""
    with tempfile.TemporaryDirectory() as cache:
        # As after an installation: compiled once.
        environment = {**os.environ, "PYTHONPATH": PACKAGE, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        cpu_ms(python, SUBMIT, environment)
        pairs = [(cpu_ms(python, BASE, environment), cpu_ms(python, SUBMIT, environment)) for _ in range(runs)]
    base, submit = (statistics.median(column) for column in zip(*pairs))
    return submit - base, base


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    worst = 0.0
    for python in sys.argv[2:] or [sys.executable]:
        cost, base = measure(python, runs)
        worst = max(worst, cost)
        print(f"{python}: {cost:.1f} ms from `import t2i` to the first submit, over {base:.1f} ms of `import ctypes`")
    return 1 if worst > LIMIT_MS else 0


if __name__ == "__main__":
    sys.exit(main())
