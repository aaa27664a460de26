"""A TLS server on loopback for the tests of the transport: HTTP/1.1, or just enough HTTP/2 for one client.

Prints its port, then a line for each thing it saw: "connection h2 new TLSv1.3", "request POST h2". The mode says how it
behaves: "answer"; "refuse" the first HTTP/2 request in a way that invites a repetition; "reset" every request; "old"
speaks TLS 1.1 at best. It ends when its standard input does.
Usage: tls_server.py certificate key protocols mode
"""

import socket
import ssl
import struct
import sys
import threading

DATA, HEADERS, RST_STREAM, SETTINGS, PING = 0, 1, 3, 4, 6
END_STREAM, END_HEADERS, ACK = 1, 4, 1
REFUSED_STREAM, INTERNAL_ERROR = 7, 2
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
printing = threading.Lock()
refused = []


def tell(*words):
    with printing:
        print(*words, flush=True)


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def read_exactly(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise ConnectionError
        data += piece
    return data


def method(block):
    """The method is the first header that libcurl sends; 2 and 3 are GET and POST in the static table."""
    first = block[0]
    if first & 128:
        return {2: "GET", 3: "POST"}.get(first & 127, "?")
    return "OTHER"


def serve_h2(connection):
    if read_exactly(connection, len(PREFACE)) != PREFACE:
        return
    connection.sendall(frame(SETTINGS, 0, 0))
    while True:
        head = read_exactly(connection, 9)
        length = int.from_bytes(head[:3], "big")
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big") & 0x7FFFFFFF
        payload = read_exactly(connection, length)
        if kind == SETTINGS and not flags & ACK:
            connection.sendall(frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            connection.sendall(frame(PING, ACK, 0, payload))
        elif kind == HEADERS:
            tell("request", method(payload), "h2")
        if kind in (HEADERS, DATA) and flags & END_STREAM:
            if MODE == "refuse" and not refused:
                refused.append(stream)
                connection.sendall(frame(RST_STREAM, 0, stream, struct.pack(">I", REFUSED_STREAM)))
                continue
            if MODE == "reset":
                connection.sendall(frame(RST_STREAM, 0, stream, struct.pack(">I", INTERNAL_ERROR)))
                continue
            # 0x88 is ":status: 200" of the static table.
            body = b'{"ok":true}'
            connection.sendall(frame(HEADERS, END_HEADERS, stream, b"\x88") + frame(DATA, END_STREAM, stream, body))


def serve_http1(connection):
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return
            data += piece
        head, data = data.split(b"\r\n\r\n", 1)
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(data) < length:
            data += connection.recv(65536)
        data = data[length:]
        tell("request", head.split(b" ")[0].decode(), "http/1.1")
        if MODE == "reset":
            return
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}')


def serve(raw, context):
    try:
        connection = context.wrap_socket(raw, server_side=True)
    except (ssl.SSLError, OSError):
        tell("handshake failed")
        raw.close()
        return
    protocol = connection.selected_alpn_protocol() or "none"
    tell("connection", protocol, "resumed" if connection.session_reused else "new", connection.version())
    try:
        (serve_h2 if protocol == "h2" else serve_http1)(connection)
    except OSError:
        pass
    connection.close()


certificate, key, protocols, MODE = sys.argv[1:5]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.set_alpn_protocols(protocols.split(","))
if MODE == "old":
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
listening = socket.create_server(("127.0.0.1", 0), backlog=64)
tell(listening.getsockname()[1])


def accept_all():
    while True:
        accepted, _ = listening.accept()
        threading.Thread(target=serve, args=(accepted, context), daemon=True).start()


threading.Thread(target=accept_all, daemon=True).start()
sys.stdin.read()
