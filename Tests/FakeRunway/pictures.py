"""The pictures this service answers with: painted by sketch, kept beside this file, or painted on the fly."""

import ctypes
import json
import os
import threading

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pictures")
MIME = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "svg": "image/svg+xml"}
NTS = ctypes.c_size_t(-1)
PAINT_MS_MAX = 60000


def kept(form):
    with open(os.path.join(FOLDER, "lighthouse." + form), "rb") as file:
        return file.read()


class Painter:
    """libt2i by its C ABI, where there is one: a picture of what was asked, as PNG."""

    def __init__(self, library):
        self.library, self.lock = ctypes.CDLL(os.path.abspath(library)), threading.Lock()

    def must(self, status):
        if status != 0:
            raise RuntimeError(f"libt2i answered {status}")

    def paint(self, prompt, ratio, seed):
        request = json.dumps({"promptText": prompt, "ratio": ratio, "seed": seed}).encode()
        client, task = ctypes.c_uint64(), ctypes.c_uint64()
        data, length, wait = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_int64(PAINT_MS_MAX)
        with self.lock:
            lib = self.library
            self.must(lib.t2i_client_open(b'{"provider":"sketch"}', NTS, None, ctypes.byref(client), None))
            try:
                self.must(lib.t2i_submit(client, request, NTS, None, ctypes.byref(task), None))
                self.must(lib.t2i_output_read(
                    client, task, 0, wait, ctypes.byref(data), ctypes.byref(length), None))
                picture = ctypes.string_at(data.value, length.value)
                lib.t2i_free(data)
                return picture
            finally:
                lib.t2i_client_close(client, wait, None)


class Pictures:
    def __init__(self, library=None):
        self.painter = Painter(library) if library else None
        self.painted = {}

    def of(self, task, index):
        """The bytes and their type. Only PNG is painted: the other formats need an encoder."""
        form = task.form
        if form == "png" and self.painter and ":" in task.ratio:
            key = (task.id, index)
            if key not in self.painted:
                self.painted[key] = self.painter.paint(task.prompt, task.ratio, task.seed + index)
            return self.painted[key], MIME["png"]
        return kept(form), MIME[form]
