"""Runs the tests of FakeRunway and ends with "N passed, N failed"; what is skipped is said aloud."""

import sys
import unittest

MODULES = ["test_service", "test_faults", "test_http2", "test_sdk"]


class Counted(unittest.TextTestResult):
    """Knows how many passed: a class that is skipped as a whole does not say how many tests it has."""

    passed = 0

    def addSuccess(self, test):
        self.passed += 1
        super().addSuccess(test)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromNames(MODULES)
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Counted).run(suite)
    # Several subtests of one test may fail; it is one failure.
    failed = len({getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors})
    for test, reason in result.skipped:
        print(f"skipped: {test.id()}: {reason}")
    print(f"{result.passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
