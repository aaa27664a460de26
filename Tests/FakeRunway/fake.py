"""FakeRunway for a test: `with FakeRunway() as fake:` starts the server and ends it with the test."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))


class FakeRunway:
    """The server as a process of its own. It ends with this object, or with the process that made it.

    url, tls_url: base URLs of the API (tls_url is None without tls). ca_file: the CA of this run. key: the one valid
    key. proxy: a CONNECT proxy. cdn, storage: their http addresses.
    """

    def __init__(self, tls=True, h2=False, paint=None, python=sys.executable):
        command = [python, os.path.join(HERE, "server.py"), "--until-stdin-ends"]
        command += ["--tls"] if tls else []
        command += ["--h2"] if h2 else []
        command += ["--paint", paint] if paint else []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            self.close()
            raise RuntimeError("FakeRunway did not start; it says why above")
        told = json.loads(line)
        self.url, self.tls_url, self.ca_file = told["url"], told.get("tls_url"), told.get("ca_file")
        self.key, self.proxy, self.cdn, self.storage = told["key"], told["proxy"], told["cdn"], told["storage"]
        self.control = told["control"]
        # A proxy of the environment has no business between a test and loopback.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, path, value=None):
        data = None if value is None else json.dumps(value).encode()
        try:
            with self.opener.open(self.control + "/_fake/" + path, data, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise ValueError(json.load(refused)["error"]) from None

    def scenario(self, rules):
        """Adds rules, e.g. [{"on": "POST /v1/text_to_image", "times": 1, "fault": "reset"}]; see README.md."""
        return self.ask("scenario", rules)["rules"]

    def ledger(self):
        """What was seen and charged since the last reset."""
        return self.ask("ledger")

    def rotate(self, key):
        """Takes this key from now on, and refuses the one before."""
        self.ask("key", key)
        self.key = key

    def reset(self, **settings):
        """No tasks, rules or records; full credits; and these settings (README.md lists them) instead of the usual."""
        self.ask("reset", settings)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
