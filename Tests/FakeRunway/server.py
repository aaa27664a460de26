"""FakeRunway: the hosted service on loopback, for tests and for trying programs without a key or money.

    python3 Tests/FakeRunway/server.py --port 0 [--tls] [--h2] [--ready-file FILE] [--ca-file FILE] [--paint LIBRARY]

Prints one line of JSON with its addresses, and runs until it is interrupted or its standard input ends.
"""

import argparse
import json
import os
import shutil
import socket
import ssl
import sys
import tempfile
import threading

import certificates
from control import Control, Stage
from hosts import Host, Listener
from media import Media
from pictures import Pictures
from proxy import Proxy
from service import Service

# Of the form of a real key, and worth nothing.
KEY = "key_" + "fa4e" * 32


def options():
    parser = argparse.ArgumentParser(description="Runway's API on loopback, with scripted faults.")
    parser.add_argument("--port", type=int, default=0, help="of the API over http; 0 takes a free one")
    parser.add_argument("--tls", action="store_true", help="https beside http, with a CA made for this run")
    parser.add_argument("--h2", action="store_true", help="offer HTTP/2 over TLS (needs the Python package h2)")
    parser.add_argument("--ready-file", help="where to write the line of JSON once it listens")
    parser.add_argument("--ca-file", help="where to write the CA's certificate")
    parser.add_argument("--paint", metavar="LIBRARY", help="libt2i.so that paints what was asked")
    parser.add_argument("--seconds", type=float, help="how long a task takes; default 0.3")
    parser.add_argument("--exports", action="store_true", help="print lines for a shell instead of JSON")
    parser.add_argument("--until-stdin-ends", action="store_true", help="end when the starter does")
    return parser.parse_args()


def contexts(given, folder):
    """The TLS of the API, which may offer h2, and that of the other hosts; and the CA's certificate."""
    authority, certificate, key = certificates.make(folder)
    made = []
    for protocols in (["h2", "http/1.1"] if given.h2 else ["http/1.1"], ["http/1.1"]):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols(protocols)
        made.append(context)
    if given.ca_file:
        shutil.copyfile(authority, given.ca_file)
        authority = os.path.abspath(given.ca_file)
    return made[0], made[1], authority


def listen(stage, given, folder):
    """Opens every port; what a client needs to know of them."""
    media = Media(stage.service)
    answers = {
        "api": stage.service.answer, "storage": lambda request, _: media.storage(request),
        "cdn": lambda request, _: media.cdn(request)}
    told = {"key": KEY}
    secure = contexts(given, folder) if given.tls else None
    for name, answer in answers.items():
        host = Host(name, answer, stage)
        listener = Listener(host.serve, port=given.port if name == "api" else 0)
        stage.bases[(name, "http")] = f"http://127.0.0.1:{listener.port}"
        if secure:
            port = Listener(host.serve, secure[0] if name == "api" else secure[1]).port
            stage.bases[(name, "https")] = f"https://127.0.0.1:{port}"
        if name == "cdn":
            try:
                Listener(host.serve, family=socket.AF_INET6, port=listener.port)
            except OSError:
                pass  # A machine without IPv6 has no address for the lie that names it.
    for name, serve in (("proxy", Proxy(stage).serve), ("control", Control(stage).serve)):
        told[name] = f"http://127.0.0.1:{Listener(serve).port}"
    told.update({"url": stage.bases[("api", "http")], "cdn": stage.bases[("cdn", "http")]})
    told.update({"storage": stage.bases[("storage", "http")]})
    if secure:
        told.update({"tls_url": stage.bases[("api", "https")], "ca_file": secure[2]})
    return told


def show(told, given):
    line = json.dumps(told)
    if given.exports:
        print(f"export RUNWAYML_BASE_URL={told['url']} RUNWAYML_API_SECRET={told['key']}", flush=True)
        if "tls_url" in told:
            print(f"# or: export RUNWAYML_BASE_URL={told['tls_url']} SSL_CERT_FILE={told['ca_file']}", flush=True)
        print(f"# control: {told['control']}/_fake/ledger; Ctrl-C ends it", flush=True)
    else:
        print(line, flush=True)
    if given.ready_file:
        with open(given.ready_file + ".new", "w", encoding="utf-8") as file:
            file.write(line + "\n")
        os.rename(given.ready_file + ".new", given.ready_file)


def main():
    given = options()
    if given.h2 and not given.tls:
        sys.exit("--h2 is negotiated in TLS: add --tls")
    if given.paint and not os.path.exists(given.paint):
        sys.exit(f"--paint: there is no {given.paint}")
    stage = Stage()
    if given.h2:
        import http2
        stage.h2 = http2.serve
    stage.service = Service(stage.ledger, KEY, Pictures(given.paint))
    stage.service.bases = stage.bases
    if given.seconds is not None:
        whole = given.seconds * 1000
        stage.service.reset({"pendingMs": whole * 0.25, "runningMs": whole * 0.75})
    with tempfile.TemporaryDirectory(prefix="fakerunway-") as folder:
        show(listen(stage, given, folder), given)
        try:
            if given.until_stdin_ends:
                sys.stdin.buffer.read()
            else:
                threading.Event().wait()
        except KeyboardInterrupt:
            pass
    stage.alive = False


if __name__ == "__main__":
    main()
