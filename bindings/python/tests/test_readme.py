"""Runs what README.md tells a reader to copy."""

import os
import re
import tempfile
import unittest

from support import PACKAGE, Case, python


class Readme(Case):
    with open(os.path.join(PACKAGE, "README.md"), encoding="utf-8") as file:
        text = file.read()

    def test_every_block_runs_as_it_stands(self):
        blocks = re.findall(r"^```python\n(.*?)^```", self.text, flags=re.S | re.M)
        self.assertGreaterEqual(len(blocks), 5)
        expected = ["lighthouse.png", "['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']", "SUCCEEDED 0\n", "FINAL 1.0\n320",
                    "T2I_E_ARG /ratio", "file://"]
        self.assertEqual(len(blocks), len(expected))
        for block, words in zip(blocks, expected):
            with tempfile.TemporaryDirectory() as folder:
                done = python(f"import os; os.chdir({folder!r})\n" + block)
            self.assertEqual((done.returncode, done.stderr), (0, ""), block)
            self.assertIn(words, done.stdout)

    def test_it_is_one_page(self):
        self.assertLessEqual(self.text.count("\n"), 130)

    def test_it_names_what_exists(self):
        from support import t2i
        for name in re.findall(r"`t2i\.(\w+)", self.text):
            self.assertTrue(hasattr(t2i, name), name)
        for name in re.findall(r"`client\.(\w+)", self.text):
            self.assertTrue(hasattr(t2i.Client, name), name)
        for name in re.findall(r"`task\.(\w+)", self.text):
            self.assertTrue(hasattr(t2i.Task, name), name)


if __name__ == "__main__":
    unittest.main()
