"""Puts libt2i into the wheel and says which: T2I_LIBRARY, this tree's build, the system's, or a fresh build."""

import os
import shutil
import subprocess
import sys

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
BUILT = os.path.join(TREE, ".build", "release", "libt2i.so")
IN_TREE = os.path.exists(os.path.join(TREE, "include", "t2i.h"))


def installed():
    """The library pkg-config knows of, or None."""
    try:
        folder = subprocess.run(
            ["pkg-config", "--variable=libdir", "t2i"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    path = os.path.join(folder.stdout.decode().strip(), "libt2i.so.1")
    return path if os.path.exists(path) else None


def find_or_build():
    """(path, where it came from)"""
    asked = os.environ.get("T2I_LIBRARY")
    if asked:
        if not os.path.isfile(asked):
            sys.exit(f"t2i: T2I_LIBRARY={asked} is not a file; name a libt2i.so.1, or unset it")
        return asked, "T2I_LIBRARY"
    if IN_TREE and os.path.exists(BUILT):
        return BUILT, "the build tree"
    system = installed()
    if system:
        return system, "pkg-config t2i"
    if not IN_TREE:
        sys.exit("t2i: no libt2i here; install it (`make install` in its tree), or set T2I_LIBRARY to a libt2i.so.1")
    try:
        subprocess.run(["make", "-C", TREE, "install-deps", "build"], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"t2i: libt2i could not be built ({error}); run `make build` in {TREE} to see why, or set T2I_LIBRARY")
    return BUILT, "make build"


class BuildWithLibrary(build_py):
    def run(self):
        super().run()
        path, source = find_or_build()
        package = os.path.join(self.build_lib, "t2i")
        shutil.copyfile(path, os.path.join(package, "libt2i.so.1"))
        with open(os.path.join(package, "origin.txt"), "w", encoding="utf-8") as file:
            file.write(f"copied from {os.path.abspath(path)} ({source})\n")
        print(f"t2i: libt2i from {path} ({source})", flush=True)


class WithLibrary(Distribution):
    """Holds machine code, so it is of one platform."""

    def has_ext_modules(self):
        return True


class AnyPython(bdist_wheel):
    """One wheel for every Python 3 of the platform: the library inside knows no Python."""

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


OPTIONS = {}
if IN_TREE:
    # What building leaves behind goes where the tree keeps such things.
    base = os.path.join(TREE, ".build-python")
    os.makedirs(base, exist_ok=True)
    OPTIONS = {"build": {"build_base": base}, "egg_info": {"egg_base": base}}

# The licence stands here because the setuptools of Python 3.8 does not know how pyproject.toml names it now.
setup(
    distclass=WithLibrary, license="Apache-2.0", options=OPTIONS,
    cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": AnyPython})
