"""asyncio over the client's descriptor: `await task` and `async for event in client.events()`.

A bell belongs to one client and one event loop. While a coroutine waits for news, it watches the descriptor, takes the
events there are, keeps them for whoever iterates, and wakes those whose task was named. No thread is made.
"""

from __future__ import annotations

import asyncio
import os
import time

from . import errors
from .events import keep, pull

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List, Optional

    from .client import Client
    from .events import Event, Events
    from .task import Task

# For loops that cannot watch a descriptor.
POLL_SECONDS = 0.02
# The place of those who wait for any news.
ANY = 0


class Bell:
    def __init__(self, client: Client, loop: asyncio.AbstractEventLoop) -> None:
        self._client = client
        self._loop = loop
        self._waiting: Dict[int, List[asyncio.Future[None]]] = {}
        # A copy of its own, so that no other part of the process can get its number while the loop still watches it.
        self._descriptor = os.dup(client.fileno())
        self._timer: Optional[asyncio.TimerHandle] = None
        self._watching = self._stopped = False

    def expect(self, handle: int) -> asyncio.Future[None]:
        """A future that the next news of a task (or any, with ANY) will set. To be asked for before looking."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiting.setdefault(handle, []).append(future)
        if self._stopped:
            future.set_result(None)
        elif not self._watching:
            self._watch()
        return future

    def forget(self, handle: int, future: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(handle, [])
        if future in waiting:
            waiting.remove(future)
        if not waiting:
            self._waiting.pop(handle, None)
        if not self._waiting:
            self._rest()

    def ring(self, handle: int) -> None:
        """Wakes those who wait for this task, and those who wait for any. Any thread."""
        try:
            self._loop.call_soon_threadsafe(self._wake, handle)
        except RuntimeError:
            self._abandon()

    def stop(self) -> None:
        """The client closes: all who wait look again, and find it closed. Any thread."""
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is self._loop:
            self._stop()
        else:
            try:
                self._loop.call_soon_threadsafe(self._stop)
            except RuntimeError:
                self._abandon()

    def _abandon(self) -> None:
        """Nobody waits in its loop any more: the client or the loop was closed."""
        with self._client._lock:
            if self in self._client._bells:
                self._client._bells.remove(self)
                os.close(self._descriptor)

    def _wake(self, handle: int) -> None:
        for place in (handle, ANY):
            for future in self._waiting.pop(place, []):
                if not future.done():
                    future.set_result(None)
        if not self._waiting:
            self._rest()

    def _watch(self) -> None:
        self._watching = True
        try:
            self._loop.add_reader(self._descriptor, self._drain)
        except NotImplementedError:
            self._timer = self._loop.call_later(POLL_SECONDS, self._look_again)

    def _look_again(self) -> None:
        self._timer = self._loop.call_later(POLL_SECONDS, self._look_again)
        self._drain()

    def _rest(self) -> None:
        if not self._watching:
            return
        self._watching = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        else:
            self._loop.remove_reader(self._descriptor)

    def _drain(self) -> None:
        try:
            event = pull(self._client, 0)
            while event is not None:
                keep(self._client, event)
                event = pull(self._client, 0)
        except errors.T2IError:
            # The client was closed by another thread, or this is another process: those who wait will be told.
            self._stop()

    def _stop(self) -> None:
        if self._stopped:
            return
        self._stopped = True
        self._rest()
        self._abandon()
        for place in list(self._waiting):
            self._wake(place)


def bell_of(client: Client) -> Bell:
    loop = asyncio.get_running_loop()
    for bell in client._bells:
        if bell._loop is loop:
            return bell
    bell = Bell(client, loop)
    client._bells.append(bell)
    return bell


async def until_final(task: Task) -> Task:
    bell = bell_of(task._client)
    while True:
        news = bell.expect(task.handle)
        try:
            task._tell_progress()
            if task.done:
                return task
            await news
        finally:
            bell.forget(task.handle, news)


async def next_event(events: Events) -> Optional[Event]:
    """The next event, or None when there will be none."""
    begun = time.monotonic()
    bell = bell_of(events._client)
    while True:
        news = bell.expect(ANY)
        try:
            event = events._next(0)
            if event is not None:
                return event
            if events._exhausted():
                return None
            events._check_patience(begun)
            if events._patience_ms is None:
                await news
            else:
                left = events._patience_ms / 1000 - (time.monotonic() - begun)
                await asyncio.wait([news], timeout=max(0.0, left))
        finally:
            bell.forget(ANY, news)
