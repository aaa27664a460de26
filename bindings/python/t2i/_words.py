"""Python's words into the library's: snake_case into camelCase, paths and bytes into what JSON can carry.

Only what Python alone can see is judged here (a type); values are judged by the library, whose sentences are kept.
"""

from __future__ import annotations

import os

try:
    # What the json module itself quotes with, without the third of our start-up that the whole module costs.
    from _json import encode_basestring_ascii as quoted
except ImportError:
    from json.encoder import py_encode_basestring_ascii as quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Tuple

# A call into the library keeps Python from seeing Ctrl-C, so none is made that waits longer than this.
SLICE_MS = 50
# The keys below these are names of the service or of models and stay as they are.
VERBATIM = ("extra", "assume")
# Where None says something: that there shall be none.
NULLABLE = ("journal",)
EXPECTED = {
    "prompt_text": (str, "a str"),
    "model": (str, "a str"),
    "ratio": (str, "a str"),
    "seed": (int, "an int"),
    "provider": (str, "a str"),
    "api_key": (str, "a str"),
    "base_url": (str, "a str"),
}


def camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


def must_be(name: str, value: object, expected: Any, phrase: str) -> None:
    # True is an int to Python, and to nobody else.
    if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
        raise TypeError(f"{name} must be {phrase}, is {type(value).__name__}")


def milliseconds(name: str, seconds: Optional[float]) -> Optional[int]:
    """None is for ever. More than the library can count is for ever too."""
    if seconds is None:
        return None
    must_be(name, seconds, (int, float), "a number of seconds or None")
    if not seconds >= 0:
        raise ValueError(f"{name} must be 0 or more seconds, is {seconds}")
    return None if seconds > 2**53 else int(seconds * 1000)


def encode(words: Mapping[str, object], blobs: Optional[List[bytes]] = None) -> bytes:
    """A JSON document. What is None is left out, but for "journal"; bytes inside reference_images go to `blobs`."""
    members = []
    for name, value in words.items():
        if value is None and name not in NULLABLE:
            continue
        if name in EXPECTED:
            must_be(name, value, *EXPECTED[name])
        if name in ("reference_images", "referenceImages"):
            value = references(name, value, blobs)
        try:
            members.append(f"{quoted(camel(name))}:{written(name, value, name not in VERBATIM)}")
        except RecursionError:
            raise ValueError(f"{name} contains itself, or is nested too deeply") from None
    return f"{{{','.join(members)}}}".encode("ascii")


def written(name: str, value: object, translate: bool) -> str:
    """A value as JSON; with `translate` the keys of its dicts become camelCase. `name` is for the sentence."""
    if isinstance(value, str):
        # Escaped, so that a half surrogate reaches the library, which names its place.
        return quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        if not abs(value) < float("inf"):
            raise ValueError(f"{name} must be a finite number, is {value}")
        return float.__repr__(value)
    if isinstance(value, (list, tuple)):
        return f"[{','.join(written(f'{name}[{index}]', inner, translate) for index, inner in enumerate(value))}]"
    if isinstance(value, dict):
        members = []
        for key, inner in value.items():
            must_be(f"a key of {name}", key, str, "a str")
            if inner is not None or not translate:
                text = written(f"{name}[{key!r}]", inner, translate and key not in VERBATIM)
                members.append(f"{quoted(camel(key) if translate else key)}:{text}")
        return f"{{{','.join(members)}}}"
    if isinstance(value, os.PathLike):
        return quoted(text_of_path(name, value))
    raise TypeError(f"{name} must be a str, number, bool, list, dict or path, is {type(value).__name__}")


def picture(name: str, image: Any) -> Tuple[Optional[str], bytes]:
    """A picture in any form Python has: the path of a file and b"", or None and the bytes of one."""
    if isinstance(image, (str, os.PathLike)):
        return text_of_path(name, image), b""
    if isinstance(image, (bytes, bytearray, memoryview)):
        return None, bytes(image)
    if hasattr(image, "read"):
        data = image.read()
        must_be(f"what {name} reads", data, bytes, "bytes; open the file in mode 'rb'")
        return None, bytes(data)
    if hasattr(image, "save") and hasattr(image, "mode"):
        # An image of Pillow's, which need not be installed to ask.
        from io import BytesIO

        written_to = BytesIO()
        image.save(written_to, "PNG")
        return None, written_to.getvalue()
    raise TypeError(f"{name} must be a path, bytes, a file or an image of Pillow's, is {type(image).__name__}")


def references(name: str, images: object, blobs: Optional[List[bytes]]) -> List[Dict[str, object]]:
    if isinstance(images, (str, bytes, dict)) or not hasattr(images, "__iter__"):
        raise TypeError(f"{name} must be a list of dicts such as {{'path': 'a.png', 'tag': 'style'}}, is "
                        f"{type(images).__name__}")
    found = []
    for index, image in enumerate(images):
        if not isinstance(image, (dict, str)) and (isinstance(image, os.PathLike) or is_picture(image)):
            image = {"image": image}
        must_be(f"{name}[{index}]", image, dict, "a dict such as {'path': 'a.png', 'tag': 'style'}")
        found.append(reference(f"{name}[{index}]", dict(image), blobs))
    return found


def is_picture(image: object) -> bool:
    return isinstance(image, (bytes, bytearray, memoryview)) or hasattr(image, "read") or hasattr(image, "save")


def reference(name: str, image: Dict[str, object], blobs: Optional[List[bytes]]) -> Dict[str, object]:
    """One of reference_images as the library takes it; what is no file goes to `blobs`."""
    path, data = None, b""
    if "image" in image:
        path, data = picture(f"{name}['image']", image.pop("image"))
    elif "bytes" in image:
        given = image.pop("bytes")
        must_be(f"{name}['bytes']", given, (bytes, bytearray, memoryview), "bytes")
        data = bytes(given)  # type: ignore[call-overload]
    else:
        return image
    if path is not None:
        return {**image, "path": path}
    if blobs is None:
        raise TypeError(f"{name} must have 'uri' or 'path' here; only submit takes 'bytes'")
    blobs.append(data)
    return {**image, "uri": f"blob:{len(blobs) - 1}"}


def bytes_of_text(name: str, text: object) -> bytes:
    """A half surrogate reaches the library, which says that it is no UTF-8."""
    must_be(name, text, str, "a str")
    return str(text).encode("utf-8", "surrogatepass")


def text_of_path(name: str, path: object) -> str:
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{name} must be a str or a path, is {type(path).__name__}")
    text = os.fspath(path)
    must_be(name, text, str, "a path of str")
    return str(text)


def bytes_of_path(name: str, path: object) -> bytes:
    """As the file system has it; what is not UTF-8 is refused by the library."""
    return os.fsencode(text_of_path(name, path))


def split_blobs(blobs: List[bytes]) -> Tuple[Any, Any]:
    """Two C arrays, of addresses and of lengths. They live as long as `blobs` does."""
    from ctypes import c_char_p, c_size_t, c_void_p, cast

    addresses = [cast(c_char_p(blob), c_void_p) for blob in blobs]
    return (c_void_p * len(blobs))(*addresses), (c_size_t * len(blobs))(*map(len, blobs))
