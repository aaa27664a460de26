"""The host's process: exit with live tasks, fork, Ctrl-C, threads that go on, clients nobody closed."""

import os
import signal
import sys
import threading
import time
import unittest

from support import SMALL, Case, python, slow, t2i

INTERRUPT_SECONDS = 0.1

FORK = """
import os, sys, t2i
client = t2i.Client("sketch")
task = client.submit("a fox", ratio="64:64").wait()
child = os.fork()
if child == 0:
    failed = 1
    try:
        for use in (lambda: client.submit("a hen"), lambda: task.state, client.models, lambda: task.outputs,
                    lambda: t2i.generate("a hen", provider="sketch"), task.close, lambda: next(client.events())):
            try:
                use()
            except t2i.ForkedError as error:
                assert "after the fork" in str(error), error
            else:
                raise AssertionError(use)
        client.close()
        t2i.library_version()
        failed = 0
    finally:
        sys.stdout.flush()
        os._exit(failed)
assert os.waitpid(child, 0)[1] == 0
assert client.submit("a hen", ratio="64:64").wait().state == "SUCCEEDED"
client.close()
"""

POOL = """
import multiprocessing, t2i
def paint(seed):
    return t2i.generate("a fox", provider="sketch", ratio="64:64", seed=seed).output[0].bytes
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pictures = pool.map(paint, range(4))
    assert len(set(pictures)) == 4
"""


class Process(Case):
    def test_ctrl_c_ends_a_wait_at_once(self):
        def seconds(wait):
            sent = []

            def interrupt():
                sent.append(time.monotonic())
                os.kill(os.getpid(), signal.SIGINT)

            threading.Timer(0.1, interrupt).start()
            with self.assertRaises(KeyboardInterrupt):
                wait()
            return time.monotonic() - sent[0]

        with slow() as client:
            task = client.submit("a fox", ratio=SMALL)
            for wait in (task.wait, client.wait, lambda: list(client.events())):
                # The best of three: other programs want this machine too.
                self.assertLess(min(seconds(wait) for _ in range(3)), INTERRUPT_SECONDS)
            self.assertFalse(task.done)

    def test_others_run_while_one_waits(self):
        with slow(1000) as client:
            waiter = threading.Thread(target=client.submit("a fox", ratio=SMALL).wait)
            waiter.start()
            turns = 0
            while waiter.is_alive():
                turns += 1
                time.sleep(0.001)
            # A wait that kept the interpreter to itself would leave a turn after each slice: twenty.
            self.assertGreater(turns, 40)

    @unittest.skipUnless(hasattr(os, "fork"), "no fork here")
    def test_a_forked_child_is_told_and_the_parent_goes_on(self):
        # From 3.12 on Python warns of any fork beside a thread.
        done = python(FORK, environment={"PYTHONWARNINGS": "ignore::DeprecationWarning"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    @unittest.skipUnless(hasattr(os, "fork"), "no fork here")
    def test_a_pool_whose_parent_opened_nothing_paints(self):
        done = python(POOL)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_client_nobody_closed_warns_and_is_not_closed_by_chance(self):
        code = "import t2i\nclient = t2i.Client('sketch')\ndel client\nprint('on')"
        done = python(code, environment={"PYTHONWARNINGS": "always::ResourceWarning"})
        self.assertIn("ResourceWarning: unclosed <t2i.Client", done.stderr)
        self.assertEqual((done.returncode, done.stdout), (0, "on\n"))
        done = python(code)
        self.assertEqual(done.stderr, "")

    def test_exit_in_the_middle_of_everything(self):
        begun = "import t2i, threading, os, sys, asyncio\n"
        begun += "client = t2i.Client('sketch', simulate={'latencyMs': 60000})\n"
        begun += "tasks = [client.submit(f'fox {n}', ratio='64:64') for n in range(3)]\n"
        endings = {
            "the end of the program": "",
            "sys.exit": "sys.exit(0)",
            "a waiting daemon thread": "threading.Thread(target=tasks[0].wait, daemon=True).start()",
            "a listening daemon thread": "threading.Thread(target=lambda: list(client.events()), daemon=True).start()",
            "an awaiting loop": "async def main():\n    asyncio.ensure_future(aw())\n    await asyncio.sleep(.05)\n"
                                "async def aw(): await tasks[0]\nasyncio.run(main())",
        }
        for name, ending in endings.items():
            with self.subTest(name):
                started = time.monotonic()
                done = python(begun + ending)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertLess(time.monotonic() - started, 10)

    def test_an_exception_ends_the_program_as_it_should(self):
        done = python("import t2i\nc = t2i.Client('sketch')\nc.submit('a fox')\nraise SystemExit(7)")
        self.assertEqual((done.returncode, done.stderr), (7, ""))

    def test_nothing_heavy_is_imported_before_the_first_submit(self):
        done = python("import ctypes, sys\nbefore = set(sys.modules)\nimport t2i\nclient = t2i.Client('sketch')\n"
                      "client.submit('a fox', ratio='64:64')\nprint(sorted(set(sys.modules) - before))\nclient.close()")
        for module in ("json", "re", "typing", "asyncio", "inspect", "dataclasses", "enum", "logging", "subprocess"):
            self.assertNotIn(f"'{module}'", done.stdout)
        self.assertIn("'t2i'", done.stdout)

    def test_no_library_descriptor_or_thread_is_left_after_close(self):
        if not os.path.isdir("/proc/self/fd"):
            self.skipTest("no /proc here: descriptors and threads are not counted")

        def counted():
            return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))

        with slow(10) as client:
            client.submit("a fox", ratio=SMALL).wait()
        library = sys.modules["t2i._library"].library()
        library.raw.t2i_shutdown(5000, None, None)
        time.sleep(0.2)
        before = counted()
        for _ in range(20):
            with slow(10) as client:
                client.submit("a fox", ratio=SMALL).wait()
        self.assertEqual(library.raw.t2i_shutdown(5000, None, None), 0)
        # A thread that was joined may stand in /proc for a moment more.
        give_up = time.monotonic() + 2
        while counted() != before and time.monotonic() < give_up:
            time.sleep(0.01)
        self.assertEqual(counted(), before)
        self.assertEqual(t2i.generate("a fox", provider="sketch", ratio=SMALL).output[0].width, 64)


if __name__ == "__main__":
    unittest.main()
