"""Holds the library that ships beside its fallback: both builds must paint the same bytes, as PNG and as raw pixels.

Both are loaded into this one process, as two plug-ins with their own copies would load them.

    twins.py LIBRARY OTHER_LIBRARY
"""

import ctypes
import json
import sys

PROMPTS = [
    ("A serene Japanese garden with cherry blossoms and a koi pond", "320:180"),
    ("mountains around a lake at sunset", "320:180"),
    ("snowy mountains at night", "180:320"),
    ("a city at night in the rain", "320:180"),
    ("seamless stone wall texture", "128:128"),
    ("a red sports car", "160:90"),
    ("ein blauer Hund", "17:300"),
    ("🌸🌸🌸", "16:16"),
    ("oil painting of three owls and a red bicycle in a cave", "320:180"),
    ("a sprite of a dragon", "96:96"),
]
NTS = ctypes.c_size_t(-1)
FOREVER = ctypes.c_int64(2**63 - 1)
WAIT_ALL = 1


def paint(library, prompt, ratio, form):
    client, task = ctypes.c_uint64(), ctypes.c_uint64()
    data, length = ctypes.c_void_p(), ctypes.c_size_t()

    def must(status):
        if status != 0:
            raise RuntimeError(f"status {status} for {prompt!r}")

    request = json.dumps({"promptText": prompt, "ratio": ratio, "seed": 7, "outputFormat": form}).encode()
    must(library.t2i_client_open(b'{"provider":"sketch"}', NTS, None, ctypes.byref(client), None))
    must(library.t2i_submit(client, request, NTS, None, ctypes.byref(task), None))
    must(library.t2i_wait(client, ctypes.byref(task), ctypes.c_size_t(1), WAIT_ALL, FOREVER, None, None))
    must(library.t2i_output_read(client, task, 0, FOREVER, ctypes.byref(data), ctypes.byref(length), None))
    picture = ctypes.string_at(data.value, length.value)
    library.t2i_free(data)
    must(library.t2i_client_close(client, FOREVER, None))
    return picture


def main():
    first, second = (ctypes.CDLL(path) for path in sys.argv[1:3])
    passed = failed = 0
    for prompt, ratio in PROMPTS:
        for form in ("png", "rgba"):
            if paint(first, prompt, ratio, form) == paint(second, prompt, ratio, form):
                passed += 1
            else:
                failed += 1
                print(f"the two builds differ for {prompt!r} at {ratio} as {form}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
