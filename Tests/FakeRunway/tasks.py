"""The life of tasks and the account that pays for them: by the clock, so that nothing here needs a thread."""

import datetime
import secrets
import time
import uuid

DEFAULTS = {
    "credits": 100000, "pendingMs": 80, "runningMs": 220, "maxConcurrent": None, "maxDaily": None,
    "urlSeconds": 86400, "monthlySpend": 10000}
FATE_KEYS = {
    "end", "failure", "failureCode", "failureLength", "last", "output", "statuses", "staleReads", "staleStatus",
    "credits", "pendingMs", "runningMs"}
# The input was moderated, the service worked: charged, not refunded.
CHARGED_FAILURES = ("SAFETY.",)


class Task:
    def __init__(self, model, body, credits, key, fate, form):
        self.id, self.created = str(uuid.uuid4()), time.monotonic()
        self.stamp = iso(datetime.datetime.now(datetime.timezone.utc))
        self.model, self.credits, self.key, self.form = model, credits, key, form
        self.prompt, self.ratio = body.get("promptText", ""), body.get("ratio", "")
        self.seed, self.count = body.get("seed", 0), body.get("outputCount", 1)
        self.fate, self.looks, self.reads, self.settled = fate, 0, 0, False
        self.start = self.end = self.created
        self.stopped = None


class Link:
    """A signed URL that was handed out."""

    def __init__(self, task, index, until):
        self.task, self.index, self.until = task, index, until


class Account:
    def __init__(self, ledger, settings):
        self.ledger = ledger
        self.settings = dict(DEFAULTS, **settings)
        self.balance = self.settings["credits"]
        self.tasks, self.links, self.uploads, self.ready = {}, {}, {}, set()

    def add(self, task):
        """Charges for the task and gives it its place in time."""
        self.tasks[task.id] = task
        self.balance -= task.credits
        self.ledger.charge(task.id, task.model, task.credits, task.key)
        self.schedule(task.model)

    def schedule(self, model):
        """Lays a model's tasks, in submit order, into the slots of its tier. A cancelled one frees its slot."""
        limit, slots = self.settings["maxConcurrent"], []
        for task in self.tasks.values():
            if task.model != model:
                continue
            start = task.created
            if limit is not None and len(slots) >= limit:
                slots.sort()
                start = max(start, slots.pop(0))
            life = sum(task.fate.get(part, self.settings[part]) for part in ("pendingMs", "runningMs")) / 1000
            task.start, task.end = start, start + life
            slots.append(task.end if task.stopped is None else min(task.end, max(start, task.stopped)))

    def today(self, model):
        return sum(1 for task in self.tasks.values() if task.model == model)

    def phase(self, task, now):
        """The status that the clock says."""
        if now >= task.end:
            return task.fate.get("end", "SUCCEEDED")
        if now < task.start:
            return "THROTTLED"
        pending = task.fate.get("pendingMs", self.settings["pendingMs"]) / 1000
        return "PENDING" if now < task.start + pending else "RUNNING"

    def look(self, task, base, port):
        """The JSON of a task, as GET /v1/tasks/{id} answers it."""
        now, statuses = time.monotonic(), task.fate.get("statuses", [])
        scripted = task.looks < len(statuses)
        status = statuses[task.looks] if scripted else self.phase(task, now)
        task.looks += 1
        view = {"id": task.id, "createdAt": task.stamp, "status": status}
        if status in ("SUCCEEDED", "FAILED", "CANCELLED"):
            self.settle(task, status)
            view["cost"] = {"credits": 0 if status == "CANCELLED" else task.credits}
        else:
            view["estimatedCost"] = {"credits": task.credits}
        if status == "RUNNING":
            span = max(task.end - task.start, 0.001)
            view["progress"] = round(min(max((now - task.start) / span, 0), 0.99), 2)
        if status == "FAILED":
            said = task.fate.get("failure", "The generation failed.")
            view["failure"] = said.ljust(task.fate.get("failureLength", 0), "x")
            code = task.fate.get("failureCode", "INTERNAL")
            if code is not None:
                view["failureCode"] = code
        if status == "SUCCEEDED":
            task.reads += 1
            view["output"] = self.outputs(task, base, port)
        if status == task.fate.get("end", "SUCCEEDED"):
            view.update(task.fate.get("last", {}))
        return view

    def settle(self, task, status):
        """A failure that was the service's fault costs nothing."""
        if task.settled:
            return
        task.settled = True
        code = task.fate.get("failureCode") or "INTERNAL"
        if status == "CANCELLED" or status == "FAILED" and not code.startswith(CHARGED_FAILURES):
            self.refund(task)

    def refund(self, task):
        if task.credits:
            self.balance += task.credits
            self.ledger.refund(task.id, task.credits)
            task.credits = 0

    def outputs(self, task, base, port):
        """Fresh signed URLs; or those that a scenario wants told, with a signed {path} and the CDN's {cdn_port}."""
        urls = []
        stale = task.reads <= task.fate.get("staleReads", 0)
        told = task.fate.get("output")
        for index in range(task.count if told is None else len(told)):
            token = secrets.token_urlsafe(24)
            seconds = -1 if stale else self.settings["urlSeconds"]
            self.links[token] = Link(task, index, time.monotonic() + seconds)
            path = f"/{task.id}/{index}.{task.form}?_jwt={token}"
            if told is None:
                urls.append(base + path)
            else:
                urls.append(told[index].replace("{path}", path).replace("{cdn_port}", port))
        return urls

    def stop(self, task):
        """DELETE: what was not running yet is refunded, as it stands now and not at an earlier look."""
        now = time.monotonic()
        status = self.phase(task, now)
        if status in ("PENDING", "THROTTLED"):
            self.refund(task)
        task.stopped, task.settled = now, True
        self.schedule(task.model)


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
