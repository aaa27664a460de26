"""What this service charged and what it saw on the wire: the evidence that a test holds against a client."""

import threading
import time
from collections import Counter

REQUESTS_KEPT = 20000
BODY_KEPT = 64 * 1024
PAID = "POST /v1/text_to_image"


class Ledger:
    def __init__(self):
        self.lock = threading.Lock()
        self.clear()

    def clear(self):
        with self.lock:
            self.begun = time.monotonic()
            self.posts, self.charges, self.refunds = 0, [], []
            self.keys, self.authorization, self.requests = Counter(), [], []
            self.opened, self.open, self.peak = Counter(), Counter(), Counter()
            self.faults = Counter()

    def connected(self, host):
        """Counts a connection; its number."""
        with self.lock:
            self.opened[host] += 1
            self.open[host] += 1
            self.peak[host] = max(self.peak[host], self.open[host])
            return self.opened[host]

    def disconnected(self, host):
        with self.lock:
            self.open[host] = max(0, self.open[host] - 1)

    def half_head(self, host, seen):
        """What a client wrote before it left: a paid POST counts even so."""
        if host == "api" and seen.startswith(PAID.encode()):
            with self.lock:
                self.posts += 1

    def saw(self, request):
        """Called as soon as the headers are there, whatever becomes of the request."""
        authorization = request.header("authorization")
        with self.lock:
            if request.host == "api" and f"{request.method} {request.path}" == PAID:
                self.posts += 1
                self.keys[request.header("idempotency-key") or ""] += 1
            if authorization is not None and request.host != "api":
                self.authorization.append({"host": request.host, "path": request.path})
            entry = {
                "host": request.host, "scheme": request.scheme, "connection": request.connection,
                "method": request.method, "path": request.path, "version": request.version,
                "headers": request.headers, "bytes": 0, "body": None,
                "ms": round((time.monotonic() - self.begun) * 1000)}
            self.requests.append(entry)
            del self.requests[:-REQUESTS_KEPT]
            return entry

    def body(self, entry, data):
        """Kept as text with the request it belongs to, if it is not long."""
        with self.lock:
            entry["bytes"] = len(data)
            entry["body"] = data.decode("utf-8", "replace") if data and len(data) <= BODY_KEPT else None

    def charge(self, task, model, credits, key):
        with self.lock:
            self.charges.append({"task": task, "model": model, "credits": credits, "idempotencyKey": key})

    def refund(self, task, credits):
        with self.lock:
            self.refunds.append({"task": task, "credits": credits})

    def fault(self, name):
        with self.lock:
            self.faults[name] += 1

    def json(self):
        with self.lock:
            charged = sum(charge["credits"] for charge in self.charges)
            refunded = sum(refund["credits"] for refund in self.refunds)
            return {
                "posts": self.posts, "postsByIdempotencyKey": dict(self.keys), "charges": list(self.charges),
                "refunds": list(self.refunds), "charged": charged, "refunded": refunded,
                "authorizationOutsideApi": list(self.authorization), "faults": dict(self.faults),
                "connections": {
                    host: {"opened": count, "open": self.open[host], "peak": self.peak[host]}
                    for host, count in self.opened.items()},
                "requests": [dict(entry) for entry in self.requests]}
