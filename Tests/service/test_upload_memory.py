"""The figure of an upload: 200 MB go out of a process that grows by less than 2 MiB."""

import os
import socket
import subprocess
import sys
import threading
import unittest

from support import ROOT
from test_uploads import START, Uploading, png

SIZE = 200 << 20
GROWTH_KIB_MAX = 2048

# What a host does, and what its kernel says of it: what is resident before, and the most that ever was until the end.
HOST = """
import sys
import t2i

def kib(name):
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith(name)).split()[1])

url, key, small, large = sys.argv[1:]
with t2i.Client("runway", base_url=url, api_key=key, environment=False) as client:
    client.upload(small)
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")
    before = kib("VmRSS")
    client.upload(large, timeout=120)
    print(kib("VmHWM") - before)
"""


class Drain:
    """A storage host that is as fast as loopback: it counts what comes and keeps nothing. FakeRunway is too slow."""

    def __init__(self):
        self.received = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        try:
            while True:
                accepted, _ = self.socket.accept()
                with accepted:
                    self.serve(accepted)
        except OSError:
            pass

    def serve(self, accepted):
        head, room = b"", bytearray(1 << 18)
        while b"\r\n\r\n" not in head:
            head += accepted.recv(65536)
        head, _, body = head.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        left = length - len(body)
        while left > 0:
            left -= accepted.recv_into(room)
        self.received += length
        accepted.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


class Memory(Uploading):
    def test_200_megabytes_in_flat_memory(self):
        drain = Drain()
        self.addCleanup(drain.socket.close)
        large = self.write("large.png", png())
        os.truncate(large, SIZE)
        self.fake.scenario([{"on": START, "times": 9, "fault": {"do": "edit", "set": {"uploadUrl": drain.url}}}])
        done = subprocess.run(
            [sys.executable, "-c", HOST, self.fake.url, self.fake.key, self.picture, large], capture_output=True,
            text=True, timeout=180, check=False,
            env={**os.environ, "PYTHONPATH": os.path.join(ROOT, "bindings", "python")})
        self.assertEqual(done.returncode, 0, done.stderr)
        growth = int(done.stdout)
        print(f"uploading 200 MB: {growth} KiB more resident memory at the most")
        self.assertGreater(drain.received, SIZE)
        self.assertLess(growth, GROWTH_KIB_MAX)


if __name__ == "__main__":
    unittest.main()
