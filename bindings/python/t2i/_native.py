"""include/t2i.h in the words of ctypes, in the header's order; tests/test_header.py holds the two side by side.

Pictures, text and handles cross as plain numbers and addresses. Function pointers are declared as addresses because
this package never sets one: a library thread that calls Python can crash an exiting interpreter.
"""

from __future__ import annotations

from ctypes import POINTER, Structure, c_char, c_char_p, c_int32, c_int64, c_size_t, c_ssize_t, c_uint32, c_uint64
from ctypes import c_void_p, sizeof

VERSION_MAJOR = 1
VERSION_MINOR = 0
VERSION_PATCH = 0
VERSION = 1 << 24
NTS = c_size_t(-1).value
FOREVER = 2**63 - 1

OK = 0
PENDING = 1
TIMEOUT = 2
WOKEN = 3
EMPTY = 4
MORE = 5

E_ARG = -1
E_HANDLE = -2
E_STRUCT = -3
E_UTF8 = -4
E_JSON = -5
E_LIMIT = -6
E_REENTRANT = -7
E_FORKED = -8
E_CLOSED = -9
E_UNSUPPORTED = -10
E_BUSY = -11
E_STATE = -12

E_NOMEM = -20
E_IO = -21
E_EXISTS = -22
E_NOSPC = -23
E_JOURNAL = -24

E_NETWORK = -40
E_TLS = -41
E_DNS = -42
E_HTTP = -43
E_PROTOCOL = -44

E_AUTH = -60
E_QUOTA = -61
E_RATE = -62
E_CREDITS = -63
E_REJECTED = -64
E_MODERATED = -65
E_FAILED = -66
E_EXPIRED = -67
E_GONE = -68

E_BUDGET = -80
E_CANCELLED = -81
E_DEADLINE = -82
E_AMBIGUOUS = -83
E_SHUTDOWN = -84

E_INTERNAL = -99

S_QUEUED = 1
S_SUBMITTING = 2
S_PENDING = 3
S_THROTTLED = 4
S_RUNNING = 5
S_UPLOADING = 6
S_FETCHING = 7
S_SUCCEEDED = 64
S_FAILED = 65
S_CANCELLED = 66
S_AMBIGUOUS = 67
S_DETACHED = 68

EV_STATE = 1
EV_PROGRESS = 2
EV_OUTPUT = 3
EV_FINAL = 64

ERR_RETRYABLE = 1
ERR_MAY_HAVE_SPENT = 2

OPEN_PUMPED = 1
OPEN_ADOPT = 2
OPEN_EVENTS_ON_LIB_THREAD = 4

CANCEL_LOCAL = 1
CANCEL_REMOTE = 2

WAIT_ANY = 0
WAIT_ALL = 1

SAVE_REPLACE = 1
SAVE_NOSYNC = 2

LOG_ERROR = 1
LOG_WARN = 2
LOG_INFO = 3
LOG_DEBUG = 4


class Sized(Structure):
    """A structure of t2i.h: it begins with its size, and zero is the default of every other field."""

    def __init__(self) -> None:
        super().__init__()
        self.struct_size = sizeof(self)


class Error(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("status", c_int32),
        ("flags", c_uint32),
        ("http_status", c_int32),
        ("retry_after_ms", c_int64),
        ("sys_code", c_int64),
        ("where", c_char * 64),
        ("message", c_char * 384),
    ]


class Event(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("kind", c_int32),
        ("task", c_uint64),
        ("user", c_uint64),
        ("state", c_int32),
        ("status", c_int32),
        ("progress_permille", c_int32),
        ("output_index", c_int32),
        ("seq", c_uint64),
    ]


class TaskInfo(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("state", c_int32),
        ("status", c_int32),
        ("progress_permille", c_int32),
        ("output_count", c_uint32),
        ("flags", c_uint32),
        ("user", c_uint64),
        ("created_unix_ms", c_int64),
        ("updated_unix_ms", c_int64),
        ("millicredits_reserved", c_int64),
        ("millicredits_spent", c_int64),
    ]


class OutputInfo(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("status", c_int32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("bytes_total", c_uint64),
        ("bytes_have", c_uint64),
        ("expires_unix_ms", c_int64),
        ("mime", c_char * 32),
    ]


class ClientOpts(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("flags", c_uint32),
        ("on_event", c_void_p),
        ("on_event_user", c_void_p),
        ("on_log", c_void_p),
        ("on_log_user", c_void_p),
        ("log_level", c_int32),
        ("reserved0", c_uint32),
    ]


class SubmitOpts(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("flags", c_uint32),
        ("user", c_uint64),
        ("deadline_ms", c_int64),
        ("dedupe_key", c_char_p),
        ("dedupe_key_len", c_size_t),
        ("blob_data", POINTER(c_void_p)),
        ("blob_len", POINTER(c_size_t)),
        ("blob_count", c_size_t),
        ("max_millicredits", c_int64),
    ]


class Provider(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("flags", c_uint32),
        ("name", c_char_p),
        ("self", c_void_p),
        ("check", c_void_p),
        ("start", c_void_p),
        ("resume", c_void_p),
        ("cancel", c_void_p),
        ("release", c_void_p),
    ]


_error = POINTER(Error)
_text_out = POINTER(c_void_p)
_size_out = POINTER(c_size_t)
_handle_out = POINTER(c_uint64)

# (name, what it returns, what it takes)
FUNCTIONS = (
    ("t2i_get_api", c_void_p, (c_uint32,)),
    ("t2i_version", c_uint32, ()),
    ("t2i_build_info", c_char_p, ()),
    ("t2i_has", c_int32, (c_char_p,)),
    ("t2i_status_name", c_char_p, (c_int32,)),
    ("t2i_free", None, (c_void_p,)),
    ("t2i_shutdown", c_int32, (c_int64, _text_out, _size_out)),
    ("t2i_client_open", c_int32, (c_char_p, c_size_t, POINTER(ClientOpts), _handle_out, _error)),
    ("t2i_client_close", c_int32, (c_uint64, c_int64, _error)),
    ("t2i_client_set", c_int32, (c_uint64, c_char_p, c_size_t, _error)),
    ("t2i_client_stats", c_int32, (c_uint64, _text_out, _size_out, _error)),
    ("t2i_client_fd", c_int32, (c_uint64, POINTER(c_ssize_t), _error)),
    ("t2i_client_pump", c_int32, (c_uint64, c_uint32, c_int64, POINTER(c_int64), _error)),
    ("t2i_client_wake", c_int32, (c_uint64,)),
    ("t2i_models", c_int32, (c_uint64, _text_out, _size_out, _error)),
    ("t2i_account", c_int32, (c_uint64, c_int64, _text_out, _size_out, _error)),
    ("t2i_check", c_int32, (c_uint64, c_char_p, c_size_t, _text_out, _size_out, _error)),
    ("t2i_upload", c_int32, (
        c_uint64, c_char_p, c_size_t, c_void_p, c_size_t, c_int64, _text_out, _size_out, _error)),
    ("t2i_submit", c_int32, (c_uint64, c_char_p, c_size_t, POINTER(SubmitOpts), _handle_out, _error)),
    ("t2i_resume", c_int32, (c_uint64, c_char_p, c_size_t, POINTER(SubmitOpts), _handle_out, _error)),
    ("t2i_recover", c_int32, (c_uint64, _handle_out, c_size_t, _size_out, _error)),
    ("t2i_settle", c_int32, (c_uint64, c_uint64, c_char_p, c_size_t, _error)),
    ("t2i_next_event", c_int32, (c_uint64, POINTER(Event), c_int64, _error)),
    ("t2i_wait", c_int32, (c_uint64, _handle_out, c_size_t, c_int32, c_int64, _size_out, _error)),
    ("t2i_task_get", c_int32, (c_uint64, c_uint64, POINTER(TaskInfo), _error)),
    ("t2i_task_json", c_int32, (c_uint64, c_uint64, _text_out, _size_out, _error)),
    ("t2i_task_error", c_int32, (c_uint64, c_uint64, _error)),
    ("t2i_task_token", c_int32, (c_uint64, c_uint64, _text_out, _size_out, _error)),
    ("t2i_task_list", c_int32, (c_uint64, _handle_out, c_size_t, _size_out, _error)),
    ("t2i_task_cancel", c_int32, (c_uint64, c_uint64, c_uint32, _error)),
    ("t2i_task_close", c_int32, (c_uint64, c_uint64)),
    ("t2i_output_get", c_int32, (c_uint64, c_uint64, c_uint32, POINTER(OutputInfo), _error)),
    ("t2i_output_read", c_int32, (c_uint64, c_uint64, c_uint32, c_int64, _text_out, _size_out, _error)),
    ("t2i_output_save", c_int32, (c_uint64, c_uint64, c_uint32, c_char_p, c_size_t, c_uint32, c_int64, _error)),
    ("t2i_provider_add", c_int32, (c_uint64, POINTER(Provider), _error)),
    ("t2i_job_progress", c_int32, (c_uint64, c_int32, c_char_p, c_size_t)),
    ("t2i_job_output", c_int32, (c_uint64, c_void_p, c_size_t, c_char_p)),
    ("t2i_job_finish", c_int32, (c_uint64, c_int32, c_char_p, c_size_t)),
)
