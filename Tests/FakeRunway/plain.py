"""A client for the tests of the server itself: plain http.client for whole answers, a socket for broken ones."""

import http.client
import json
import socket
import ssl
import time

VERSION = "2024-11-06"
GOOD = {"model": "gen4_image", "promptText": "a lighthouse at dusk", "ratio": "1280:720"}
SUBMIT = "/v1/text_to_image"
WHOLE_SECONDS = 10


class Client:
    """Asks one FakeRunway, over http or https."""

    def __init__(self, fake, secure=False, key=None, version=VERSION):
        self.fake, self.secure = fake, secure
        self.base = fake.tls_url if secure else fake.url
        self.headers = {"Content-Type": "application/json", "Authorization": "Bearer " + (key or fake.key)}
        if version:
            self.headers["X-Runway-Version"] = version
        self.tls = ssl.create_default_context(cafile=fake.ca_file) if secure else None

    def connection(self, address):
        host, _, port = address.partition("://")[2].rpartition(":")
        if address.startswith("https"):
            return http.client.HTTPSConnection(host, int(port), context=self.tls, timeout=WHOLE_SECONDS)
        return http.client.HTTPConnection(host, int(port), timeout=WHOLE_SECONDS)

    def ask(self, method, path, body=None, headers=None):
        """The status, the JSON (None without a body) and the headers."""
        connection = self.connection(self.base)
        try:
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, path, data, self.headers if headers is None else headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None, answer.headers
        finally:
            connection.close()

    def submit(self, **other):
        status, value, _ = self.ask("POST", SUBMIT, dict(GOOD, **other))
        assert status == 200, value
        return value["id"]

    def look(self, task):
        return self.ask("GET", "/v1/tasks/" + task)[1]

    def end(self, task):
        """Looks until the task has ended."""
        until = time.monotonic() + WHOLE_SECONDS
        while time.monotonic() < until:
            view = self.look(task)
            if view["status"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
                return view
            time.sleep(0.02)
        raise AssertionError("the task did not end")

    def fetch(self, url, headers=None):
        address, slash, path = url.partition("://")[2].partition("/")
        connection = self.connection(url.partition("://")[0] + "://" + address)
        try:
            connection.request("GET", slash + path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def raw(self, method="POST", path=SUBMIT, body=None, base=None, patience=WHOLE_SECONDS):
        """Sends a request and reads to the end: all bytes, and how it ended: close, reset or silence."""
        data = json.dumps(GOOD if body is None else body).encode() if method == "POST" else b""
        lines = [f"{method} {path} HTTP/1.1", "Host: fake", "Connection: close", f"Content-Length: {len(data)}"]
        if base is None:
            lines += [f"{name}: {value}" for name, value in self.headers.items()]
        host, _, port = (base or self.base).partition("://")[2].rpartition(":")
        bytes_sent = "\r\n".join(lines).encode() + b"\r\n\r\n" + data
        try:
            with socket.create_connection((host, int(port)), patience) as sock:
                sock.settimeout(patience)
                return exchange(Shown(sock, self.tls) if self.secure else sock, bytes_sent)
        except ConnectionResetError:
            return b"", "reset"


class Shown:
    """TLS over a socket of our own: Python's reports a reset as an end of the stream."""

    def __init__(self, sock, context):
        self.sock, self.incoming, self.outgoing = sock, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="127.0.0.1")
        while self.step(self.tls.do_handshake) is None:
            if not self.read():
                raise ConnectionResetError

    def step(self, act, *arguments):
        """What `act` returns, True for nothing; None if it wants to read first."""
        try:
            return act(*arguments) or True
        except ssl.SSLWantReadError:
            return None
        finally:
            if self.outgoing.pending:
                self.sock.sendall(self.outgoing.read())

    def read(self):
        data = self.sock.recv(65536)
        self.incoming.write(data)
        return data

    def sendall(self, data):
        self.step(self.tls.write, data)

    def recv(self, size):
        while True:
            data = self.step(self.tls.read, size)
            if data is not None:
                return data
            if not self.read():
                return b""


def exchange(sock, data):
    seen = b""
    try:
        sock.sendall(data)
        while True:
            piece = sock.recv(65536)
            if not piece:
                return seen, "close"
            seen += piece
    except socket.timeout:
        return seen, "silence"
    except OSError:
        return seen, "reset"
