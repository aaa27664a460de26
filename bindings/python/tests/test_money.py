"""Journals, keys and budgets as Python says them, offline; Tests/service kills processes and lets others recover."""

import os
import tempfile
import unittest

from support import SMALL, Case, sketch, t2i
from t2i import _words as words

PRICED = {"simulate": {"millicredits": 5000, "paint": False}}


class Money(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.journal = os.path.join(folder.name, "tasks.sqlite")

    def test_the_same_key_gives_the_same_object(self):
        told = []
        with sketch(journal=self.journal) as client:
            task = client.submit("a fox", ratio=SMALL, dedupe_key="fox")
            self.assertIs(client.submit("a fox", ratio=SMALL, dedupe_key="fox", on_progress=told.append), task)
            task.wait()
            self.assertEqual((told[-1], task.json["dedupeKey"], client.tasks()), (1.0, "fox", [task]))
            kinds = [event.kind for event in client.events()]
            self.assertEqual(kinds.count("FINAL"), 1)
            self.assertEqual((client.recoverable, client.recover(), client.stats()["recoverable"]), (0, [], 0))

    def test_keys_that_cannot_be(self):
        with sketch(journal=self.journal) as client, sketch() as forgetful:
            self.refused(TypeError, "dedupe_key must be a str", client.submit, "a", dedupe_key=7)
            for key in ("", "x" * 256, "\ud800"):
                self.refused(t2i.InvalidRequest, "dedupe_key", client.submit, "a", ratio=SMALL, dedupe_key=key)
            error = self.refused(
                t2i.InvalidRequest, "needs a journal", forgetful.submit, "a", ratio=SMALL, dedupe_key="k")
            self.assertEqual(error.status, "T2I_E_UNSUPPORTED")
            self.assertEqual((forgetful.recoverable, forgetful.recover()), (0, []))

    def test_a_budget(self):
        for settings in ({}, {"journal": self.journal}):
            with sketch(budget={"max_millicredits": 12_000}, **PRICED, **settings) as client:
                for _ in range(2):
                    self.assertEqual(client.submit("a fox", ratio=SMALL).wait().state, "SUCCEEDED")
                error = self.refused(t2i.PolicyError, "budget", client.submit, "a fox", ratio=SMALL)
                self.assertEqual((error.status, error.may_have_spent), ("T2I_E_BUDGET", False))
                self.assertEqual((client.stats()["spent"], client.stats()["reserved"]), (10_000, 0))
        both = {"max_millicredits": 1, "scope": "day"}
        error = self.refused(t2i.InvalidRequest, "needs a journal", sketch, budget=both)
        self.assertEqual(error.where, "/budget/scope")

    def test_what_sketch_has_not(self):
        with sketch(journal=self.journal) as client:
            task = client.submit("a fox", ratio=SMALL).wait()
            self.assertRegex(task.token, r"^sketch:\d+$")
            self.refused(t2i.InvalidRequest, "only an AMBIGUOUS task can be settled", task.settle)
            self.refused(t2i.InvalidRequest, "", client.resume, "runway:0b2c7d0e-58a0-4d04-9c0f-0d1f4b5a6c7d")
            self.refused(TypeError, "token must be a str", client.resume, 7)
            self.refused(TypeError, "token must be a str", task.settle, 7)
            self.refused(TypeError, "on_progress must be callable", client.resume, "runway:x", on_progress=7)

    def test_a_journal_that_cannot_be(self):
        error = self.refused(t2i.MachineError, "is a folder", sketch, journal=os.path.dirname(self.journal))
        self.assertEqual((error.status, error.where), ("T2I_E_JOURNAL", "/journal"))

    def test_none_is_no_journal_and_nothing_else_is_null(self):
        self.assertEqual(words.encode({"journal": None, "api_key": None}), b'{"journal":null}')


if __name__ == "__main__":
    unittest.main()
