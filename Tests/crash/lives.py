"""One point of the crash test: a host dies at one call, the next lives of it recover, and the service's ledger, the
journal and the folder of pictures are held against each other.
"""

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "Tests", "FakeRunway"))

from fake import FakeRunway  # noqa: E402

SUBMIT = "POST /v1/text_to_image"
KEY = "one picture"
REQUEST = json.dumps({"promptText": "a lighthouse at dusk", "seed": 7})
PRICE = 5000
LIFE_SECONDS = 40
LATE_SECONDS = 3
with open(os.path.join(ROOT, "Tests", "FakeRunway", "pictures", "lighthouse.png"), "rb") as picture:
    TRUE_PICTURE = hashlib.sha256(picture.read()).hexdigest()

# How the service behaves. Of "may be lost" nobody can say whether it was charged; the others must end with a picture.
BEHAVIOURS = {
    "normal": [],
    "answer lost, charged": [{"on": SUBMIT, "fault": "reset"}],
    "answer lost, not charged": [{"on": SUBMIT, "fault": "reset-uncharged"}],
    "429 first": [{"on": SUBMIT, "fault": {"do": "answer", "status": 429, "body": {"error": "Too many."},
                                           "headers": {"retry-after-ms": "1"}}}],
    "slow answer": [{"on": SUBMIT, "fault": {"do": "delay", "ms": 60}}],
    "dead links": [{"on": SUBMIT, "fault": "expired-403"}, {"on": "GET *", "host": "cdn", "fault": "503"}],
}
MAY_BE_LOST = {"answer lost, charged", "answer lost, not charged"}


@dataclass(frozen=True)
class Point:
    """Where and how a life ends. `then` is what the next does: R recovers, S submits with the same key. `again` is the
    call at which that one is killed too, 0 for none; the last life then recovers and submits. `power` is what the disk
    loses with each of these deaths: nothing if it is empty, as when only the process dies (killer.c)."""

    behaviour: str
    place: str
    fresh: bool
    call: int
    side: str
    then: str
    again: int = 0
    power: str = ""

    def __str__(self):
        where = f"{self.behaviour}, {self.place}, {'new' if self.fresh else 'old'} journal"
        twice = f", killed again before {self.again}" if self.again else ""
        power = f", without current: {self.power}" if self.power else ""
        return f"[{where}; killed {self.side} call {self.call}; then {self.then}{twice}{power}]"


class Stand:
    """One service and one folder; a point after the other is lived on it."""

    def __init__(self, life, killer, folder, disk=None):
        self.life, self.killer, self.folder, self.disk = life, killer, folder, disk or {}
        self.fake = FakeRunway(tls=False)
        self.charged = {}
        self.blank = os.path.join(folder, "blank.sqlite")
        home = self.home(Point("normal", "memory", True, 0, "before", ""))
        self.run(home, Point("normal", "memory", True, 0, "before", ""), "")
        shutil.copyfile(os.path.join(home, "journal", "journal.sqlite"), self.blank)
        os.chmod(self.blank, 0o600)

    def close(self):
        self.fake.close()

    def home(self, point):
        """An empty folder for pictures, and one for the journal."""
        home = os.path.join(self.folder, "home")
        shutil.rmtree(home, ignore_errors=True)
        os.makedirs(os.path.join(home, "pictures"))
        if not point.fresh:
            os.mkdir(os.path.join(home, "journal"), 0o700)
            shutil.copy(self.blank, os.path.join(home, "journal", "journal.sqlite"))
        return home

    def run(self, home, point, order, **killing):
        """One life: what it said of its tasks (None if it died) and the killer's words."""
        pictures = os.path.join(home, "pictures")
        config = {"provider": "runway", "apiKey": self.fake.key, "baseUrl": self.fake.url, "pollFloorMs": 10,
                  "timeoutMs": 3000, "environment": False, "journal": os.path.join(home, "journal", "journal.sqlite")}
        if point.place == "folder":
            config["outputDir"] = pictures
        saved = "-" if point.place == "folder" else os.path.join(pictures, "picture.png")
        env = {"LD_PRELOAD": self.killer, **self.disk, **killing} if killing else {}
        if killing and point.power:
            env["T2I_CRASH_POWER"] = point.power
        ended = subprocess.run([self.life, json.dumps(config), REQUEST, KEY, saved, order], env=env, text=True,
                               capture_output=True, timeout=LIFE_SECONDS, check=False)
        if ended.returncode == -9:
            return None, ended.stderr.strip()
        told = ended.stdout.splitlines()
        if ended.returncode != 0 or told[-1:] != ["closed"]:
            return [{"call": f"exit {ended.returncode}"}, *map(json.loads, told)], ended.stderr.strip()
        return [json.loads(line) for line in told[:-1]], ended.stderr.strip()

    def calls(self, behaviour, place, fresh):
        """How many calls of consequence a life makes that nobody ends; the most of three."""
        most = 0
        for _ in range(3):
            point = Point(behaviour, place, fresh, 0, "before", "S")
            self.prepare(point)
            _, words = self.run(self.home(point), point, "S", T2I_CRASH_TALLY="1")
            most = max(most, int(words.split("calls ")[1]))
        return most

    def prepare(self, point):
        self.fake.reset(pendingMs=4, runningMs=8)
        self.fake.scenario(BEHAVIOURS[point.behaviour])

    def ledger(self):
        """The service's books, once every connection of the dead was read to its end."""
        give_up = time.monotonic() + LATE_SECONDS
        while True:
            ledger = self.fake.ledger()
            if ledger["connections"].get("api", {}).get("open", 0) == 0 or time.monotonic() > give_up:
                return ledger
            time.sleep(0.005)

    def live(self, point):
        """Lives through a point. Returns how often it died, how it ended and all that is wrong."""
        self.prepare(point)
        home = self.home(point)
        told, words = self.run(home, point, "S", T2I_CRASH_AT=str(point.call), T2I_CRASH_SIDE=point.side)
        deaths, order = int(told is None), point.then
        found = Findings(self, home, point, words)
        found.at_death(told)
        if point.again:
            told, more = self.run(home, point, point.then, T2I_CRASH_AT=str(point.again), T2I_CRASH_SIDE="before")
            found.words, order, deaths = f"{words}; {more}", "RS", deaths + int(told is None)
            found.at_death(told)
        told, _ = self.run(home, point, order)
        found.at_the_end(told, "S" in order)
        return deaths, found


def books(home, copy=None):
    """The journal's tasks and sums, read from a copy: whoever reads the file itself would finish what a crash left."""
    folder = os.path.join(home, "journal")
    if not os.path.exists(os.path.join(folder, "journal.sqlite")):
        return [], (0, 0)
    if copy:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        folder = copy
    with contextlib.closing(sqlite3.connect(os.path.join(folder, "journal.sqlite"))) as journal:
        journal.row_factory = sqlite3.Row
        tasks = [dict(row) for row in journal.execute("SELECT * FROM history")]
        for task in tasks:
            kinds = journal.execute("SELECT kind FROM fact WHERE task = ? ORDER BY number", (task["id"],))
            task["facts"] = [kind for kind, in kinds]
        sums = journal.execute("SELECT IFNULL(SUM(held), 0), IFNULL(SUM(spent), 0) FROM purse").fetchone()
    return tasks, tuple(sums)


class Findings:
    """What is wrong with a point."""

    def __init__(self, stand, home, point, words):
        self.stand, self.home, self.point, self.words = stand, home, point, words
        self.wrong, self.end, self.stage = [], "nothing asked", None
        # What breaks no promise and should be known.
        self.twins = self.parts = 0

    def expect(self, truth, sentence):
        if not truth:
            self.wrong.append(sentence)

    def at_death(self, told):
        """What the disk says at this moment binds every life that comes."""
        tasks, _ = books(self.home, os.path.join(self.stand.folder, "copy"))
        self.expect(len(tasks) <= 1, f"one key has {len(tasks)} tasks")
        self.stage = tasks[0]["stage"] if tasks else None
        charges = self.stand.ledger()["charges"]
        if self.stage in (None, "waiting"):
            self.expect(not charges, f"charged before it was written down ({self.stage})")
        if told is not None:
            self.lived(told)

    def lived(self, told):
        self.expect(not any("call" in task for task in told), f"a life that was not killed said {told}")

    def at_the_end(self, told, submitted):
        if told is None or any("call" in task for task in told):
            self.wrong.append(f"the last life failed: {told}")
        tasks, sums = books(self.home)
        ledger = self.stand.ledger()
        self.charges(ledger, tasks)
        self.expect(len(tasks) <= 1, f"one key has {len(tasks)} tasks")
        if submitted:
            told = self.one(told or [])
            self.twins = len(told) - 1
        if tasks and not self.wrong:
            self.task(tasks[0], told, ledger, sums)
        if not tasks:
            self.expect(not ledger["charges"] and not submitted, "the journal knows nothing")
            self.expect(self.pictures() == [], f"pictures of nobody: {self.pictures()}")
        self.left()

    def one(self, told):
        """A key is one task. Who submits and recovers in one breath may hold two handles of it, or is told to use the
        other one."""
        if self.point.then == "SR" and len(told) == 2:
            told = [task for task in told if task["status"] != "T2I_E_BUSY" or task["failure"]["maySpend"]]
        self.expect(told and len({task.get("token") for task in told}) == 1, f"one key is {len(told)} tasks: {told}")
        self.expect(len(told) == 1 or self.point.then == "SR", f"one key is {len(told)} handles: {told}")
        return told

    def charges(self, ledger, tasks):
        """No intent is charged twice, ever; and none that no journal knows."""
        for task in tasks:
            self.stand.charged.setdefault(task["intent"], 0)
        for charge in ledger["charges"]:
            intent = charge["idempotencyKey"]
            self.expect(intent in self.stand.charged, f"a charge that no journal knows: {charge}")
            self.stand.charged[intent] = self.stand.charged.get(intent, 0) + 1
            self.expect(self.stand.charged[intent] == 1, f"paid {self.stand.charged[intent]} times: {charge}")
        intents = {task["intent"] for task in tasks}
        own = [charge for charge in ledger["charges"] if charge["idempotencyKey"] in intents]
        self.expect(len(own) <= 1, f"one key was charged {len(own)} times")

    def task(self, task, told, ledger, sums):
        intents = {one.get("intent") for one in told or []}
        self.expect(intents <= {task["intent"]}, f"task_json names the intents {intents}, the journal {task['intent']}")
        posts = ledger["postsByIdempotencyKey"].get(task["intent"], 0)
        most = 2 if self.point.behaviour == "429 first" else 1
        self.expect(posts <= most, f"{posts} paid requests were sent")
        if task["stage"] in ("submitting", "ambiguous"):
            return self.ambiguous(task, told, sums)
        self.expect(self.stage not in ("submitting", "ambiguous"), f"was {self.stage} on disk, became {task['stage']}")
        charge = next((one for one in ledger["charges"] if one["idempotencyKey"] == task["intent"]), None)
        self.expect(charge, "a picture that nobody paid for")
        self.expect(charge and task["token"] == "runway:" + charge["task"], f"another's token: {task['token']}")
        self.expect((task["stage"], task["open"]) == ("ended", 0), f"{task['stage']}, open {task['open']}")
        self.expect(task["state"] == 64, f"ended with state {task['state']}: {task['message']}")
        self.expect(sums == (0, PRICE), f"sums {sums} of a picture of {PRICE}")
        self.expect((task["held"], task["spent"]) == (0, PRICE), f"held {task['held']}, spent {task['spent']}")
        self.expect(all(one["state"] == "SUCCEEDED" for one in told), f"the host was told {told}")
        names = self.pictures()
        self.expect(len(names) == 1, f"pictures: {names}")
        for name in names:
            with open(os.path.join(self.home, "pictures", name), "rb") as file:
                self.expect(hashlib.sha256(file.read()).hexdigest() == TRUE_PICTURE, f"{name} is not the picture")
        self.end = "picture"

    def ambiguous(self, task, told, sums):
        """A person is to look: the host is told so, the money is held, and the journal says what was done."""
        could_be = self.point.behaviour in MAY_BE_LOST or self.stage in ("submitting", "ambiguous")
        self.expect(could_be, f"AMBIGUOUS without a reason: on disk it was {self.stage}")
        self.expect(task["open"] == 1 and task["held"] == PRICE, f"open {task['open']}, held {task['held']}")
        self.expect(sums == (PRICE, 0), f"sums {sums} of an ambiguous {PRICE}")
        # Its owner is dead: a host that closes at once is told before that is written down a second time.
        evidence = {3, 7} if task["stage"] == "ambiguous" or self.stage != "submitting" else {3}
        self.expect(evidence <= set(task["facts"]), f"no evidence among the facts {task['facts']}")
        self.expect(told and told[0]["state"] == "AMBIGUOUS" and told[0]["failure"]["maySpend"], f"was told {told}")
        self.expect(self.pictures() == [], f"pictures of an ambiguous task: {self.pictures()}")
        self.end = "AMBIGUOUS"

    def pictures(self):
        return sorted(name for name in os.listdir(os.path.join(self.home, "pictures")) if not name.endswith(".part"))

    def left(self):
        """Nothing else lies about. Half a picture that a host was saving by itself stays under a hidden name, as it may
        be another living host's: those are counted."""
        self.parts = sum(name.endswith(".part") for name in os.listdir(os.path.join(self.home, "pictures")))
        self.expect(self.parts == 0 or self.point.place == "memory", f"{self.parts} hidden .part files were left")
        names = sorted(os.listdir(os.path.join(self.home, "journal")))
        self.expect(names == ["journal.sqlite"], f"left behind beside the journal: {names}")
