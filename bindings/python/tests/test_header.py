"""Holds _native.py beside include/t2i.h: functions, arguments, constants, and layouts as a C compiler sees them."""

import ctypes
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from support import TREE, Case
from t2i import _native as native

HEADER = os.path.join(TREE, "include", "t2i.h")
NUMBERS = {
    "int32_t": ctypes.c_int32, "uint32_t": ctypes.c_uint32, "int64_t": ctypes.c_int64, "uint64_t": ctypes.c_uint64,
    "size_t": ctypes.c_size_t, "intptr_t": ctypes.c_ssize_t, "t2i_status": ctypes.c_int32,
    "t2i_client": ctypes.c_uint64, "t2i_task": ctypes.c_uint64, "t2i_job": ctypes.c_uint64, "char": ctypes.c_char,
    # Never set, so an address is all they are.
    "t2i_event_fn": ctypes.c_void_p, "t2i_log_fn": ctypes.c_void_p, "function": ctypes.c_void_p,
}
STRUCTURES = {
    "t2i_error": native.Error, "t2i_event": native.Event, "t2i_task_info": native.TaskInfo,
    "t2i_output_info": native.OutputInfo, "t2i_client_opts": native.ClientOpts, "t2i_submit_opts": native.SubmitOpts,
    "t2i_provider": native.Provider,
}
NAMES = {"T2I_" + name for name in vars(native) if re.fullmatch(r"[A-Z][A-Z0-9_]*", name)}


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def read_header():
    with open(HEADER, encoding="utf-8") as file:
        return without_comments(file.read())


def type_of(words):
    """What ctypes calls a C type, written without const: "char *" is "char*"."""
    if words in ("char*",):
        return ctypes.c_char_p
    # The table of functions is for hosts that look up one name; ctypes looks up each.
    if words in ("void*", "t2i_api*"):
        return ctypes.c_void_p
    # What comes out through these is an address to be freed.
    if words in ("char**", "void**"):
        return ctypes.POINTER(ctypes.c_void_p)
    if words == "void":
        return None
    if words.endswith("*"):
        name = words[:-1]
        return ctypes.POINTER(STRUCTURES.get(name) or NUMBERS[name])
    return NUMBERS[words]


def bare(declaration):
    """"const char *name" → ("char*", "name")"""
    declaration = re.sub(r"\bconst\b", "", declaration).strip()
    kind, name = re.fullmatch(r"(.*?)(\w+)", declaration).groups()
    return re.sub(r"\s", "", kind), name


def functions(header):
    """[(name, result, [arguments])] in the header's order."""
    found = []
    for result, name, arguments in re.findall(r"^T2I_API (.+?)T2I_CALL (t2i_\w+)\((.*?)\);", header, flags=re.M):
        result = re.sub(r"\bconst\b|\s", "", result)
        listed = [] if arguments.strip() == "void" else [bare(one)[0] for one in arguments.split(",")]
        found.append((name, type_of(result), [type_of(one) for one in listed]))
    return found


def fields(header, name):
    """[(field, C type)] of a structure; an array has its length at the end of its type."""
    body = re.search(rf"typedef struct {name} \{{(.*?)\}} {name};", header, flags=re.S).group(1)
    body = re.sub(r"\w+\s*\(T2I_CALL \*(\w+)\)\([^;]*\);", r"function \1;", body)
    found = []
    for line in body.split(";"):
        if not line.strip():
            continue
        first, *others = line.split(",")
        array = re.search(r"\[(\d+)\]", first)
        kind, field = bare(re.sub(r"\[\d+\]", "", first))
        found.append((field, (kind, int(array.group(1)) if array else 0)))
        found += [(other.strip(), (kind, 0)) for other in others]
    return found


class HeaderTests(Case):
    header = read_header()

    def test_the_functions_are_those_of_the_header_in_its_order(self):
        ours = [(name, result, list(arguments)) for name, result, arguments in native.FUNCTIONS]
        theirs = functions(self.header)
        self.assertGreater(len(theirs), 20)
        self.assertEqual(
            len(theirs), len(re.findall(r"^T2I_API ", self.header, flags=re.M)), "a declaration was not understood")
        self.assertEqual([name for name, _, _ in ours], [name for name, _, _ in theirs])
        for mine, wanted in zip(ours, theirs):
            self.assertEqual(mine, wanted)

    def test_the_structures_have_the_fields_of_the_header(self):
        declared = set(re.findall(r"typedef struct (\w+)", self.header))
        self.assertEqual(declared - {"t2i_api"}, set(STRUCTURES))
        for name, structure in STRUCTURES.items():
            wanted = []
            for field, (kind, length) in fields(self.header, name):
                if kind.endswith("*") and kind.count("*") > 1:
                    kind = ctypes.POINTER(ctypes.c_void_p)
                else:
                    kind = ctypes.c_char * length if length else type_of(kind)
                wanted.append((field, kind))
            self.assertEqual([tuple(field) for field in structure._fields_], wanted, name)

    def test_the_constants_are_those_of_the_header(self):
        declared = set()
        for body in re.findall(r"enum \{(.*?)\}", self.header, flags=re.S):
            declared |= set(re.findall(r"(T2I_\w+) = ", body))
        declared |= {"T2I_VERSION_MAJOR", "T2I_VERSION_MINOR", "T2I_VERSION_PATCH", "T2I_VERSION", "T2I_NTS",
                     "T2I_FOREVER"}
        functions_of_module = {"T2I_FUNCTIONS", "T2I_POINTER"}
        self.assertEqual(NAMES - functions_of_module, declared)

    def test_a_compiler_agrees_about_values_sizes_and_offsets(self):
        compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("clang")
        if not compiler:
            self.skipTest("no C compiler: values, sizes and offsets are not compared")
        wanted = {}
        for name in sorted(NAMES - {"T2I_FUNCTIONS", "T2I_POINTER"}):
            wanted[f"(long long){name}"] = ctypes.c_int64(getattr(native, name[len("T2I_"):])).value
        for name, structure in STRUCTURES.items():
            wanted[f"(long long)sizeof({name})"] = ctypes.sizeof(structure)
            for field, *_ in structure._fields_:
                wanted[f"(long long)offsetof({name}, {field})"] = getattr(structure, field).offset
        lines = [f'printf("%lld\\n", {expression});' for expression in wanted]
        program = '#include <stdio.h>\n#include "t2i.h"\nint main(void) {\n' + "\n".join(lines) + "\nreturn 0;\n}\n"
        with tempfile.TemporaryDirectory() as folder:
            source, target = os.path.join(folder, "layout.c"), os.path.join(folder, "layout")
            with open(source, "w", encoding="utf-8") as file:
                file.write(program)
            subprocess.run([compiler, "-I", os.path.dirname(HEADER), source, "-o", target], check=True)
            answers = subprocess.run([target], stdout=subprocess.PIPE, check=True).stdout.split()
        self.assertEqual(dict(zip(wanted, map(int, answers))), wanted)

    def test_a_difference_is_seen(self):
        changed = self.header.replace("t2i_models(t2i_client c, char **json", "t2i_models(t2i_client c, char *json")
        ours = [(name, result, list(arguments)) for name, result, arguments in native.FUNCTIONS]
        self.assertNotEqual(functions(changed), ours)
        self.assertEqual(fields(self.header.replace("char     where[64]", "char where[65]"), "t2i_error")[6],
                         ("where", ("char", 65)))


if __name__ == "__main__":
    unittest.main()
