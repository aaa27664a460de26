"""The API as a function from request to answer: shapes, statuses and sentences as the contract states them."""

import datetime
import email.utils
import json
import re
import threading
import uuid

from tasks import Account, Task
from validation import Catalogue
from wire import Answer

VERSION = "2024-11-06"
DOCS = "https://docs.dev.runwayml.com/api"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TASK = re.compile(r"/v1/tasks/([^/]+)")
EXTENSIONS = (".png", ".jpg", ".jpeg", ".webp", ".mp4", ".mov", ".webm", ".mp3", ".wav")
USAGE_DAYS_MAX = 90
METHODS = {
    "/v1/text_to_image": ("POST",), "/v1/uploads": ("POST",), "/v1/organization": ("GET",),
    "/v1/organization/usage": ("POST",)}


class Service:
    def __init__(self, ledger, key, pictures):
        self.ledger, self.key, self.pictures = ledger, key, pictures
        self.catalogue, self.lock = Catalogue(), threading.Lock()
        self.bases = {}
        self.reset({})

    def reset(self, settings):
        with self.lock:
            self.ledger.clear()
            self.account = Account(self.ledger, settings)

    def answer(self, request, fate=None):
        with self.lock:
            answer = self.refusal(request) or self.route(request, fate or {})
        date = email.utils.formatdate(usegmt=True)
        answer.headers += [("Date", date), ("apigw-requestid", uuid.uuid4().hex[:15] + "=")]
        return answer

    def refusal(self, request):
        """Who asks, and in which version of the API; before anything else, as a gateway would."""
        given = request.header("authorization")
        if not given:
            return error(401, "No API key was provided. Set it as a bearer token in the Authorization header.")
        if given != "Bearer " + self.key:
            return error(401, "The API key that was provided is not valid.")
        version = request.header("x-runway-version")
        if version is None:
            return error(400, f"The X-Runway-Version header is required. Set it to {VERSION}.")
        if version != VERSION:
            return error(400, f"The API version {version[:40]} is not valid. Use {VERSION}.")
        return None

    def route(self, request, fate):
        found = TASK.fullmatch(request.path)
        allowed = ("GET", "DELETE") if found else METHODS.get(request.path)
        if allowed is None:
            return error(404, "Not Found")
        if request.method not in allowed:
            return error(405, "Method Not Allowed")
        if found:
            return self.task(request, found.group(1))
        if request.path == "/v1/organization":
            return reply(self.organization())
        try:
            body = json.loads(request.body.decode("utf-8"))
        except ValueError:
            body = None
        if not isinstance(body, dict) or not (request.header("content-type") or "").startswith("application/json"):
            return error(400, "The body is not a JSON object sent as application/json.")
        if request.path == "/v1/text_to_image":
            return self.submit(request, body, fate)
        return self.upload(request, body) if request.path == "/v1/uploads" else self.usage(body)

    def submit(self, request, body, fate):
        issues = self.catalogue.issues(body)
        if issues:
            return error(400, "Validation of body failed", issues)
        for index, reference in enumerate(body.get("referenceImages") or []):
            if reference["uri"].startswith("runway://") and reference["uri"] not in self.account.ready:
                message = 'Failed to fetch asset. Received HTTP response code "404".'
                path = ["referenceImages", index, "uri"]
                return error(400, "Validation of body failed", [{"code": "custom", "path": path, "message": message}])
        limit = self.account.settings["maxDaily"]
        if limit is not None and self.account.today(body["model"]) >= limit:
            return error(429, "Your daily task limit has been reached.")
        credits = fate.get("credits", self.catalogue.credits(body))
        if credits > self.account.balance:
            return error(400, "You do not have enough credits to run this task.")
        formats = self.catalogue.models[body["model"]]["output"].get("formats") or ["png"]
        form = body.get("outputFormat", formats[0])
        task = Task(body["model"], body, credits, request.header("idempotency-key"), fate, form)
        self.account.add(task)
        return reply({"id": task.id, "estimatedCost": {"credits": credits}})

    def task(self, request, name):
        task = self.account.tasks.get(name)
        if task is None or task.stopped is not None:
            return reply({"error": "Could not find Task"}, 404)
        if request.method == "DELETE":
            self.account.stop(task)
            return Answer(204)
        port = self.bases[("cdn", "http")].rpartition(":")[2]
        return reply(self.account.look(task, self.bases[("cdn", request.scheme)], port))

    def upload(self, request, body):
        name = body.get("filename")
        issues = []
        if not isinstance(name, str) or not 3 <= len(name) <= 255 or not name.lower().endswith(EXTENSIONS):
            message = "A name of 3 to 255 characters with the extension of a media file"
            issues.append({"code": "custom", "path": ["filename"], "message": message})
        if body.get("type") != "ephemeral":
            issues.append({"code": "invalid_literal", "path": ["type"], "message": 'Expected "ephemeral"'})
        if issues:
            return error(400, "Validation of body failed", issues)
        place = uuid.uuid4().hex
        fields = {
            "key": f"uploads/{place}/{name}", "bucket": "runway-ephemeral", "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": "FAKE/20261122/us-east-1/s3/aws4_request", "X-Amz-Date": "20261122T120000Z",
            "Policy": uuid.uuid4().hex, "X-Amz-Signature": uuid.uuid4().hex}
        uri = f"runway://{place}"
        self.account.uploads[fields["key"]] = (fields, uri)
        url = self.bases[("storage", request.scheme)] + "/runway-ephemeral"
        return reply({"uploadUrl": url, "fields": fields, "runwayUri": uri})

    def organization(self):
        settings, used = self.account.settings, {}
        for task in self.account.tasks.values():
            used[task.model] = {"dailyGenerations": self.account.today(task.model)}
        limits = {"maxConcurrentGenerations": settings["maxConcurrent"], "maxDailyGenerations": settings["maxDaily"]}
        return {
            "creditBalance": self.account.balance,
            "tier": {
                "maxMonthlyCreditSpend": settings["monthlySpend"],
                "models": {model: limits for model in self.catalogue.models}},
            "usage": {"models": used}}

    def usage(self, body):
        now = datetime.datetime.now(datetime.timezone.utc).date()
        days, issues = {"startDate": now - datetime.timedelta(days=30)}, []
        for name in ("startDate", "beforeDate"):
            try:
                if name in body:
                    if not DAY.fullmatch(str(body[name])):
                        raise ValueError
                    days[name] = datetime.date.fromisoformat(body[name])
            except ValueError:
                issues.append({"code": "invalid_string", "path": [name], "message": "Expected YYYY-MM-DD"})
        end = days.get("beforeDate", days["startDate"] + datetime.timedelta(days=30))
        if not issues and not 0 < (end - days["startDate"]).days <= USAGE_DAYS_MAX:
            message = f"The span must be 1 to {USAGE_DAYS_MAX} days"
            issues.append({"code": "custom", "path": ["beforeDate"], "message": message})
        if issues:
            return error(400, "Validation of body failed", issues)
        spent = {}
        for task in self.account.tasks.values():
            spent[task.model] = spent.get(task.model, 0) + task.credits
        row = {"date": now.isoformat(), "usedCredits": [{"model": name, "amount": spent[name]} for name in spent]}
        return reply({"results": [row] if spent else [], "models": sorted(spent)})


def reply(value, status=200):
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, [("Content-Type", "application/json; charset=utf-8")])


def error(status, sentence, issues=None):
    value = {"error": sentence, "docUrl": DOCS}
    if issues:
        value["issues"] = issues
    return reply(value, status)
