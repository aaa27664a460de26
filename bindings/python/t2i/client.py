"""A client: a provider, its settings and its tasks."""

from __future__ import annotations

import os
import sys
import time
import warnings
from _thread import allocate_lock
from ctypes import byref, c_size_t, c_ssize_t, c_uint64

from . import _native as native
from . import _words as words
from . import errors
from ._library import Library, library
from .events import Event, Events
from .task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Set, Tuple, Type

    from .aio import Bell

RECOVERED_AT_ONCE = 64


class Client:
    """Opens a provider and owns the tasks submitted to it.

        with t2i.Client(provider="sketch", output_dir="renders") as client:
            task = client.submit(prompt_text="a lighthouse at dusk", ratio="1280:720")
            print(task.wait().paths)

    Settings are those of t2i_client_open in snake_case, or a dict `config` with either spelling; for money
    journal="tasks.sqlite" (None: no journal) and budget={"max_millicredits": 50_000, "scope": "day"}. Every method may
    be called from any thread. It belongs to the process that opened it: after fork(), open another.
    """

    _handle = 0

    def __init__(
        self,
        provider: Optional[str] = None,
        *,
        output_dir: Any = None,
        config: Optional[Mapping[str, object]] = None,
        **settings: object,
    ) -> None:
        given: Dict[str, object] = {}
        if config is not None:
            words.must_be("config", config, dict, "a dict")
            given.update(config)
        if output_dir is not None:
            settings["output_dir"] = words.text_of_path("output_dir", output_dir)
        if provider is not None:
            settings["provider"] = provider
        for name in settings:
            if name in given or words.camel(name) in given:
                raise TypeError(f"{name} is given twice, in config and by name")
        document = words.encode({**given, **settings})
        #: Links in task.json carry their signatures, and so lead somewhere.
        self.shows_links = bool(settings.get("output_urls", given.get("output_urls", given.get("outputUrls"))))
        self._library: Library = library()
        self._lock = allocate_lock()
        self._tasks: Dict[int, Task] = {}
        # Tasks whose last event nobody was told yet.
        self._untold: Set[int] = set()
        # Events that asyncio took from the library for whoever asks next; of each kind the latest.
        self._backlog: Dict[Tuple[int, str, int], Event] = {}
        self._bells: List[Bell] = []
        handle = c_uint64()
        self._library.call("t2i_client_open", document, len(document), None, byref(handle))
        self._handle = int(handle.value)
        self._library.clients.add(self._handle)

    @property
    def handle(self) -> int:
        """The number by which t2i.h knows it."""
        if not self._handle:
            raise errors.InvalidRequest(
                "the client is closed; submit and read pictures before close() or the end of its `with`",
                native.E_CLOSED, "client")
        return self._handle

    # ---- before paying

    def models(self) -> List[Dict[str, Any]]:
        """What a menu of models needs, with the keys of t2i_models."""
        return loaded(self._library.take("t2i_models", self.handle))  # type: ignore[no-any-return]

    def account(self, timeout: Optional[float] = None) -> Dict[str, Any]:
        """The service on the account, {"organization", "usage", "serverTime"}; with the keys of t2i_account."""
        found: List[bytes] = []

        def step(ms: int) -> int:
            found.append(self._library.take("t2i_account", self.handle, ms))
            return native.OK if found[-1] else native.TIMEOUT

        self._until(step, timeout)
        return loaded(found[-1])  # type: ignore[no-any-return]

    def check(
        self, prompt_text: str, *, model: Optional[str] = None, ratio: Optional[str] = None, seed: Optional[int] = None,
        reference_images: Optional[Iterable[Mapping[str, object]]] = None, **params: object,
    ) -> Dict[str, Any]:
        """What submit would say, all of it at once, and the price; with the keys of t2i_check. Asks no network."""
        request = words.encode({
            "model": model, "prompt_text": prompt_text, "ratio": ratio, "reference_images": reference_images,
            "seed": seed, **params})
        return loaded(  # type: ignore[no-any-return]
            self._library.take("t2i_check", self.handle, request, len(request)))

    # ---- requests

    def upload(self, image: Any, *, name: Optional[str] = None, timeout: Optional[float] = None) -> str:
        """Brings a picture to the service and returns its URI there, good for a day.

        image: a path, bytes, a file open for reading, or an image of Pillow's; `name` is what bytes are called. submit
        does this by itself for the references it is given. Trying again after WaitTimeout loses nothing.
        """
        path, data = words.picture("image", image)
        called = words.bytes_of_path("name", name or path or os.path.basename(str(getattr(image, "name", "picture"))))
        found: List[bytes] = []

        def step(ms: int) -> int:
            found.append(self._library.take(
                "t2i_upload", self.handle, called, len(called), None if path is not None else data, len(data), ms))
            return native.OK if found[-1] else native.TIMEOUT

        self._until(step, timeout)
        return found[-1].decode()

    def submit(
        self, prompt_text: str, *, model: Optional[str] = None, ratio: Optional[str] = None, seed: Optional[int] = None,
        reference_images: Optional[Iterable[Mapping[str, object]]] = None,
        on_progress: Optional[Callable[[float], object]] = None, deadline: Optional[float] = None,
        max_millicredits: Optional[int] = None, dedupe_key: Optional[str] = None, **params: object,
    ) -> Task:
        """Submits a request and returns at once.

        reference_images: dicts with "uri", "path" or "image" (a path, bytes, a file or an image of Pillow's), and "tag"
        if the prompt names it. Other parameters of the model go by their names in snake_case. on_progress(0…1) is
        called by whatever waits for the task, on its thread.
        deadline: seconds after which the task is watched no longer. max_millicredits: a higher price is refused.
        dedupe_key: the same key again is the same task, in this process or a later one; it needs a journal.
        """
        must_be_callable(on_progress)
        blobs: List[bytes] = []
        request = words.encode({
            "model": model, "prompt_text": prompt_text, "ratio": ratio, "reference_images": reference_images,
            "seed": seed, **params}, blobs)
        options = native.SubmitOpts()
        options.deadline_ms = words.milliseconds("deadline", deadline) or 0
        if dedupe_key is not None:
            options.dedupe_key = words.bytes_of_text("dedupe_key", dedupe_key)
            options.dedupe_key_len = len(options.dedupe_key)
        if max_millicredits is not None:
            words.must_be("max_millicredits", max_millicredits, int, "an int")
            if not 0 <= max_millicredits <= native.FOREVER:
                raise ValueError(f"max_millicredits must be from 0 to {native.FOREVER}, is {max_millicredits}")
            options.max_millicredits = max_millicredits
        if blobs:
            options.blob_data, options.blob_len = words.split_blobs(blobs)
            options.blob_count = len(blobs)
        handle = c_uint64()
        with self._lock:
            # Under the lock, so that no other thread can be told of a task that is not known here yet.
            self._library.call("t2i_submit", self.handle, request, len(request), byref(options), byref(handle))
            return self._known(int(handle.value), on_progress)

    def resume(
        self, token: str, *, on_progress: Optional[Callable[[float], object]] = None, deadline: Optional[float] = None
    ) -> Task:
        """Watches a task by its token ("runway:…", from task.token), submitted anywhere by anybody with this key."""
        must_be_callable(on_progress)
        name = words.bytes_of_text("token", token)
        options = native.SubmitOpts()
        options.deadline_ms = words.milliseconds("deadline", deadline) or 0
        handle = c_uint64()
        with self._lock:
            self._library.call("t2i_resume", self.handle, name, len(name), byref(options), byref(handle))
            return self._known(int(handle.value), on_progress)

    def recover(self) -> List[Task]:
        """What earlier processes left in the journal, oldest first: unfinished tasks, finished ones whose pictures no
        host has, and AMBIGUOUS ones that nobody has settled. Each goes on; nothing is paid twice."""
        tasks: List[Task] = []
        handles, count = (c_uint64 * RECOVERED_AT_ONCE)(), c_size_t()
        status = native.MORE
        while status == native.MORE:
            with self._lock:
                status = self._library.call("t2i_recover", self.handle, handles, RECOVERED_AT_ONCE, byref(count))
                tasks += [self._known(handle, None) for handle in handles[: count.value]]
        return tasks

    @property
    def recoverable(self) -> int:
        """How many tasks recover() would find now."""
        count = c_size_t()
        self._library.call("t2i_recover", self.handle, None, 0, byref(count))
        return count.value

    def _known(self, handle: int, on_progress: Optional[Callable[[float], object]]) -> Task:
        """The task of a handle, which may be one that is open already. Under the lock."""
        task = self._tasks.get(handle)
        if task is None:
            task = self._tasks[handle] = Task(self, handle, on_progress)
            self._untold.add(handle)
        elif on_progress is not None:
            task._on_progress = on_progress
        return task

    # ---- tasks

    def tasks(self) -> List[Task]:
        """The open tasks, oldest first."""
        with self._lock:
            return list(self._tasks.values())

    def wait(self, tasks: Optional[Iterable[Task]] = None, *, timeout: Optional[float] = None) -> List[Task]:
        """Waits until all these tasks (or all open ones) ended, well or not, and returns them."""
        waited = self.tasks() if tasks is None else list(tasks)
        for task in waited:
            words.must_be("each of tasks", task, Task, "a t2i.Task")
            if task._client is not self:
                raise ValueError(f"{task!r} belongs to another client")
        handles = (c_uint64 * len(waited))(*(task.handle for task in waited))

        def step(ms: int) -> int:
            status = self._library.call(
                "t2i_wait", self.handle, handles, len(waited), native.WAIT_ALL, ms, None)
            for task in waited:
                task._tell_progress()
            return status

        if waited:
            self._until(step, timeout)
        return waited

    def events(self, timeout: Optional[float] = None) -> Events:
        """News of the tasks, for `for` and `async for`. It ends when every task submitted so far was told to have
        ended; t2i.WaitTimeout after `timeout` seconds without news. Several iterators share the events."""
        return Events(self, timeout)

    def fileno(self) -> int:
        """A descriptor for select or a host's event loop: readable while an event waits. Only poll it."""
        descriptor = c_ssize_t()
        self._library.call("t2i_client_fd", self.handle, byref(descriptor))
        return int(descriptor.value)

    def set(self, **settings: object) -> None:
        """Changes what may change while a client is open, whole or not at all: api_key (of the same organization),
        budget, max_concurrent, max_submitting, max_output_bytes, log_prompts."""
        patch = words.encode(settings)
        self._library.call("t2i_client_set", self.handle, patch, len(patch))

    def stats(self) -> Dict[str, Any]:
        """Counts of tasks by state, and money; with the keys of t2i_client_stats."""
        return loaded(self._library.take("t2i_client_stats", self.handle))  # type: ignore[no-any-return]

    # ---- the end

    def close(self, timeout: Optional[float] = None) -> None:
        """Ends what is unfinished and closes the client; closing twice does nothing."""
        if not self._handle:
            return
        for bell in list(self._bells):
            bell.stop()
        try:
            self._until(lambda ms: self._library.call("t2i_client_close", self._handle, ms), timeout)
        except errors.InvalidRequest as error:
            # It is gone: closed by another thread, or it belongs to the parent of this process.
            if error.code not in (native.E_CLOSED, native.E_HANDLE, native.E_FORKED):
                raise
        self._library.clients.discard(self._handle)
        self._handle = 0

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __del__(self) -> None:
        # An interpreter that takes itself apart can no longer print a warning.
        if self._handle and not sys.is_finalizing():
            warnings.warn(f"unclosed {self!r}; use `with` or close()", ResourceWarning, stacklevel=2, source=self)

    def __repr__(self) -> str:
        return f"<t2i.Client {self._handle}>" if self._handle else "<t2i.Client closed>"

    def _until(self, step: Callable[[int], int], timeout: Optional[float]) -> None:
        """Repeats a step that waits some milliseconds until it answers OK."""
        ms = words.milliseconds("timeout", timeout)
        ends = None if ms is None else time.monotonic() + ms / 1000
        while True:
            left = words.SLICE_MS if ends is None else int((ends - time.monotonic()) * 1000) + 1
            if step(max(0, min(words.SLICE_MS, left))) == native.OK:
                return
            if ends is not None and time.monotonic() >= ends:
                raise errors.WaitTimeout(f"not ended after {timeout} s; nothing is lost, wait again", native.TIMEOUT)

    def _forget(self, task: Task) -> None:
        status = self._library.raw.t2i_task_close(self.handle, task.handle)
        with self._lock:
            self._tasks.pop(task.handle, None)
            self._untold.discard(task.handle)
            for key in [key for key in self._backlog if key[0] == task.handle]:
                del self._backlog[key]
        # The one other answer, E_HANDLE, says that it is closed already.
        if status == native.E_FORKED:
            raise errors.ForkedError(
                "this process was forked after the library was used; open clients after the fork", status)


def must_be_callable(on_progress: object) -> None:
    if on_progress is not None and not callable(on_progress):
        raise TypeError(f"on_progress must be callable, is {type(on_progress).__name__}")


def loaded(document: bytes) -> Any:
    import json

    return json.loads(document)


def models() -> List[Dict[str, Any]]:
    """The models of the built-in catalogue, with the keys of t2i_models."""
    return loaded(library().take("t2i_models", 0))  # type: ignore[no-any-return]


