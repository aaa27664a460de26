"""A server that offers h2: one HTTP/2 connection over the Python package h2, with the faults that h2 has.

A fault's moment counts as in HTTP/1.1. Where that would end the connection, this is a reset of the stream; "close" is
a GOAWAY that took no stream, and silence is silence. Answers are whole: broken bytes are for HTTP/1.1.
"""

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

from faults import Scene, scripted
from wire import Gone, Request


class Conversation:
    def __init__(self, host, sock, number):
        self.host, self.stage, self.sock, self.number = host, host.stage, sock, number
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self.open, self.bodies, self.unsent = {}, {}, {}

    def flush(self):
        try:
            self.sock.sendall(self.h2.data_to_send())
        except OSError as reason:
            raise Gone() from reason

    def run(self):
        self.h2.initiate_connection()
        self.flush()
        while True:
            try:
                data = self.sock.recv(65536)
            except OSError:
                return
            if not data:
                return
            try:
                events = self.h2.receive_data(data)
            except h2.exceptions.ProtocolError:
                self.flush()
                return
            for event in events:
                if not self.take(event):
                    self.flush()
                    return
            self.send_more()
            self.flush()

    def take(self, event):
        """False when the connection has to end."""
        if isinstance(event, h2.events.RequestReceived):
            return self.begin(event.stream_id, [(str(name), str(value)) for name, value in event.headers])
        if isinstance(event, h2.events.DataReceived) and event.stream_id in self.open:
            self.bodies[event.stream_id] += event.data
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded) and event.stream_id in self.open:
            return self.finish(event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            self.open.pop(event.stream_id, None)
            self.unsent.pop(event.stream_id, None)
        return not isinstance(event, h2.events.ConnectionTerminated)

    def begin(self, stream, headers):
        pseudo = {name: value for name, value in headers if name.startswith(":")}
        plain = [pair for pair in headers if not pair[0].startswith(":")]
        request = Request(
            self.host.name, "https", self.number, pseudo[":method"], pseudo[":path"], "HTTP/2", plain)
        entry = self.stage.ledger.saw(request)
        fault = self.stage.rules.take(self.host.name, f"{request.method} {request.path}")
        self.open[stream], self.bodies[stream] = (request, entry, fault), b""
        if fault and fault.after in ("head", "half"):
            self.open.pop(stream)
            return self.lose(stream, fault, h2.errors.ErrorCodes.REFUSED_STREAM)
        return True

    def finish(self, stream):
        request, entry, fault = self.open.pop(stream)
        request.body = self.bodies.pop(stream)
        self.stage.ledger.body(entry, request.body)
        answer = None
        if not fault or fault.after == "charge":
            answer = self.host.answer(request, fault.facts if fault and fault.kind == "fate" else None)
        if fault and fault.kind not in ("fate", "answer"):
            return self.lose(stream, fault, h2.errors.ErrorCodes.INTERNAL_ERROR)
        if fault:
            self.stage.ledger.fault(fault.name)
        if fault and fault.kind == "answer":
            scene = Scene(None, request, answer, self.stage.bases, self.stage.running)
            answer = scripted(scene, fault.facts)
        self.reply(stream, answer)
        return True

    def lose(self, stream, fault, code):
        self.stage.ledger.fault(fault.name)
        if fault.kind == "close":
            self.h2.close_connection(last_stream_id=0)
            return False
        if fault.kind != "silence":
            self.h2.reset_stream(stream, code)
        return True

    def reply(self, stream, answer):
        headers = [(name.lower(), value) for name, value in answer.headers]
        if answer.status != 204:
            headers.append(("content-length", str(len(answer.body))))
        self.h2.send_headers(stream, [(":status", str(answer.status))] + headers, end_stream=not answer.body)
        if answer.body:
            self.unsent[stream] = answer.body

    def send_more(self):
        """What the flow control of the client lets through now; the rest waits for its next window update."""
        for stream in list(self.unsent):
            while stream in self.unsent:
                room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
                if room <= 0:
                    break
                piece, rest = self.unsent[stream][:room], self.unsent[stream][room:]
                self.h2.send_data(stream, piece, end_stream=not rest)
                self.unsent[stream] = rest
                if not rest:
                    del self.unsent[stream]


def serve(host, sock, number):
    Conversation(host, sock, number).run()
