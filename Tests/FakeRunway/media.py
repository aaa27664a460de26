"""The two hosts that know no key: storage, which takes uploads, and the CDN, which hands out pictures."""

import re
import time

from wire import Answer

UPLOAD_BYTES_MIN = 512
UPLOAD_BYTES_MAX = 200 * 1024 * 1024
NAME = re.compile(rb'name="([^"]*)"')


def xml(status, code, message):
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Answer(status, text.encode(), [("Content-Type", "application/xml")])


def parts(request):
    """The parts of a multipart body as (name, whether it is a file, bytes), in order; None if it is not one."""
    kind = request.header("content-type") or ""
    found = re.fullmatch(r'multipart/form-data; *boundary="?([^"]+)"?', kind)
    if not found:
        return None
    mark = b"--" + found.group(1).encode("latin-1")
    first, *pieces = (b"\r\n" + request.body).split(b"\r\n" + mark)
    if first or not pieces or pieces[-1].strip() != b"--":
        return None
    whole = []
    for piece in pieces[:-1]:
        head, blank, content = piece.partition(b"\r\n\r\n")
        name = NAME.search(head)
        if not blank or not name:
            return None
        whole.append((name.group(1).decode("utf-8", "replace"), b"filename=" in head, content))
    return whole


class Media:
    """Both hosts over the account of `service`."""

    def __init__(self, service):
        self.service = service

    def storage(self, request):
        if request.method != "POST":
            return xml(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
        if request.header("authorization"):
            return xml(400, "InvalidArgument", "Only one auth mechanism allowed")
        form = parts(request)
        if not form:
            return xml(400, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart.")
        *fields, (name, is_file, content) = form
        if name != "file" or not is_file or any(entry[1] for entry in fields):
            return xml(400, "InvalidArgument", "POST requires exactly one file upload per request, as the last field.")
        texts = [(field, value.decode("utf-8", "replace")) for field, _, value in fields]
        with self.service.lock:
            account = self.service.account
            granted, uri = account.uploads.get(dict(texts).get("key"), (None, None))
            if granted is None or [entry for entry in texts if entry[0] != "metadata"] != list(granted.items()):
                return xml(403, "AccessDenied", "Invalid according to Policy: the fields are not those that were given")
            if not UPLOAD_BYTES_MIN <= len(content) <= UPLOAD_BYTES_MAX:
                code = "EntityTooSmall" if len(content) < UPLOAD_BYTES_MIN else "EntityTooLarge"
                return xml(400, code, f"The file must have {UPLOAD_BYTES_MIN} bytes to 200 MB.")
            account.ready.add(uri)
        return Answer(204)

    def cdn(self, request):
        """A signed URL gives a picture until it expires. An Authorization header is refused, as S3 does."""
        if request.header("authorization"):
            return xml(400, "InvalidArgument", "Only one auth mechanism allowed")
        if request.method not in ("GET", "HEAD"):
            return xml(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
        token = re.search(r"(?:^|&)_jwt=([^&]+)", request.query)
        with self.service.lock:
            link = self.service.account.links.get(token.group(1)) if token else None
        if link is None or not request.path.startswith("/" + link.task.id + "/"):
            return xml(403, "AccessDenied", "Access denied")
        if time.monotonic() >= link.until:
            return xml(link.task.fate.get("staleStatus", 403), "AccessDenied", "Request has expired")
        picture, mime = self.service.pictures.of(link.task, link.index)
        return Answer(200, picture, [("Content-Type", mime), ("Cache-Control", "private")])
