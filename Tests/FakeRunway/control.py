"""The control endpoint, on a port of its own so that it never shows in what it reports."""

import json

from faults import Rules
from ledger import Ledger
from scenarios import SCENARIOS
from service import reply
from tasks import DEFAULTS
from wire import Gone, Request, Wire

LIMIT = 64 * 1024 * 1024


class Stage:
    """What all hosts share."""

    def __init__(self):
        self.ledger, self.rules = Ledger(), Rules()
        self.bases, self.alive = {}, True
        self.service, self.h2 = None, None

    def running(self):
        return self.alive

    def speaks_h2(self, sock):
        chosen = getattr(sock, "selected_alpn_protocol", None)
        return self.h2 is not None and chosen is not None and chosen() == "h2"


class Control:
    def __init__(self, stage):
        self.stage = stage

    def serve(self, accepted, _):
        wire = Wire(accepted)
        try:
            while True:
                found = wire.take_head()
                if found is None:
                    return
                (method, target, version), headers = found
                request = Request("control", "http", 0, method, target, version, headers)
                length = request.header("content-length") or "0"
                body = wire.take_body(int(length)) if length.isdigit() and int(length) <= LIMIT else None
                if body is None:
                    return
                wire.send(self.answer(f"{method} {target}", body).bytes())
        except Gone:
            pass

    def answer(self, what, body):
        try:
            if what == "GET /_fake/ledger":
                return reply(dict(self.stage.ledger.json(), rulesLeft=self.stage.rules.left(),
                                  creditBalance=self.stage.service.account.balance))
            if what == "GET /_fake/scenarios":
                return reply(sorted(SCENARIOS))
            given = json.loads(body or b"null")
            if what == "POST /_fake/scenario":
                self.stage.rules.add(given)
                return reply({"rules": self.stage.rules.left()})
            if what == "POST /_fake/key":
                self.stage.service.key = str(given)
                return reply({})
            if what == "POST /_fake/reset":
                self.reset(given or {})
                return reply({})
        except (ValueError, TypeError) as reason:
            return reply({"error": str(reason)}, 400)
        return reply({"error": "GET /_fake/ledger, GET /_fake/scenarios, POST /_fake/scenario, POST /_fake/key, "
                               "POST /_fake/reset"}, 404)

    def reset(self, settings):
        unknown = set(settings) - set(DEFAULTS)
        if unknown:
            raise ValueError(f"reset: no setting {', '.join(sorted(unknown))}; there are {', '.join(DEFAULTS)}")
        self.stage.rules.clear()
        self.stage.service.reset(settings)
