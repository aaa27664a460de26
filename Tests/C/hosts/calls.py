"""Writes a C table of every function of t2i.h, its parameters and how to call it, so that a host can try all of them.

    calls.py HEADER TARGET

A type this page does not know stops it: no function of the header may slip through untried.
"""

import re
import sys

HANDLES = {"t2i_client": "CLIENT", "t2i_task": "TASK", "t2i_job": "JOB"}
NUMBERS = {"int32_t", "uint32_t", "int64_t", "uint64_t", "t2i_status"}
WHOLE = NUMBERS | {"size_t", *HANDLES}
OWNED = {"char **", "void **"}
SCALARS_OUT = {"size_t *", "intptr_t *", "int64_t *", "t2i_client *", "t2i_task *"}


def functions(header):
    """(result, name, [(type, parameter)]) of each exported function, in the order of the header."""
    text = re.sub(r"/\*.*?\*/|^#.*?$", "", header, flags=re.S | re.M)
    for result, name, inside in re.findall(r"T2I_API\s+([\w\s*]+?)\s*T2I_CALL\s+(t2i_\w+)\(([^()]*)\)\s*;", text):
        parameters = []
        for parameter in inside.split(","):
            kind, word = re.fullmatch(r"\s*(.*?)(\w+)\s*", parameter, flags=re.S).groups()
            if word != "void" or kind.strip():
                parameters.append((re.sub(r"\s+", " ", kind).strip(), word))
        yield re.sub(r"\s+", " ", result), name, parameters


def kind_of(function, kind, name):
    """The kind of a parameter for the table, and the size of what it points to."""
    if kind in HANDLES:
        return HANDLES[kind], "0"
    if kind in NUMBERS:
        return "NUMBER", "0"
    if kind == "size_t":
        return "LENGTH", "0"
    if kind == "const char *":
        return "TEXT", "0"
    if kind in ("const void *", "void *"):
        return "BYTES", "0"
    if kind in OWNED:
        return "OWNED", "sizeof(void *)"
    if kind in SCALARS_OUT:
        return "OUT", "8"
    if kind == "const t2i_task *":
        return "HANDLES", "8"
    structure = re.fullmatch(r"(const )?(t2i_\w+) \*", kind)
    if structure:
        return "OPTIONS" if structure[1] else "RECORD", f"sizeof({structure[2]})"
    sys.exit(f"calls.py: {function} takes {name} of the type '{kind}', which nobody here knows how to spoil")


def table(header):
    rows = []
    for result, name, parameters in functions(header):
        words = ", ".join(
            f"({kind})a[{i}]" if kind in WHOLE else f"({kind})(uintptr_t)a[{i}]"
            for i, (kind, _) in enumerate(parameters))
        call = f"{name}({words})"
        body = f"{call}; return 0;" if result == "void" else f"return (int64_t)(intptr_t){call};"
        if result in NUMBERS:
            body = f"return (int64_t){call};"
        yield f"static int64_t call_{name}(const uint64_t *a) {{ (void)a; {body} }}"
        kinds = [(word, *kind_of(name, kind, word)) for kind, word in parameters]
        told = ", ".join(f'{{"{word}", {kind}, {size}}}' for word, kind, size in kinds) or '{"", NUMBER, 0}'
        rows.append(f'  {{"{name}", call_{name}, {int(result == "t2i_status")}, {len(kinds)}, {{{told}}}}},')
    yield "static const struct function functions[] = {"
    yield from rows
    yield "};"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = list(table(file.read()))
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
