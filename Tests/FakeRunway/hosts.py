"""The hosts that listen on loopback, each on a port of its own, and the conversation on one connection."""

import socket
import ssl
import threading
import time

from faults import Closed, Scene
from wire import BODY_BYTES_MAX, Answer, Gone, Request, Wire

HANDSHAKE_SECONDS = 10
ACCEPT_PAUSE_SECONDS = 0.01


class Listener:
    """Accepts on loopback; `serve(socket)` has a thread for each connection."""

    def __init__(self, serve, tls=None, family=socket.AF_INET, port=0):
        self.serve, self.tls = serve, tls
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1" if family == socket.AF_INET else "::1", port))
        self.socket.listen(1024)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                accepted, _ = self.socket.accept()
            except OSError:
                # The client is gone already, or there are no descriptors just now.
                time.sleep(ACCEPT_PAUSE_SECONDS)
                continue
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.begin, args=(accepted,), daemon=True).start()

    def begin(self, accepted):
        with accepted:
            self.serve(accepted, self.tls)


def secured(accepted, tls):
    """The socket after the TLS handshake; None if the client refused us."""
    accepted.settimeout(HANDSHAKE_SECONDS)
    try:
        wrapped = tls.wrap_socket(accepted, server_side=True)
    except (OSError, ssl.SSLError):
        return None
    wrapped.settimeout(None)
    return wrapped


class Host:
    """One of api, storage, cdn: `answer(request, fate)` with the scripted faults in front of it."""

    def __init__(self, name, answer, stage):
        self.name, self.answer, self.stage = name, answer, stage

    def serve(self, accepted, tls):
        number = self.stage.ledger.connected(self.name)
        try:
            fault = self.stage.rules.take(self.name, "accept")
            if fault:
                self.play(fault, Wire(accepted), None, None)
            sock = secured(accepted, tls) if tls else accepted
            if sock is None:
                return
            with sock:
                if self.stage.speaks_h2(sock):
                    self.stage.h2(self, sock, number)
                else:
                    self.converse(Wire(sock), "https" if tls else "http", number)
        except (Gone, Closed):
            pass
        finally:
            self.stage.ledger.disconnected(self.name)

    def converse(self, wire, scheme, number):
        """Keep-alive: one request after the other."""
        while True:
            found = wire.take_head()
            if found is None:
                self.stage.ledger.half_head(self.name, wire.buffer)
                return
            (method, target, version), headers = found
            request = Request(self.name, scheme, number, method, target, version, headers)
            entry = self.stage.ledger.saw(request)
            if not self.exchange(wire, request, entry):
                return

    def exchange(self, wire, request, entry):
        """One request and its answer; whether the connection goes on."""
        fault = self.stage.rules.take(self.name, f"{request.method} {request.path}")
        moment = fault.after if fault else None
        if moment == "head":
            self.play(fault, wire, request, None)
        length = request.header("content-length") or "0"
        if request.header("transfer-encoding") or not length.isdigit() or int(length) > BODY_BYTES_MAX:
            wire.send(Answer(411, b"", [("Connection", "close")]).bytes())
            return False
        if (request.header("expect") or "").lower() == "100-continue":
            wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if moment == "half":
            wire.take_body(int(length) // 2)
            self.play(fault, wire, request, None)
        body = wire.take_body(int(length))
        if body is None:
            return False
        request.body = body
        self.stage.ledger.body(entry, body)
        if moment == "request":
            self.play(fault, wire, request, None)
        else:
            fate = fault.facts if fault and fault.kind == "fate" else None
            answer = self.answer(request, fate)
            if fault and fault.act:
                self.play(fault, wire, request, answer)
            else:
                if fault:
                    self.stage.ledger.fault(fault.name)
                wire.send(answer.head() if request.method == "HEAD" else answer.bytes())
        return (request.header("connection") or "").lower() != "close" and request.version == "HTTP/1.1"

    def play(self, fault, wire, request, answer):
        """What an answer before the whole request would leave unread makes the connection useless: it ends."""
        self.stage.ledger.fault(fault.name)
        fault.act(Scene(wire, request, answer, self.stage.bases, self.stage.running), fault.facts)
        if fault.after in ("accept", "head", "half"):
            wire.finish()
            raise Closed()
