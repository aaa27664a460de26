"""A key and a prompt like no other, looked for in everything that is told or written: in none of it stands the key, and
the prompt only where it belongs. With the log of a client at its loudest, and a service that fails in every manner."""

import ctypes
import json
import os
import unittest
from unittest import mock

from support import LOOK, Service, native, t2i
from t2i._library import Library

KEY = "key_" + "5ca1ab1e" * 16
PROMPT = "zephyrquartz vellichor"
FAULTS = ["401", "402", "400", "422", "429-daily", "500", "502-gateway", "html", "broken-json", "reset", "missing-id"]
LOOKS = ["401", "500", "html", "broken-json", "reset"]
OnLog = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int32, ctypes.POINTER(ctypes.c_char), ctypes.c_size_t)


class Canary(Service):
    def setUp(self):
        super().setUp()
        old = self.fake.key
        self.fake.rotate(KEY)
        self.addCleanup(self.fake.rotate, old)
        self.told = []
        # It outlives every client that calls it.
        self.on_log = OnLog(lambda _, level, text, size: self.told.append(ctypes.string_at(text, size)))

    def loud(self, **settings):
        call = Library.call

        def logged(library, name, *arguments):
            if name == "t2i_client_open":
                options = native.ClientOpts()
                options.struct_size = ctypes.sizeof(options)
                options.on_log = ctypes.cast(self.on_log, ctypes.c_void_p)
                options.log_level = 4
                arguments = (*arguments[:2], ctypes.byref(options), *arguments[3:])
            return call(library, name, *arguments)

        with mock.patch.object(Library, "call", logged):
            return self.client(**settings)

    def life(self, client, said):
        """One task to its end; what is told of it beside its request goes to `said`."""
        try:
            task = client.submit(PROMPT)
            self.ended(task)
        except t2i.T2IError as error:
            said += [str(error), repr(error)]
            return
        report = dict(task.json)
        self.assertEqual(report.pop("request")["promptText"], PROMPT)
        said += [json.dumps(report), str(task.error), repr(task.error), repr(task)]

    def test_neither_is_told_or_written(self):
        said, folder = [], os.environ["XDG_STATE_HOME"]
        pictures = os.path.join(folder, "pictures")
        os.mkdir(pictures)
        client = self.loud(output_dir=pictures, timeout_ms=500)
        for fault in [None, *FAULTS]:
            if fault:
                self.rule(fault, times=1)
            self.life(client, said)
        for fault in LOOKS:
            self.rule(fault, on=LOOK, times=1)
            task = client.submit(PROMPT, deadline=3)
            self.ended(task)
            said.append(str(task.error))
        said += [json.dumps(client.stats()), repr(client), json.dumps(client.account()["organization"])]
        client.close()
        records = [json.loads(record) for record in self.told]
        self.assertGreater(len(records), 60)
        self.assertEqual({"debug", "info", "warn", "error"}, {record["level"] for record in records})
        for text in [*said, *(record.decode() for record in self.told)]:
            self.assertNotIn(KEY, text)
            self.assertNotIn(KEY[4:36], text)
            for word in PROMPT.split():
                self.assertNotIn(word, text)
        # The journal has the request, because it may have to be asked for again; what comes from the service has not.
        written = 0
        for place, _, names in os.walk(folder):
            for name in names:
                with open(os.path.join(place, name), "rb") as file:
                    content = file.read()
                written += len(content)
                self.assertNotIn(KEY.encode(), content, name)
                if "journal" not in name:
                    self.assertNotIn(b"vellichor", content, name)
        self.assertGreater(written, 10_000)

    def test_prompts_are_told_to_who_asks(self):
        client = self.loud(log_prompts=True)
        self.life(client, [])
        client.close()
        self.assertIn(PROMPT, b"".join(self.told).decode())


if __name__ == "__main__":
    unittest.main()
