"""HTTP/1.1 as bytes on a socket: requests are read by hand, so that an answer can break anywhere."""

import http
import select
import socket
import struct
import time

HEAD_BYTES_MAX = 256 * 1024
BODY_BYTES_MAX = 256 * 1024 * 1024
DRAIN_SECONDS = 1.0


class Gone(Exception):
    """The connection is over; nothing can be answered on it."""


class Request:
    def __init__(self, host, scheme, connection, method, target, version, headers):
        self.host, self.scheme, self.connection = host, scheme, connection
        self.method, self.target, self.version, self.headers = method, target, version, headers
        self.path, _, self.query = target.partition("?")
        self.body = b""

    def header(self, name):
        """The value of a header, values of repeated ones joined; None without it."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None


class Answer:
    def __init__(self, status, body=b"", headers=()):
        self.status, self.body, self.headers = status, body, list(headers)

    def head(self, length=None):
        """The bytes before the body; `length` is what Content-Length claims."""
        try:
            phrase = http.HTTPStatus(self.status).phrase
        except ValueError:
            phrase = "Unknown"
        lines = [f"HTTP/1.1 {self.status} {phrase}"] + [f"{name}: {value}" for name, value in self.headers]
        if self.status != 204 and not any(name.lower() == "transfer-encoding" for name, _ in self.headers):
            lines.append(f"Content-Length: {len(self.body) if length is None else length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def bytes(self, length=None):
        return self.head(length) + self.body


class Wire:
    """One connection of a client."""

    def __init__(self, sock):
        self.sock, self.buffer = sock, b""

    def more(self):
        """Reads on; False at the end of the stream."""
        try:
            data = self.sock.recv(65536)
        except OSError as reason:
            raise Gone() from reason
        self.buffer += data
        return bool(data)

    def take_head(self):
        """The request line and the headers; None if the client left in between. What it wrote stays in `buffer`."""
        while b"\r\n\r\n" not in self.buffer:
            if len(self.buffer) > HEAD_BYTES_MAX or not self.more():
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3:
            return None
        pairs = [line.partition(":") for line in lines]
        return words, [(name.strip(), value.strip()) for name, _, value in pairs]

    def take_body(self, length):
        while len(self.buffer) < length:
            if not self.more():
                return None
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return body

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as reason:
            raise Gone() from reason

    def left(self):
        """Whether the client has closed its side. What it sends meanwhile is kept."""
        if not select.select([self.sock], [], [], 0)[0]:
            return False
        try:
            return not self.more()
        except Gone:
            return True

    def reset(self):
        """RST: what was sent and not yet read may be lost too."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def finish(self):
        """FIN. Closing with unread bytes would make it a RST, so they are read first."""
        try:
            self.sock.shutdown(socket.SHUT_WR)
            until = time.monotonic() + DRAIN_SECONDS
            self.sock.settimeout(DRAIN_SECONDS)
            while time.monotonic() < until and self.sock.recv(65536):
                pass
        except OSError:
            pass
        self.sock.close()
