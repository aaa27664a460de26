"""News of tasks, pulled from the library's queue by whoever asks: a `for`, an `async for`, or what awaits a task."""

from __future__ import annotations

import time
from ctypes import byref

from . import _native as native
from . import errors
from ._words import SLICE_MS, milliseconds
from .task import STATES, share

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

    from .client import Client
    from .task import Task

KINDS = {value: name[len("EV_") :] for name, value in vars(native).items() if name.startswith("EV_")}

class Event:
    """One piece of news: kind is STATE, PROGRESS, OUTPUT, or FINAL, which comes once and last for each task."""

    def __init__(self, task: Task, record: native.Event) -> None:
        self.task = task
        self.kind: str = KINDS.get(record.kind, str(record.kind))
        self.state: str = STATES.get(record.state, str(record.state))
        self.progress: Optional[float] = share(int(record.progress_permille))
        #: Which picture has come, with OUTPUT.
        self.output_index: Optional[int] = int(record.output_index) if record.output_index >= 0 else None
        #: Rises within a client.
        self.seq = int(record.seq)

    def __repr__(self) -> str:
        return f"<t2i.Event {self.kind} {self.state} {self.progress} of {self.task!r}>"


def pull(client: Client, ms: int) -> Optional[Event]:
    """The next event of the library's queue; what awaits its task is told on the way."""
    record = native.Event()
    if client._library.call("t2i_next_event", client.handle, byref(record), ms) != native.OK:
        return None
    with client._lock:
        task = client._tasks.get(int(record.task))
    if task is None:
        # It was closed while its event was on the way.
        return pull(client, 0)
    event = Event(task, record)
    for bell in list(client._bells):
        bell.ring(task.handle)
    return event


def keep(client: Client, event: Event) -> None:
    """Puts an event back for whoever asks next: of state and progress the latest, as the library does."""
    key = (event.task.handle, event.kind, event.output_index or 0)
    with client._lock:
        client._backlog.pop(key, None)
        client._backlog[key] = event


def take(client: Client, ms: int) -> Optional[Event]:
    with client._lock:
        if client._backlog:
            return client._backlog.pop(next(iter(client._backlog)))
    return pull(client, ms)


class Events:
    """An iterator over the events of a client, for `for` and for `async for`."""

    def __init__(self, client: Client, timeout: Optional[float]) -> None:
        self._client = client
        self._timeout = timeout
        self._patience_ms = milliseconds("timeout", timeout)

    def __iter__(self) -> Events:
        return self

    def __next__(self) -> Event:
        begun = time.monotonic()
        while True:
            event = self._next(SLICE_MS)
            if event is not None:
                return event
            if self._exhausted():
                raise StopIteration
            self._check_patience(begun)

    def __aiter__(self) -> Events:
        return self

    async def __anext__(self) -> Event:
        from .aio import next_event

        event = await next_event(self)
        if event is None:
            raise StopAsyncIteration
        return event

    def _exhausted(self) -> bool:
        return not self._client._untold

    def _next(self, ms: int) -> Optional[Event]:
        event = take(self._client, 0 if self._exhausted() else ms)
        if event is not None and event.kind == "FINAL":
            with self._client._lock:
                self._client._untold.discard(event.task.handle)
            for bell in list(self._client._bells):
                bell.ring(0)
        return event

    def _check_patience(self, begun: float) -> None:
        if self._patience_ms is not None and (time.monotonic() - begun) * 1000 >= self._patience_ms:
            raise errors.WaitTimeout(f"no news for {self._timeout} s; nothing is lost, go on", native.TIMEOUT)
