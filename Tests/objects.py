"""Asks whether the objects of a release build agree on what they share.

Embedded Swift writes an array literal as a constant named after its function and a number, weak, into every module
that compiles the function. Modules may number the same constants differently, and the linker keeps one of each name:
then a function runs with another literal's content.

It also asks that no module's first file defines a class: that file carries a copy of what modules share, 4 KB with the
relocations, and one class keeps all of it. Usage: objects.py .build/release; the last line counts.
"""

import collections
import glob
import os
import struct
import sys

SYMTAB, RELA, NOBITS, GLOBAL, WEAK, OBJECT, SECTION = 2, 4, 8, 1, 2, 1, 3


def name_at(data, offset):
    return data[offset:data.index(b"\0", offset)].decode()


def parts(path):
    """What one object consists of: its bytes, its sections, where its names begin, its symbols."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] != b"\x7fELF":
        return data, [], 0, []
    begin, = struct.unpack_from("<Q", data, 0x28)
    count, = struct.unpack_from("<H", data, 0x3C)
    if count == 0:  # More sections than 16 bits can count: the first says how many.
        count, = struct.unpack_from("<Q", data, begin + 32)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, begin + index * 64) for index in range(count)]
    table = next((section for section in sections if section[1] == SYMTAB), None)
    if table is None:
        return data, sections, 0, []
    names = sections[table[6]][4]
    return data, sections, names, [
        struct.unpack_from("<IBBHQQ", data, table[4] + at) for at in range(0, table[5], 24)]


def classes(path):
    """What an object defines for itself, among it the metadata of each class, which Swift names ...CN."""
    data, _, names, symbols = parts(path)
    own = [name for name, info, _, home, _, _ in symbols if info == GLOBAL << 4 | OBJECT and home]
    return [name for name in (name_at(data, names + name) for name in own) if name.endswith("CN")]


def shared_constants(path):
    """Weak data symbols of one object: their bytes, and what they point to."""
    data, sections, names, symbols = parts(path)
    pointers = collections.defaultdict(list)
    for section in sections:
        if section[1] != RELA:
            continue
        for at in range(0, section[5], 24):
            offset, info, addend = struct.unpack_from("<QQq", data, section[4] + at)
            target = symbols[info >> 32]
            # Where in its own strings an object points to says nothing to another object.
            if target[1] & 15 != SECTION:
                pointers[section[7]].append((offset, name_at(data, names + target[0]), addend))
    found = {}
    for name, info, _, home, value, size in symbols:
        if info != WEAK << 4 | OBJECT or not 0 < home < len(sections):
            continue
        start = sections[home][4] + value
        content = b"" if sections[home][1] == NOBITS else data[start:start + size]
        inside = sorted((at - value, to, more) for at, to, more in pointers[home] if value <= at < value + size)
        found[name_at(data, names + name)] = (content, tuple(inside))
    return found


def main():
    versions = collections.defaultdict(dict)
    for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.build", "*.o"))):
        for name, content in shared_constants(path).items():
            versions[name].setdefault(content, []).append(os.path.relpath(path, sys.argv[1]))
    differing = {name: contents for name, contents in versions.items() if len(contents) > 1}
    for name, contents in differing.items():
        print(name, *("  " + ", ".join(paths) for paths in contents.values()), sep="\n")
    holding = 0
    folders = glob.glob(os.path.join(sys.argv[1], "*.build"))
    firsts = [min(files) for files in (glob.glob(os.path.join(folder, "*.swift.o")) for folder in folders) if files]
    for path in firsts:
        if classes(path):
            holding += 1
            print(f"{path} is the first of its module and defines {', '.join(classes(path))}: move it to another file")
    failed = len(differing) + holding
    print(f"{len(versions) + len(firsts) - failed} passed, {failed} failed")
    return 1 if failed or not versions or not firsts else 0


if __name__ == "__main__":
    sys.exit(main())
