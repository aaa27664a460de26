"""Text to image: libt2i for Python.

    import t2i
    t2i.generate("a lighthouse at dusk", provider="sketch", output="lighthouse.png")

Client and Task are the whole of it; errors are subclasses of T2IError. `t2i.runwayml` has the names of Runway's SDK.
"""

from . import _library
from .client import Client, models
from .errors import (
    ForkedError, InternalError, InvalidRequest, LibraryError, MachineError, NetworkError, PolicyError, ServiceError,
    T2IError, WaitTimeout,
)
from .events import Event
from .once import Result, check, generate
from .task import Output, Task

__all__ = [
    "Client", "Event", "ForkedError", "InternalError", "InvalidRequest", "LibraryError", "MachineError", "NetworkError",
    "Output", "PolicyError", "Result", "ServiceError", "T2IError", "Task", "WaitTimeout", "check", "generate",
    "library_version", "models",
]
__version__ = "1.0.0"


def library_version() -> str:
    """The version of the libt2i that is loaded."""
    return _library.library().version
