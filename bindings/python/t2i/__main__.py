"""python -m t2i: which library this package found, and how. Meant to be pasted into a bug report."""

from __future__ import annotations

import os
import sys

from . import __version__
from ._library import HERE, library
from .errors import LibraryError


def main() -> int:
    print(f"package  {__version__} in {HERE}, Python {sys.version.split()[0]}")
    try:
        loaded = library()
    except LibraryError as error:
        print(f"library  {error}", file=sys.stderr)
        return 1
    print(f"library  {loaded.version}: {loaded.path} ({loaded.found})")
    origin = os.path.join(HERE, "origin.txt")
    if os.path.exists(origin):
        with open(origin, encoding="utf-8") as file:
            print(f"origin   {file.read().strip()}")
    print(f"build    {loaded.raw.t2i_build_info().decode()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
