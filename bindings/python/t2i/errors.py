"""What can go wrong, one class for each family of statuses in t2i.h. The library's sentence and its parts are kept."""

from __future__ import annotations

from . import _native as native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, Optional, Type


class T2IError(Exception):
    """Anything the library refuses or reports. str() is a sentence that names the fix.

    status          the name in t2i.h, "T2I_E_ARG"
    code            its number
    where           a JSON pointer into the request or configuration ("/ratio"), a parameter, or ""
    message         the library's sentence, without `where`
    retryable       worth asking again, unchanged
    may_have_spent  asking again may pay twice
    http_status     of the service's answer; None if there was none
    retry_after     seconds the service asked to wait; None if it did not say
    errno           of the operating system; None if it was not involved
    """

    status = "T2I_UNKNOWN"

    def __init__(self, message: str, code: int = native.E_ARG, where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = STATUS_NAMES.get(code, "T2I_UNKNOWN")
        self.where = where
        self.retryable = False
        self.may_have_spent = False
        self.http_status: Optional[int] = None
        self.retry_after: Optional[float] = None
        self.errno: Optional[int] = None

    def __str__(self) -> str:
        name = self.where.lstrip("/")
        # The library's sentence often names the place already.
        if not name or self.message.startswith(name) or f'"{name}"' in self.message:
            return self.message
        return f"{name}: {self.message}"

    def __reduce__(self) -> "tuple[object, ...]":
        return type(self), (self.message, self.code, self.where), self.__dict__


class InvalidRequest(T2IError):
    """The call was wrong: a parameter, a setting, a handle, the order of calls. -1 to -19."""


class ForkedError(InvalidRequest):
    """A child of fork() used what its parent opened. Open clients after the fork."""


class MachineError(T2IError):
    """This machine: memory, files, disk. -20 to -39; `errno` says why."""


class NetworkError(T2IError):
    """The wire: DNS, TLS, connection, HTTP. -40 to -59."""


class ServiceError(T2IError):
    """The service refused the request or its task failed. -60 to -79."""


class PolicyError(T2IError):
    """A rule of this library or of the caller ended it: budget, cancel, deadline. -80 to -98."""


class InternalError(T2IError):
    """A defect of the library, or a status of a later version."""


class WaitTimeout(T2IError, TimeoutError):
    """The time given to a wait passed. Nothing was lost: the task goes on, wait again."""


class LibraryError(T2IError, ImportError):
    """libt2i could not be loaded, or is of another version."""


STATUS_NAMES: "Dict[int, str]" = {
    value: "T2I_" + name
    for name, value in vars(native).items()
    if name.startswith("E_") or name in ("OK", "PENDING", "TIMEOUT", "WOKEN", "EMPTY", "MORE")
}


def family(code: int) -> "Type[T2IError]":
    if code == native.E_FORKED:
        return ForkedError
    if code == native.TIMEOUT:
        return WaitTimeout
    for lowest, kind in ((-19, InvalidRequest), (-39, MachineError), (-59, NetworkError), (-79, ServiceError)):
        if lowest <= code < 0:
            return kind
        if code >= 0:
            break
    return PolicyError if -98 <= code < 0 else InternalError


def from_record(record: native.Error) -> T2IError:
    """The exception for a filled t2i_error."""
    code = int(record.status)
    message = record.message.decode("utf-8", "replace") or f"the library answered {STATUS_NAMES.get(code, code)}"
    error = family(code)(message, code, record.where.decode("utf-8", "replace"))
    error.retryable = bool(record.flags & native.ERR_RETRYABLE)
    error.may_have_spent = bool(record.flags & native.ERR_MAY_HAVE_SPENT)
    error.http_status = int(record.http_status) or None
    error.retry_after = int(record.retry_after_ms) / 1000 or None
    error.errno = int(record.sys_code) or None
    return error
