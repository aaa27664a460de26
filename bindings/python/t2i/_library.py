"""Finds libt2i, refuses a copy these declarations do not fit, and turns its statuses into exceptions.

The order: T2I_LIBRARY, the copy inside this package, the build tree this package lies in, the system.
"""

from __future__ import annotations

import atexit
import os
from _thread import get_ident
from ctypes import CDLL, byref, c_size_t, c_uint32, c_void_p, string_at

from . import _native as native
from . import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Set, Tuple

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
PACKAGED = os.path.join(HERE, "libt2i.so.1")
SYSTEM = "libt2i.so.1"
# Long enough for a painter to stop (50 ms), short enough that nobody notices it at exit.
EXIT_MS = 500


class Library:
    """The loaded library: `call` for the functions of t2i.h that fill a t2i_error, `raw` for the others."""

    def __init__(self, path: str, found: str) -> None:
        self.path = path
        self.found = found
        try:
            self.raw = CDLL(path)
        except OSError as error:
            raise errors.LibraryError(f"{found} cannot be loaded: {error}") from None
        self.version = self._checked_version()
        for name, result, arguments in native.FUNCTIONS:
            function = getattr(self.raw, name, None)
            if function is None:
                raise errors.LibraryError(
                    f"{path} ({found}) has no {name}: libt2i {self.version} is older than this package; install libt2i "
                    f"{native.VERSION_MAJOR}.{native.VERSION_MINOR} or later, or set T2I_LIBRARY to one"
                )
            function.restype, function.argtypes = result, list(arguments)
        # The handles of the clients this package opened. Others may live in this process: they are not ours to close.
        self.clients: Set[int] = set()
        self._exiting_thread = 0
        atexit.register(self._exit)

    def _exit(self) -> None:
        """Otherwise the library's thread would still be at work while the interpreter takes itself apart."""
        self._exiting_thread = get_ident()
        for client in list(self.clients):
            self.raw.t2i_client_close(client, EXIT_MS, None)

    def _checked_version(self) -> str:
        answer = getattr(self.raw, "t2i_version", None)
        if answer is None:
            raise errors.LibraryError(
                f"{self.path} ({self.found}) is not libt2i: it has no t2i_version; set T2I_LIBRARY to a libt2i.so.1"
            )
        answer.restype = c_uint32
        number = int(answer())
        version = f"{number >> 24}.{number >> 12 & 0xFFF}.{number & 0xFFF}"
        if number >> 24 != native.VERSION_MAJOR:
            raise errors.LibraryError(
                f"{self.path} ({self.found}) is libt2i {version}, this package needs {native.VERSION_MAJOR}.x; install "
                f"the package of that version, or set T2I_LIBRARY to a libt2i {native.VERSION_MAJOR}.x"
            )
        return version

    def call(self, name: str, *arguments: Any) -> int:
        """Calls a function with an error record at its end: its status, or an exception if that is below 0."""
        record = native.Error()
        status = int(getattr(self.raw, name)(*arguments, byref(record)))
        if status < 0:
            if self._exiting_thread not in (0, get_ident()):
                # A daemon thread that waited: it goes with the interpreter, and its last words would be noise.
                raise SystemExit
            raise errors.from_record(record)
        return status

    def take(self, name: str, *arguments: Any) -> bytes:
        """What a function gives out through (void **, size_t *), copied and released; b"" after a wait in vain."""
        data, length = c_void_p(), c_size_t()
        if self.call(name, *arguments, byref(data), byref(length)) != native.OK:
            return b""
        try:
            return string_at(data.value or 0, length.value)
        finally:
            self.raw.t2i_free(data)


def candidates() -> List[Tuple[str, str]]:
    """(path, how it was found), best first. What a person asked for by name is the only candidate."""
    asked = os.environ.get("T2I_LIBRARY")
    if asked:
        return [(asked, f"T2I_LIBRARY={asked}")]
    found = []
    if os.path.exists(PACKAGED):
        found.append((PACKAGED, "the copy inside the package"))
    built = os.path.join(TREE, ".build", "release", "libt2i.so")
    if os.path.exists(os.path.join(TREE, "include", "t2i.h")) and os.path.exists(built):
        found.append((built, "the build tree"))
    return found or [(SYSTEM, "the system's libraries")]


_loaded: Optional[Library] = None


def library() -> Library:
    """The library, loaded at its first use: without one, `import t2i` works and t2i.LibraryError can be caught."""
    global _loaded
    if _loaded is None:
        path, found = candidates()[0]
        try:
            _loaded = Library(path, found)
        except errors.LibraryError as error:
            if path == SYSTEM:
                raise errors.LibraryError(
                    f"no libt2i: not in the package, not in a build tree, and {error}. Run `make build`, or install it "
                    "with `pip install bindings/python`, or set T2I_LIBRARY to a libt2i.so.1"
                ) from None
            raise
    return _loaded
