"""Installs the library where a person or a packager would, and builds programs against it outside the tree.

The commands are those of bindings/c/README.md, run as they stand there with a HOME of their own. Ends with
"N passed, N failed".
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
counts = {"passed": 0, "failed": 0}


def check(true, what):
    counts["passed" if true else "failed"] += 1
    if not true:
        print(f"FAILED: {what}")
    return true


def run(command, folder, home, **more):
    """The exit code and all output of a shell command, with nothing in the environment that points at a library."""
    hidden = ("PKG_CONFIG", "CMAKE", "LD_LIBRARY_PATH", "MAKE", "MFLAGS", "DESTDIR", "PREFIX", "LIBDIR")
    env = {name: value for name, value in os.environ.items() if not name.startswith(hidden)} | {"HOME": home} | more
    done = subprocess.run(
        ["bash", "-euc", command], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=600)
    return done.returncode, done.stdout


def works(command, folder, home, **more):
    code, output = run(command, folder, home, **more)
    check(code == 0, f"{command!r} in {folder} ended with {code}:\n{output}")
    return output


def blocks(kind):
    with open(os.path.join(ROOT, "bindings", "c", "README.md"), encoding="utf-8") as page:
        return re.findall(rf"^```{kind}\n(.*?)^```$", page.read(), flags=re.M | re.S)


def files(folder):
    return sorted(
        os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names)


def painted(folder, name="t2i.png"):
    path = os.path.join(folder, name)
    if not check(os.path.exists(path), f"{path} was not painted"):
        return
    with open(path, "rb") as picture:
        check(picture.read(8) == b"\x89PNG\r\n\x1a\n", f"{path} is no PNG")
    os.remove(path)


def the_page(home):
    """The page from top to bottom, as a new user would."""
    install, with_pkg_config, with_cmake = blocks("sh")
    works(install, ROOT, home)
    hello = os.path.join(home, "hello")
    output = works(with_pkg_config, hello, home)
    check(output.splitlines()[-1:] == ["t2i.png"], f"the pkg-config program said {output!r}")
    painted(hello)
    with open(os.path.join(hello, "CMakeLists.txt"), "w", encoding="utf-8") as lists:
        lists.write(blocks("cmake")[0])
    works(with_cmake, hello, home)
    painted(hello)


def the_library(home):
    """What the loader and a packager look at."""
    folder = os.path.join(home, ".local", "lib")
    for name, target in (("libt2i.so", "libt2i.so.1"), ("libt2i.so.1", "libt2i.so.1.0.0")):
        path = os.path.join(folder, name)
        check(os.path.islink(path) and os.readlink(path) == target, f"{name} is no link to {target}")
    dynamic = works("readelf -dW libt2i.so.1.0.0", folder, home)
    check("[libt2i.so.1]" in dynamic, "the SONAME is not libt2i.so.1")
    check("RPATH" not in dynamic and "RUNPATH" not in dynamic, "the library carries a search path of its build")
    for name in ("pkgconfig/t2i.pc", "cmake/t2i/t2iConfig.cmake", "cmake/t2i/t2iConfigVersion.cmake"):
        with open(os.path.join(folder, name), encoding="utf-8") as text:
            text = text.read()
        check("@" not in text, f"{name} has a place nobody filled")
        check(ROOT not in text, f"{name} names the folder it was built in")
    said = works("pkg-config --modversion t2i", folder, home, PKG_CONFIG_PATH=os.path.join(folder, "pkgconfig"))
    check(said.strip() == "1.0.0", f"pkg-config says version {said!r}")


def the_tool(home):
    """It finds its library from where it lies, under any PREFIX and LIBDIR, moved or not."""
    works("$HOME/.local/bin/t2i --version", "/", home)
    works("$HOME/.local/bin/t2i 'a pond' --provider sketch --ratio 64:64 -o pond.png", os.path.join(home, "hello"), home)
    painted(os.path.join(home, "hello"), "pond.png")
    for name in ("man/man1/t2i.1", "bash-completion/completions/t2i", "zsh/site-functions/_t2i"):
        check(os.path.exists(os.path.join(home, ".local", "share", name)), f"{name} is not installed")
    works("make install PREFIX=$HOME/other LIBDIR=$HOME/other/lib64/deep", ROOT, home)
    works("mv other elsewhere && elsewhere/bin/t2i --version", home, home)


def a_moved_tree(home):
    """CMake finds its way from its own file; a version that is too new, and a file that is gone, are said."""
    moved = os.path.join(home, "moved")
    shutil.copytree(os.path.join(home, ".local"), moved, symlinks=True)
    hello = os.path.join(home, "hello")
    works(f"cmake -B build-moved -DCMAKE_PREFIX_PATH={moved} && cmake --build build-moved", hello, home)
    works("build-moved/generate 'a pond'", hello, home)
    painted(hello)
    with open(os.path.join(hello, "CMakeLists.txt"), "r+", encoding="utf-8") as lists:
        text = lists.read()
        for asked, found in (("1.0.0 EXACT", True), ("1", True), ("1.1", False), ("2.0", False), ("0.9", False)):
            lists.seek(0)
            lists.truncate()
            lists.write(text.replace("1.0 REQUIRED", f"{asked} REQUIRED"))
            lists.flush()
            code, output = run(f"cmake -B build-version -DCMAKE_PREFIX_PATH={moved}", hello, home)
            check((code == 0) == found, f"find_package(t2i {asked}) ended with {code}:\n{output}")
        lists.seek(0)
        lists.truncate()
        lists.write(text)
    os.remove(os.path.join(moved, "include", "t2i.h"))
    code, output = run(f"cmake -B build-broken -DCMAKE_PREFIX_PATH={moved}", hello, home)
    check(code != 0 and "install libt2i again" in output, f"an install without t2i.h was accepted:\n{output}")


def a_package(home):
    """DESTDIR and LIBDIR, as a distribution uses them; then everything goes away again."""
    stage = os.path.join(home, "stage")
    where = f"PREFIX=/usr LIBDIR=/usr/lib/any-triple DESTDIR={stage}"
    works(f"make install {where}", ROOT, home)
    names = files(stage)
    check("usr/lib/any-triple/libt2i.so.1.0.0" in names and "usr/include/t2i.h" in names, f"staged: {names}")
    said = works(
        "pkg-config --cflags --libs t2i", stage, home, PKG_CONFIG_SYSROOT_DIR=stage,
        PKG_CONFIG_LIBDIR=os.path.join(stage, "usr/lib/any-triple/pkgconfig"))
    check(f"-I{stage}/usr/include" in said, f"pkg-config in a sysroot says {said!r}")
    works(f"make uninstall {where}", ROOT, home)
    check(files(stage) == [], f"uninstall left {files(stage)}")
    for wrong in ("PREFIX=relative", "'PREFIX=/with space'"):
        code, output = run(f"make install DESTDIR={stage} {wrong}", ROOT, home)
        check(code != 0 and "absolute paths without spaces" in output, f"make install {wrong}: {code} {output}")
    check(files(stage) == [], f"a refused install left {files(stage)}")


def main():
    with tempfile.TemporaryDirectory() as home:
        the_page(home)
        the_library(home)
        the_tool(home)
        a_moved_tree(home)
        a_package(home)
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
