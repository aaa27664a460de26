"""Compiles the C programs of this folder into the build folder."""

import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WARNINGS = ["-O2", "-Wall", "-Wextra", "-Werror"]


def compiled(built, name):
    """The path of a program of this name, linked with the library that was built; or of what is to be preloaded."""
    folder = os.path.join(built, "tests")
    os.makedirs(folder, exist_ok=True)
    sources, compiler = [os.path.join(HERE, name + ".c")], os.environ.get("CC", "cc")
    if name == "killer":
        sources.append(os.path.join(HERE, "power.c"))
        target, flags = os.path.join(folder, "killer.so"), ["-std=gnu11", "-shared", "-fPIC", "-pthread", "-ldl"]
    elif name == "remote":
        target, flags = os.path.join(folder, "remote.so"), ["-std=gnu11", "-shared", "-fPIC"]
    else:
        target = os.path.join(folder, os.path.basename(name))
        flags = ["-std=c11", "-Wpedantic", f"-I{ROOT}/include", f"-L{built}/release", "-lt2i", "-pthread",
                 "-Wl,-rpath,$ORIGIN/../release"]
    subprocess.run([compiler, *sources, "-o", target, *WARNINGS, *flags], check=True)
    return target
