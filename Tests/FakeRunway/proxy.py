"""A CONNECT proxy that works, refuses, or dies before or in the tunnel, as a scenario says."""

import selectors
import socket

from faults import Closed, Scene
from wire import Answer, Gone, Request, Wire

CONNECT_SECONDS = 5
LOOPBACK = ("127.0.0.1", "[::1]", "localhost")


class Proxy:
    name = "proxy"

    def __init__(self, stage):
        self.stage = stage

    def serve(self, accepted, _):
        number = self.stage.ledger.connected(self.name)
        try:
            fault = self.stage.rules.take(self.name, "accept")
            if fault:
                self.play(fault, Wire(accepted), None)
            self.connect(Wire(accepted), number)
        except (Gone, Closed):
            pass
        finally:
            self.stage.ledger.disconnected(self.name)

    def play(self, fault, wire, request):
        self.stage.ledger.fault(fault.name)
        fault.act(Scene(wire, request, Answer(200), self.stage.bases, self.stage.running), fault.facts)
        wire.finish()
        raise Closed()

    def connect(self, wire, number):
        found = wire.take_head()
        if found is None:
            return
        (method, target, version), headers = found
        request = Request(self.name, "http", number, method, target, version, headers)
        self.stage.ledger.saw(request)
        fault = self.stage.rules.take(self.name, f"{method} {target}")
        if fault and fault.act:
            self.play(fault, wire, request)
        host, _, port = target.rpartition(":")
        if method != "CONNECT" or not port.isdigit():
            wire.send(Answer(405, b"", [("Connection", "close")]).bytes())
            return
        try:
            if host not in LOOPBACK:
                raise OSError("no test leaves this machine")
            upstream = socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS)
        except OSError:
            wire.send(Answer(502, b"", [("Connection", "close")]).bytes())
            return
        with upstream:
            upstream.settimeout(None)
            wire.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if fault:
                self.stage.ledger.fault(fault.name)
            self.tunnel(wire, upstream, fault.facts["dies"] if fault and fault.kind == "tunnel" else None)

    def tunnel(self, wire, upstream, dies):
        """Carries bytes until a side ends, or until a scenario lets the tunnel die."""
        charges = len(self.stage.ledger.charges)
        if dies == "connected":
            wire.reset()
            return
        with selectors.DefaultSelector() as selector:
            for sock in (wire.sock, upstream):
                selector.register(sock, selectors.EVENT_READ)
            while self.stage.running():
                for key, _ in selector.select(0.5):
                    source = key.fileobj
                    target = upstream if source is wire.sock else wire.sock
                    try:
                        data = source.recv(65536)
                        answered = len(self.stage.ledger.charges) > charges
                        if source is upstream and (dies == "handshake" or dies == "answer" and answered):
                            wire.reset()
                            return
                        target.sendall(data)
                    except OSError:
                        return
                    if not data:
                        return
