"""One call for scripts: a client is opened, asked and closed again."""

from __future__ import annotations

import os

from . import _native as native
from . import _words as words
from . import errors
from .client import Client
from .task import Output, taken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional


class Result:
    """What `generate` returns: the pictures, and all that is known of their task."""

    def __init__(self, output: List[Output], json: Dict[str, Any]) -> None:
        self.output = output
        self.json = json

    @property
    def paths(self) -> List[str]:
        return [output.path for output in self.output if output.path is not None]

    def __repr__(self) -> str:
        return f"<t2i.Result {self.output!r}>"


def generate(
    prompt_text: str, *, model: Optional[str] = None, ratio: Optional[str] = None, seed: Optional[int] = None,
    provider: Optional[str] = None, output: Any = None, overwrite: bool = False,
    reference_images: Optional[Iterable[Mapping[str, object]]] = None,
    on_progress: Optional[Callable[[float], object]] = None, timeout: Optional[float] = None,
    config: Optional[Mapping[str, object]] = None, **params: Any,
) -> Result:
    """Asks for a picture and waits for it.

        t2i.generate("a lighthouse at dusk", provider="sketch", output="lighthouse.png")

    output: the file to save to; a second picture gets "-2" before the ending. Without it the pictures stay in memory.
    A task that ended without pictures is raised as its error. `timeout` is in seconds; `config` is that of Client.
    """
    if output is not None:
        output = words.text_of_path("output", output)
        refuse_taken(output, overwrite)
    with Client(provider, config=config) as client:
        task = client.submit(
            prompt_text, model=model, ratio=ratio, seed=seed, reference_images=reference_images,
            on_progress=on_progress, **params)
        task.wait(timeout)
        pictures = task.outputs
        if output is not None:
            for index, picture in enumerate(pictures):
                picture.save(numbered(output, index), overwrite)
        return Result([picture._detached() for picture in pictures], task.json)


def check(prompt_text: str, *, provider: Optional[str] = None, **params: Any) -> Dict[str, Any]:
    """Client.check for one request: everything that is wrong with it, and its price. Costs nothing."""
    with Client(provider) as client:
        return client.check(prompt_text, **params)


def numbered(path: str, index: int) -> str:
    if index == 0:
        return path
    stem, ending = os.path.splitext(path)
    return f"{stem}-{index + 1}{ending}"


def refuse_taken(path: str, overwrite: bool) -> None:
    """Before anything is asked for or paid: a picture that has nowhere to go helps nobody."""
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise errors.MachineError(f"the folder {folder} does not exist; create it first", native.E_IO, "output")
    if os.path.isdir(path):
        raise errors.MachineError(
            f"{path} is a folder; name a file in it, such as {os.path.join(path, 'picture.png')}", native.E_EXISTS,
            "output")
    if os.path.lexists(path) and not overwrite:
        raise taken(path, "output")
