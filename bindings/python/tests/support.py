"""What the tests share: where things are, and short ways to a client and to a Python of its own."""

import os
import subprocess
import sys
import unittest

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TREE = os.path.dirname(os.path.dirname(PACKAGE))
sys.path.insert(0, PACKAGE)

import t2i  # noqa: E402

SMALL = "64:64"


def sketch(**settings):
    return t2i.Client("sketch", **settings)


def slow(milliseconds=60000):
    """A client whose tasks take that long."""
    return sketch(simulate={"latencyMs": milliseconds})


def python(code, *arguments, environment=None, timeout=30):
    """Runs a program in a Python of its own, like this one; the finished process, with text."""
    variables = {**os.environ, "PYTHONPATH": PACKAGE, **(environment or {})}
    variables = {name: value for name, value in variables.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=variables, capture_output=True, text=True, timeout=timeout)


class Case(unittest.TestCase):
    def refused(self, kind, sentence, call, *arguments, **named):
        """The exception of a call that must fail with a sentence that contains this one."""
        with self.assertRaises(kind) as caught:
            call(*arguments, **named)
        self.assertIn(sentence, str(caught.exception))
        return caught.exception
