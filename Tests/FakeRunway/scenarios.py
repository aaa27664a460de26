"""The faults by name, so that a test reads as a sentence. README.md says what each is for."""

HTML = "<html><head><title>503 Service Unavailable</title></head><body>upstream connect error</body></html>"
PRIVATE = "http://169.254.169.254/latest/meta-data/"
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
DAILY = {"error": "Your daily task limit has been reached.", "docUrl": "https://docs.dev.runwayml.com/api"}


def status(code, body=None, **headers):
    return {"do": "answer", "status": code, "body": {"error": f"Scripted {code}"} if body is None else body,
            "headers": {name.replace("_", "-"): value for name, value in headers.items()}}


def redirect(code, location):
    return {"do": "answer", "status": code, "headers": {"Location": location}}


def told(*urls):
    return {"do": "fate", "output": list(urls)}


def failing(code, sentence="The generation failed."):
    return {"do": "fate", "end": "FAILED", "failureCode": code, "failure": sentence}


LOST = {
    "reset": {"do": "reset"}, "close": {"do": "close"}, "silence": {"do": "silence"},
    "reset-at-accept": {"do": "reset", "after": "accept"}, "close-at-accept": {"do": "close", "after": "accept"},
    "silence-at-accept": {"do": "silence", "after": "accept"},
    "close-before-body": {"do": "close", "after": "head"},
    "reset-before-body": {"do": "reset", "after": "head"}, "reset-in-body": {"do": "reset", "after": "half"},
    "reset-uncharged": {"do": "reset", "after": "request"}, "close-uncharged": {"do": "close", "after": "request"},
    "silence-uncharged": {"do": "silence", "after": "request"},
    "half-head": {"do": "cut", "at": "head", "then": "close"},
    "half-body": {"do": "cut", "at": "body", "then": "close"},
    "half-head-silence": {"do": "cut", "at": "head", "then": "silence"},
    "half-body-silence": {"do": "cut", "at": "body", "then": "silence"},
    "half-head-reset": {"do": "cut", "at": "head"}, "half-body-reset": {"do": "cut", "at": "body"},
    "half-head-uncharged": {"do": "bytes", "text": "HTTP/1.1 200 OK\r\nContent-Ty", "after": "request"},
    "100-then-close": {"do": "bytes", "text": "HTTP/1.1 100 Continue\r\n\r\n"},
    "103-then-close": {"do": "bytes", "text": "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"},
    "100-then-answer": {"do": "informational", "status": 100},
    "103-then-answer": {"do": "informational", "status": 103},
    "drip": {"do": "drip", "ms": 20}, "slow": {"do": "delay", "ms": 2000},
    "length-longer": {"do": "length", "by": 20}, "length-shorter": {"do": "length", "by": -20},
    "chunked-garbage": {"do": "bytes", "text": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"},
    "not-http": {"do": "bytes", "text": "SSH-2.0-OpenSSH_9.2\r\n"}}

STATUSES = {
    **{str(code): status(code) for code in (400, 401, 402, 403, 404, 405, 408, 409, 413, 415, 417, 422, 425)},
    **{str(code): status(code) for code in (500, 501, 502, 503, 504)},
    **{f"{code}-charged": dict(status(code), after="charge") for code in (408, 409, 425, 500, 502, 503, 504)},
    "502-gateway": status(502, HTML), "503-gateway": status(503, HTML), "504-gateway": status(504, HTML),
    "503-gateway-json": status(503, {"message": "Service Unavailable"}),
    "503-gateway-charged": dict(status(503, HTML), after="charge"),
    "500-should-retry": status(500, x_should_retry="true"), "429-no-retry": status(429, x_should_retry="false"),
    "429": status(429), "429-daily": status(429, DAILY),
    "429-gateway": status(429, {"message": "Too Many Requests"}),
    "429-retry-after": status(429, retry_after="1"), "429-retry-after-ms": status(429, retry_after_ms="200"),
    "429-retry-after-date": status(429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"),
    "429-retry-after-hour": status(429, retry_after="3600"), "429-retry-after-garbage": status(429, retry_after="soon"),
    "out-of-credits": status(400, {"error": "You do not have enough credits to run this task."}),
    **{f"{code}-to-self": redirect(code, "{self}") for code in (301, 302, 303, 307, 308)},
    "302-to-private": redirect(302, PRIVATE), "307-to-private": redirect(307, PRIVATE),
    "302-to-http": redirect(302, "http://example.com/a.png"), "302-to-file": redirect(302, "file:///etc/passwd"),
    "302-to-cdn": redirect(302, "{cdn}/elsewhere"), "302-without-location": redirect(302, "")}

ANSWERS = {
    "html": status(200, HTML), "html-charged": dict(status(200, HTML), after="charge"),
    "broken-json": status(200, '{"id": "17f2', Content_Type="application/json"), "empty-200": status(200, ""),
    "json-array": status(200, []), "json-null": status(200, "null", Content_Type="application/json"),
    "deep-json": status(200, "[" * 100000, Content_Type="application/json"),
    "missing-id": {"do": "edit", "drop": ["id"]}, "wrong-id": {"do": "edit", "set": {"id": 7}},
    "id-with-path": {"do": "edit", "set": {"id": "../organization"}},
    "wrong-types": {"do": "edit", "set": {"status": 5, "progress": "half", "output": "x", "createdAt": []}},
    "missing-status": {"do": "edit", "drop": ["status"]},
    "progress-1e308": {"do": "edit", "set": {"progress": 1e308}},
    "progress-negative": {"do": "edit", "set": {"progress": -1}},
    "output-empty": {"do": "fate", "output": []}, "output-null": {"do": "fate", "last": {"output": None}},
    "output-numbers": {"do": "fate", "last": {"output": [1, 2]}},
    "failure-10mb": {"do": "fate", "end": "FAILED", "failureLength": 10_000_000},
    "cost-1e308": {"do": "fate", "last": {"cost": {"credits": 1e308}}},
    "estimate-1e308": {"do": "edit", "set": {"estimatedCost": {"credits": 1e308}}}}

LIVES = {
    "fails": failing("INTERNAL"), "fails-bad-output": failing("INTERNAL.BAD_OUTPUT.CODE01"),
    "fails-without-code": failing(None), "fails-moderated": failing("SAFETY.INPUT.TEXT", "The prompt was refused."),
    "fails-output-moderated": failing("SAFETY.OUTPUT.IMAGE"), "fails-asset": failing("ASSET.INVALID"),
    "fails-third-party": failing("THIRD_PARTY.UNAVAILABLE"), "cancelled": {"do": "fate", "end": "CANCELLED"},
    "unknown-status": {"do": "fate", "statuses": ["PENDING", "DREAMING", "RUNNING"]},
    "unknown-for-ever": {"do": "fate", "statuses": ["DREAMING"] * 100000},
    "backwards": {"do": "fate", "statuses": ["RUNNING", "PENDING", "THROTTLED", "RUNNING", "PENDING"]},
    "throttled": {"do": "fate", "statuses": ["PENDING", "THROTTLED", "THROTTLED", "RUNNING"]},
    "never-ends": {"do": "fate", "runningMs": 86_400_000}, "costs-more": {"do": "fate", "credits": 50},
    **{f"expired-{code}": {"do": "fate", "staleReads": 1, "staleStatus": code} for code in (403, 404, 410)},
    "expired-always": {"do": "fate", "staleReads": 1_000_000}}

OUTPUTS = {
    "output-http": told("http://example.com/a.png"), "output-file": told("file:///etc/passwd"),
    "output-metadata": told(PRIVATE), "output-v6-loopback": told("http://[::1]:{cdn_port}{path}"),
    "output-decimal": told("http://2130706433:{cdn_port}{path}"),
    "output-octal": told("http://0177.0.0.1:{cdn_port}{path}"),
    "output-hex": told("http://0x7f000001:{cdn_port}{path}"),
    "output-mapped": told("http://[::ffff:7f00:1]:{cdn_port}{path}"),
    "output-short": told("http://127.1:{cdn_port}{path}"),
    "output-userinfo": told("https://example.com@127.0.0.1:1{path}"),
    "output-relative": told("{path}"), "output-crlf": told("https://example.com/a\r\nX-Injected: 1"),
    "output-private": told("https://10.0.0.1{path}"), "output-not-a-url": told("picture"),
    "picture-empty": {"do": "answer", "status": 200}, "picture-html": status(200, HTML),
    "picture-gif": {"do": "answer", "status": 200, "picture": GIF.hex()},
    "picture-svg": status(200, '<svg xmlns="http://www.w3.org/2000/svg"/>', Content_Type="image/svg+xml"),
    "picture-wrong-magic": {"do": "answer", "status": 200, "picture": (b"not a picture at all" * 40).hex()},
    "picture-truncated": {"do": "cut", "at": "body", "then": "close"},
    "picture-huge": {"do": "flood", "bytes": 1 << 30}}

PROXY = {
    "proxy-403": status(403, HTML), "proxy-407": status(407, HTML, Proxy_Authenticate='Basic realm="proxy"'),
    "proxy-502": status(502, HTML), "proxy-dies-before": {"do": "close", "after": "head"},
    "proxy-dies-after": {"do": "tunnel", "dies": "connected"},
    "proxy-dies-in-handshake": {"do": "tunnel", "dies": "handshake"},
    "proxy-dies-in-answer": {"do": "tunnel", "dies": "answer"}}

SCENARIOS = {**LOST, **STATUSES, **ANSWERS, **LIVES, **OUTPUTS, **PROXY}
