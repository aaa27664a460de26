"""asyncio: awaiting tasks and iterating events on one thread, several clients and loops, cancelling, closing."""

import asyncio
import threading
import time
import unittest

from support import SMALL, Case, sketch, slow, t2i


async def ended(task):
    return await task


class WithoutReaders(asyncio.SelectorEventLoop):
    """As a loop that cannot watch descriptors answers."""

    def add_reader(self, descriptor, callback, *arguments):
        if not isinstance(descriptor, int):
            return super().add_reader(descriptor, callback, *arguments)
        raise NotImplementedError


class Aio(Case):
    def test_tasks_of_several_clients_are_awaited_at_once_and_the_loop_lives(self):
        beats = []

        async def beat():
            while True:
                beats.append(time.monotonic())
                await asyncio.sleep(0.01)

        async def main():
            heart = asyncio.ensure_future(beat())
            with slow(1000) as first, slow(1000) as second:
                tasks = [client.submit("a fox", ratio=SMALL) for client in (first, second) for _ in range(10)]
                self.assertEqual(await asyncio.gather(*map(ended, tasks)), tasks)
                self.assertEqual({task.state for task in tasks}, {"SUCCEEDED"})
                self.assertIs(await tasks[0], tasks[0])
            heart.cancel()

        threads = threading.active_count()
        asyncio.run(main())
        self.assertEqual(threading.active_count(), threads)
        gaps = [after - before for before, after in zip(beats, beats[1:])]
        # A wait that blocked the loop would be as long as the task.
        self.assertLess(max(gaps), 0.5)

    def test_events_come_while_tasks_are_awaited(self):
        async def main():
            told = []
            with slow(200) as client:
                tasks = [client.submit(f"fox {number}", ratio=SMALL, on_progress=told.append) for number in range(3)]

                async def listen():
                    return [event async for event in client.events(timeout=10)]

                heard, *done = await asyncio.gather(listen(), *map(ended, tasks))
                finals = [event.task for event in heard if event.kind == "FINAL"]
                self.assertEqual(set(finals), set(tasks))
                self.assertEqual(len(finals), 3)
                self.assertEqual(done, tasks)
            self.assertEqual(told.count(1.0), 3)

        asyncio.run(main())

    def test_events_nobody_heard_wait_for_the_next_listener(self):
        async def main():
            with sketch() as client:
                task = await client.submit("a fox", ratio=SMALL)
                kinds = [event.kind async for event in client.events()]
                self.assertEqual((kinds[-1], kinds.count("FINAL")), ("FINAL", 1))
                other = await client.submit("a hen", ratio=SMALL)
                self.assertEqual([event.task for event in client.events()][-1], other)
                task.close()

        asyncio.run(main())

    def test_two_listeners_share_and_both_end(self):
        async def main():
            with slow(100) as client:
                for number in range(4):
                    client.submit(f"fox {number}", ratio=SMALL)

                async def listen():
                    return [event async for event in client.events(timeout=10)]

                both = await asyncio.wait_for(asyncio.gather(listen(), listen()), 10)
                kinds = [event.kind for events in both for event in events]
                self.assertEqual(kinds.count("FINAL"), 4)

        asyncio.run(main())

    def test_patience(self):
        async def main():
            with slow() as client:
                task = client.submit("a fox", ratio=SMALL)
                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(ended(task), 0.1)
                # Cancelling what awaited did not cancel the task.
                self.assertNotIn(task.state, ("CANCELLED", "FAILED"))
                with self.assertRaises(t2i.WaitTimeout):
                    async for _ in client.events(timeout=0.1):
                        pass
                task.cancel()
                self.assertEqual((await task).state, "CANCELLED")

        asyncio.run(main())

    def test_a_thread_takes_the_events_and_the_coroutine_is_told(self):
        async def main():
            with slow(300) as client:
                task = client.submit("a fox", ratio=SMALL)
                thread = threading.Thread(target=lambda: list(client.events(10)))
                thread.start()
                self.assertEqual((await asyncio.wait_for(ended(task), 5)).state, "SUCCEEDED")
                thread.join()

        asyncio.run(main())

    def test_closing_the_client_ends_what_awaits(self):
        async def main(close):
            client = slow()
            waiting = asyncio.ensure_future(ended(client.submit("a fox", ratio=SMALL)))
            await asyncio.sleep(0.05)
            close(client)
            # A thread that closes may let the task be seen as cancelled before the client is seen as closed.
            done, _ = await asyncio.wait([waiting], timeout=5)
            self.assertEqual(done, {waiting})
            self.assertIsInstance(waiting.exception(), (t2i.InvalidRequest, type(None)))
            client.close()
            return waiting.exception()

        self.assertIsInstance(asyncio.run(main(t2i.Client.close)), t2i.InvalidRequest)
        asyncio.run(main(lambda client: threading.Thread(target=client.close).start()))

    def test_a_client_outlives_its_loops(self):
        with sketch() as client:
            for _ in range(3):
                task = client.submit("a fox", ratio=SMALL)
                asyncio.run(ended(task))
                self.assertEqual(task.state, "SUCCEEDED")
            list(client.events())
            self.assertLessEqual(len(client._bells), 1)

    def test_two_loops_in_two_threads_share_a_client(self):
        states = []
        with slow(200) as client:
            def run(number):
                states.append(asyncio.run(ended(client.submit(f"fox {number}", ratio=SMALL))).state)

            threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(10)
        self.assertEqual(states, ["SUCCEEDED"] * 2)

    def test_a_loop_that_cannot_watch_descriptors(self):
        loop = WithoutReaders()
        try:
            with slow(100) as client:
                task = client.submit("a fox", ratio=SMALL)
                self.assertEqual(loop.run_until_complete(asyncio.wait_for(ended(task), 5)).state, "SUCCEEDED")
        finally:
            loop.close()

    def test_an_idle_wait_does_not_spin(self):
        async def main():
            with slow(1000) as client:
                begun = time.process_time()
                await client.submit("a fox", ratio=SMALL)
                return time.process_time() - begun

        self.assertLess(asyncio.run(main()), 0.3)


if __name__ == "__main__":
    unittest.main()
