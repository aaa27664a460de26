"""Scripted faults: which requests they hit, at which moment, and what then happens on the wire.

A rule is {"on": "POST /v1/text_to_image", "host": "api", "times": 1, "fault": …}; a fault is
{"do": kind, "after": moment, …} or the name of one in scenarios.py. README.md is the reference.
"""

import fnmatch
import json
import threading
import time

from scenarios import SCENARIOS
from tasks import FATE_KEYS
from wire import Answer

MOMENTS = ("accept", "head", "half", "request", "charge")
HOSTS = ("api", "storage", "cdn", "proxy")
FLOOD_PIECE = 65536


class Closed(Exception):
    """The fault ended the connection."""


class Fault:
    def __init__(self, given, after=None, name=None):
        if isinstance(given, str):
            if given not in SCENARIOS:
                raise ValueError(f"fault: no scenario is called {given!r}; README.md lists them")
            given, name = SCENARIOS[given], given
        if not isinstance(given, dict) or given.get("do") not in KINDS:
            raise ValueError(f"fault: \"do\" must be one of {', '.join(sorted(KINDS))}")
        kind = given["do"]
        act, usual, keys = KINDS[kind]
        unknown = set(given) - keys - {"do", "after"}
        if unknown:
            raise ValueError(f"fault: {kind} has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(keys))}")
        self.kind, self.act, self.facts, self.name = kind, act, given, name or kind
        self.after = after or given.get("after") or usual
        if self.after not in MOMENTS:
            raise ValueError(f"after: must be one of {', '.join(MOMENTS)}, not {self.after!r}")
        if act in NEED_ANSWER and self.after != "charge":
            raise ValueError(f"after: {kind} changes the true answer, so it can only come after \"charge\"")


class Rules:
    def __init__(self):
        self.lock, self.rules = threading.Lock(), []

    def clear(self):
        with self.lock:
            self.rules = []

    def add(self, given):
        """Appends rules; all or none."""
        if not isinstance(given, list):
            raise ValueError("a scenario is an array of rules")
        made = []
        for rule in given:
            if not isinstance(rule, dict) or set(rule) - {"on", "host", "times", "fault", "after"}:
                raise ValueError("a rule has \"on\", \"host\", \"times\", \"fault\" and \"after\"")
            host, times = rule.get("host", "api"), rule.get("times", 1)
            if host not in HOSTS:
                raise ValueError(f"host: must be one of {', '.join(HOSTS)}, not {host!r}")
            if not isinstance(times, int) or times < 1:
                raise ValueError("times: must be an integer from 1 on")
            fault = Fault(rule.get("fault"), rule.get("after"))
            on = rule.get("on", "accept" if fault.after == "accept" else "*")
            if (on == "accept") != (fault.after == "accept"):
                raise ValueError("on: \"accept\" goes with after \"accept\", before there is a request")
            made.append([host, on, times, fault])
        with self.lock:
            self.rules += made

    def take(self, host, what):
        """The fault of the first rule that fits, which thereby has one time less."""
        with self.lock:
            for rule in self.rules:
                if rule[0] != host or (what == "accept") != (rule[1] == "accept"):
                    continue
                if fnmatch.fnmatchcase(what, rule[1]):
                    rule[2] -= 1
                    if rule[2] == 0:
                        self.rules.remove(rule)
                    return rule[3]
        return None

    def left(self):
        with self.lock:
            return [{"host": rule[0], "on": rule[1], "times": rule[2], "fault": rule[3].name} for rule in self.rules]


class Scene:
    """Where a fault plays: the connection, the request if one was read, the true answer if there is one."""

    def __init__(self, wire, request, answer, bases, running):
        self.wire, self.request, self.answer = wire, request, answer
        self.bases, self.running = bases, running

    def filled(self, text):
        """Text with the addresses of this run: {api}, {cdn}, {storage}, {self}, {cdn_port}."""
        scheme = self.request.scheme if self.request else "http"
        for (host, of), base in self.bases.items():
            if of == scheme:
                text = text.replace("{" + host + "}", base).replace("{" + host + "_port}", base.rpartition(":")[2])
        if self.request:
            text = text.replace("{self}", self.bases.get((self.request.host, scheme), "") + self.request.target)
        return text

    def wait(self, milliseconds):
        """Waits; Closed if the client leaves or the server ends."""
        until = time.monotonic() + milliseconds / 1000
        while time.monotonic() < until:
            if not self.running() or self.wire.left():
                self.wire.sock.close()
                raise Closed()
            time.sleep(min(0.01, max(0.0, until - time.monotonic())))

    def end(self, how):
        if how == "reset":
            self.wire.reset()
        elif how == "close":
            self.wire.finish()
        else:
            self.wait(86400 * 1000)
        raise Closed()


def ending(scene, facts):
    scene.end(facts["do"])


def raw(scene, facts):
    scene.wire.send(scene.filled(facts["text"]).encode("latin-1"))
    scene.end(facts.get("then", "close"))


def scripted(scene, facts):
    """Another answer. A body that is not a string goes out as JSON."""
    body = facts.get("body", "")
    kind = "text/html; charset=utf-8" if isinstance(body, str) else "application/json; charset=utf-8"
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    if "picture" in facts:
        data, kind = bytes.fromhex(facts["picture"]), "image/png"
    headers = {"Content-Type": kind, "apigw-requestid": "scripted=", **facts.get("headers", {})}
    return Answer(facts["status"], data, [(name, scene.filled(value)) for name, value in headers.items()])


def other(scene, facts):
    scene.wire.send(scripted(scene, facts).bytes())


def edit(scene, facts):
    """The true answer with other keys or without some; what has no body stays as it is."""
    if scene.answer.body:
        value = json.loads(scene.answer.body)
        value.update(facts.get("set", {}))
        for key in facts.get("drop", []):
            value.pop(key, None)
        scene.answer.body = json.dumps(value).encode()
    scene.wire.send(scene.answer.bytes())


def cut(scene, facts):
    """The true answer up to a byte: a number, or "head" or "body" for the middle of either."""
    data, at = scene.answer.bytes(), facts["at"]
    head = len(scene.answer.head())
    at = {"head": head // 2, "body": head + (len(data) - head) // 2}.get(at, at)
    scene.wire.send(data[:at])
    scene.end(facts.get("then", "reset"))


def drip(scene, facts):
    for byte in scene.answer.bytes():
        scene.wire.send(bytes([byte]))
        scene.wait(facts.get("ms", 20))


def delay(scene, facts):
    scene.wait(facts["ms"])
    scene.wire.send(scene.answer.bytes())


def length(scene, facts):
    """Content-Length lies by so many bytes; then the connection ends, as nobody knows where the answer does."""
    scene.wire.send(scene.answer.bytes(len(scene.answer.body) + facts["by"]))
    scene.end(facts.get("then", "close"))


def informational(scene, facts):
    """A 1xx, then the true answer."""
    scene.wire.send(f"HTTP/1.1 {facts['status']} Informational\r\n\r\n".encode())
    scene.wire.send(scene.answer.bytes())


def flood(scene, facts):
    """So many bytes that begin like a PNG."""
    size = facts["bytes"]
    scene.wire.send(f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {size}\r\n\r\n".encode())
    scene.wire.send(b"\x89PNG\r\n\x1a\n"[:size])
    for start in range(8, size, FLOOD_PIECE):
        scene.wire.send(bytes(min(FLOOD_PIECE, size - start)))


KINDS = {
    "reset": (ending, "charge", set()), "close": (ending, "charge", set()), "silence": (ending, "charge", set()),
    "bytes": (raw, "charge", {"text", "then"}),
    "answer": (other, "request", {"status", "headers", "body", "picture"}),
    "edit": (edit, "charge", {"set", "drop"}), "cut": (cut, "charge", {"at", "then"}),
    "drip": (drip, "charge", {"ms"}), "delay": (delay, "charge", {"ms"}),
    "length": (length, "charge", {"by", "then"}), "informational": (informational, "charge", {"status"}),
    "flood": (flood, "request", {"bytes"}), "fate": (None, "charge", FATE_KEYS),
    # Of the proxy alone: the tunnel dies once it stands, at the API's first bytes, or when a charge was made.
    "tunnel": (None, "charge", {"dies"})}
NEED_ANSWER = (edit, cut, drip, delay, length, informational)
