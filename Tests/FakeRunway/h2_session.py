"""Requests over one HTTP/2 connection, run by the interpreter that has the package h2; prints what came as JSON.

    h2_session.py TLS_URL CA_FILE KEY COUNT
"""

import json
import socket
import ssl
import sys

import h2.connection
import h2.events

BODY = json.dumps({"model": "gen4_image", "promptText": "x", "ratio": "1280:720"}).encode()


def connected(url, authority):
    host, _, port = url.partition("://")[2].rpartition(":")
    context = ssl.create_default_context(cafile=authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    sock = context.wrap_socket(socket.create_connection((host, int(port)), 5), server_hostname=host)
    sock.settimeout(1)
    return sock


def main():
    url, authority, key, count = sys.argv[1:]
    sock, connection = connected(url, authority), h2.connection.H2Connection()
    connection.initiate_connection()
    headers = [
        (":method", "POST"), (":scheme", "https"), (":authority", "fake"), (":path", "/v1/text_to_image"),
        ("authorization", "Bearer " + key), ("x-runway-version", "2024-11-06"), ("content-type", "application/json")]
    for stream in range(1, 2 * int(count), 2):
        connection.send_headers(stream, headers)
        connection.send_data(stream, BODY, end_stream=True)
    ends = {}
    sock.sendall(connection.data_to_send())
    try:
        while len(ends) < int(count):
            data = sock.recv(65536)
            if not data:
                break
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.ResponseReceived):
                    ends[event.stream_id] = dict(event.headers)[b":status"].decode()
                elif isinstance(event, h2.events.StreamReset):
                    ends[event.stream_id] = f"reset {int(event.error_code)}"
                elif isinstance(event, h2.events.ConnectionTerminated):
                    ends["goaway"] = event.last_stream_id
            sock.sendall(connection.data_to_send())
    except socket.timeout:
        ends["silence"] = True
    print(json.dumps({"alpn": sock.selected_alpn_protocol(), "ends": sorted(map(str, ends.values())),
                      "goaway": "goaway" in ends, "silence": "silence" in ends}))


if __name__ == "__main__":
    main()
