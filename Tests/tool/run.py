"""Runs the tests of the tool and ends with "N passed, N failed"; what was skipped is said aloud.

    run.py BUILD_FOLDER [NAME...]    only the tests whose name contains one of the words
"""

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
MODULES = ["usage", "painting", "terminals", "faults", "money", "online", "recovery", "documents"]


def all_tests(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from all_tests(test)
        else:
            yield test


def main():
    os.environ["T2I_SCRATCH"] = sys.argv[1]
    words = sys.argv[2:]
    found = all_tests(unittest.TestLoader().loadTestsFromNames(MODULES))
    suite = unittest.TestSuite(test for test in found if not words or any(word in test.id() for word in words))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(suite)
    broken = {test.id().split(" ")[0] for test, _ in result.failures + result.errors}
    for test, why in result.skipped:
        print(f"skipped: {test.id()}: {why}")
    passed = result.testsRun - len(broken) - len(result.skipped)
    print(f"{passed} passed, {len(broken)} failed")
    return 1 if broken or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
