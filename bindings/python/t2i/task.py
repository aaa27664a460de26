"""A task on its way to pictures, and the pictures."""

from __future__ import annotations

import os
from ctypes import byref
from errno import EEXIST

from . import _native as native
from . import errors
from ._words import bytes_of_path, bytes_of_text, must_be

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Callable, Dict, Generator, List, Optional, Type

    from .client import Client

    # Output has a property of that name.
    Bytes = bytes

STATES = {value: name[len("S_") :] for name, value in vars(native).items() if name.startswith("S_")}
FINAL_STATE = 64


def share(permille: int) -> Optional[float]:
    return None if permille < 0 else permille / 1000


class Output:
    """One picture of a task: what it is, its bytes, and a way to a file."""

    def __init__(self, facts: Dict[str, Any], task: Optional[Task], index: int, data: Optional[Bytes] = None) -> None:
        self.width: Optional[int] = facts.get("width")
        self.height: Optional[int] = facts.get("height")
        self.mime: str = facts.get("mime", "")
        #: Where it was saved; None while it is only in memory.
        self.path: Optional[str] = facts.get("path")
        #: Where the service keeps it; only with output_urls=True does the link carry the signature it needs.
        self.url: Optional[str] = facts.get("url")
        self._task = task
        self._index = index
        self._data = data

    @property
    def bytes(self) -> Bytes:
        """The file's bytes, as they were saved."""
        if self._data is not None:
            return self._data
        if self._task is None:
            with open(str(self.path), "rb") as file:
                return file.read()
        task = self._task
        data = b""

        def read(ms: int) -> int:
            nonlocal data
            data = task._take("t2i_output_read", self._index, ms)
            return native.OK if data else native.TIMEOUT

        task._client._until(read, None)
        return data

    def save(self, path: object, overwrite: bool = False) -> str:
        """Saves the picture, whole or not at all, and returns the path. What is there is replaced only if asked."""
        name = bytes_of_path("path", path)
        if self._task is None:
            write_whole(os.fsdecode(name), self.bytes, overwrite)
        else:
            self._save(self._task, name, native.SAVE_REPLACE if overwrite else 0)
        self.path = os.fsdecode(name)
        return self.path

    def _save(self, task: Task, name: Bytes, flags: int) -> None:
        try:
            task._client._until(
                lambda ms: task._call("t2i_output_save", self._index, name, len(name), flags, ms), None)
        except errors.MachineError as error:
            if error.code == native.E_EXISTS and not flags and os.path.isfile(name):
                raise taken(os.fsdecode(name), "path") from None
            raise

    def image(self) -> Any:
        """The picture as a PIL.Image.Image."""
        from importlib import import_module
        from io import BytesIO

        try:
            pillow = import_module("PIL.Image")
        except ImportError:
            raise ImportError("image() needs Pillow: pip install Pillow, or use .bytes or .save(path)") from None
        if self.mime == "image/x-rgba":
            return pillow.frombytes("RGBA", (self.width, self.height), self.bytes)
        image = pillow.open(BytesIO(self.bytes))
        image.load()
        return image

    def __fspath__(self) -> str:
        if self.path is None:
            raise TypeError("this picture is in memory only; save(path) makes a file of it")
        return self.path

    def __str__(self) -> str:
        return self.path if self.path is not None else repr(self)

    def __repr__(self) -> str:
        return f"<t2i.Output {self.width}x{self.height} {self.mime} {self.path or 'in memory'}>"

    def _detached(self) -> Output:
        """The same picture for a reader who comes after its client was closed."""
        facts = {"width": self.width, "height": self.height, "mime": self.mime, "path": self.path, "url": self.url}
        return Output(facts, None, self._index, None if self.path else self.bytes)


def taken(path: str, where: str) -> errors.MachineError:
    error = errors.MachineError(f"{path} exists; choose another name or pass overwrite=True", native.E_EXISTS, where)
    error.errno = EEXIST
    return error


def write_whole(path: str, data: bytes, overwrite: bool) -> None:
    """As t2i_output_save does it, for a picture whose client is closed: beside it, synced, then given its name."""
    if not overwrite and os.path.lexists(path):
        raise taken(path, "path")
    beside = f"{path}.{os.getpid()}-{id(data):x}.part"
    try:
        with open(beside, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            os.replace(beside, path)
        else:
            os.link(beside, path)
    except OSError as error:
        raised = errors.MachineError(f"{path} cannot be written: {error.strerror}", native.E_IO, "path")
        raised.errno = error.errno
        raise raised from None
    finally:
        if os.path.lexists(beside):
            os.unlink(beside)


class Task:
    """One request on its way to pictures. `client.submit` makes it; the client owns it.

    Reading it is free and never waits; `wait()` and `await` do. close() releases its pictures early.
    """

    def __init__(self, client: Client, handle: int, on_progress: Optional[Callable[[float], object]]) -> None:
        self._client = client
        #: The number by which t2i.h knows it.
        self.handle = handle
        self._on_progress = on_progress
        self._told_permille = -1

    def _call(self, name: str, *arguments: Any) -> int:
        return self._client._library.call(name, self._client.handle, self.handle, *arguments)

    def _take(self, name: str, *arguments: Any) -> bytes:
        return self._client._library.take(name, self._client.handle, self.handle, *arguments)

    def _info(self) -> native.TaskInfo:
        info = native.TaskInfo()
        self._call("t2i_task_get", byref(info))
        return info

    @property
    def state(self) -> str:
        """QUEUED, SUBMITTING, PENDING, THROTTLED, RUNNING, UPLOADING, FETCHING; at the end SUCCEEDED, FAILED,
        CANCELLED, AMBIGUOUS (maybe charged, never silently repeated) or DETACHED (goes on unwatched: do not submit
        again)."""
        number = int(self._info().state)
        return STATES.get(number, str(number))

    @property
    def done(self) -> bool:
        """Whether the state is final: it never changes again."""
        return bool(self._info().state >= FINAL_STATE)

    @property
    def progress(self) -> Optional[float]:
        """0 to 1 of the current state; None if nobody knows."""
        return share(int(self._info().progress_permille))

    @property
    def json(self) -> Dict[str, Any]:
        """All that is known, with the keys of t2i_task_json."""
        import json

        document: Dict[str, Any] = json.loads(self._take("t2i_task_json"))
        return document

    @property
    def token(self) -> Optional[str]:
        """The name under which the service knows it, for client.resume() on any machine; None before it does."""
        try:
            return self._take("t2i_task_token").decode()
        except errors.InvalidRequest as error:
            if error.code != native.E_STATE:
                raise
            return None

    @property
    def error(self) -> Optional[errors.T2IError]:
        """Why it ended without pictures; None if it succeeded or has not ended."""
        if not self.done:
            return None
        record = native.Error()
        status = int(self._client._library.raw.t2i_task_error(self._client.handle, self.handle, byref(record)))
        return None if status >= 0 else errors.from_record(record)

    @property
    def outputs(self) -> List[Output]:
        """The pictures that have come. Of a task that ended without: its error is raised."""
        error = self.error
        if error is not None:
            raise error
        return [Output(facts, self, index) for index, facts in enumerate(self.json["outputs"])]

    @property
    def output(self) -> List[Output]:
        """`outputs`, by its name in the official SDK."""
        return self.outputs

    @property
    def paths(self) -> List[str]:
        """Where its pictures were saved: with the client's output_dir, or by save()."""
        return [output.path for output in self.outputs if output.path is not None]

    def wait(self, timeout: Optional[float] = None) -> Task:
        """Waits until the task ended, well or not, and returns it; on_progress is called meanwhile, here.

        After `timeout` seconds: t2i.WaitTimeout, and the task goes on. How it ended: `state`, `error`."""
        self._client.wait([self], timeout=timeout)
        return self

    #: The name it has in the official SDK. Unlike there, a failed task is not raised here but by `output`.
    wait_for_task_output = wait

    def __await__(self) -> Generator[Any, None, Task]:
        """`await task` is wait() for asyncio. Cancelling what awaits does not cancel the task: cancel() does."""
        from .aio import until_final

        return until_final(self).__await__()

    def cancel(self, local: bool = False) -> None:
        """Asks the service to stop the task, or with local=True only stops watching it. Returns at once; wait() tells
        how it ended."""
        must_be("local", local, bool, "True or False")
        self._call("t2i_task_cancel", native.CANCEL_LOCAL if local else native.CANCEL_REMOTE)

    def settle(self, token: Optional[str] = None) -> None:
        """A person's word on an AMBIGUOUS task: with its token the service accepted it (client.resume(token) then
        fetches its pictures), without one it did not, which releases its money and its dedupe_key. It stays AMBIGUOUS;
        the later word wins."""
        name = None if token is None else bytes_of_text("token", token)
        self._call("t2i_settle", name, len(name or b""))

    def close(self) -> None:
        """Releases the handle and the pictures held in memory. A task that has not ended is watched no longer."""
        self._client._forget(self)

    def __enter__(self) -> Task:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<t2i.Task {self.handle}>"

    def _tell_progress(self) -> None:
        """Calls on_progress if there is news. Only what waits for the task calls this, on its own thread."""
        if self._on_progress is None:
            return
        info = self._info()
        permille = 1000 if info.state == native.S_SUCCEEDED else int(info.progress_permille)
        if permille >= 0 and permille != self._told_permille:
            self._told_permille = permille
            self._on_progress(permille / 1000)
