"""Journals that are damaged, foreign or impossible, opened from outside: a clear refusal or a true recovery, never a
crash, never a silent new beginning that forgets what was paid.

    doors.py BUILD-FOLDER [--seed N]

Ends with "N passed, N failed".
"""

import argparse
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from lives import BEHAVIOURS, KEY, REQUEST, FakeRunway
from programs import compiled

PAGE = 4096
FLIPS_OF_A_PAGE = 8
SOMEBODY_ELSE = 12345
CROWD, BEGINNINGS = 6, 100
# Nobody listens there: what is submitted anew can only wait.
NOWHERE = "http://127.0.0.1:9"


class Doors:
    def __init__(self, built, folder, dice):
        self.folder, self.dice = folder, dice
        self.door, self.life = compiled(built, "door"), compiled(built, "life")
        self.remote = compiled(built, "remote")
        self.passed = self.failed = 0
        self.answers = {}
        self.truth = os.path.join(folder, "truth.sqlite")
        self.key = self.make_truth()
        self.opener = self.start()

    def start(self, preload=None):
        environment = {**os.environ, **({"LD_PRELOAD": os.path.abspath(preload)} if preload else {})}
        return subprocess.Popen(
            [self.door, REQUEST, KEY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)

    def config(self, fake, path):
        return {"provider": "runway", "apiKey": fake.key, "baseUrl": fake.url, "pollFloorMs": 10, "timeoutMs": 2000,
                "environment": False, "journal": path, "outputDir": self.folder}

    def make_truth(self):
        """A journal with finished tasks, one AMBIGUOUS and one that goes on. Returns the account's key."""
        home = os.path.join(self.folder, "made")
        os.mkdir(home, 0o700)
        path = os.path.join(home, "journal.sqlite")
        with FakeRunway(tls=False) as fake:
            config = json.dumps(self.config(fake, path))

            def live(key, order="S"):
                return subprocess.Popen([self.life, config, REQUEST, key, "-", order], stdout=subprocess.DEVNULL)

            for number in range(12):
                fake.reset(pendingMs=4, runningMs=8)
                live(KEY if number == 0 else f"key {number}").wait(30)
            fake.scenario(BEHAVIOURS["answer lost, charged"])
            live("lost").wait(30)
            fake.reset(pendingMs=60_000)
            unfinished = live("goes on")
            give_up = time.monotonic() + 20
            while self.stages(path).count("remote") != 1 and time.monotonic() < give_up:
                time.sleep(0.05)
            unfinished.kill()
            unfinished.wait()
            live("nothing", "").wait(30)
            stages = self.stages(path)
            assert stages == ["ended"] * 12 + ["ambiguous", "remote"], stages
            shutil.copyfile(path, self.truth)
            return fake.key

    @staticmethod
    def stages(path):
        journal = sqlite3.connect(path)
        stages = [stage for stage, in journal.execute("SELECT stage FROM history ORDER BY id")]
        journal.close()
        return stages

    def ask(self, line):
        """What the host says of one config, a line of bytes; None if that was its death."""
        self.opener.stdin.write(line + b"\n")
        self.opener.stdin.flush()
        told = self.opener.stdout.readline()
        if told:
            return json.loads(told)
        self.opener.wait()
        self.opener = self.start()
        return None

    def config_line(self, path):
        return json.dumps({"provider": "runway", "apiKey": self.key, "baseUrl": NOWHERE, "pollFloorMs": 100,
                           "environment": False, "journal": path}).encode()

    def expect(self, truth, name, told):
        self.passed += bool(truth)
        self.failed += not truth
        if not truth:
            print(f"FAILED {name}: {told}", flush=True)
        what = "the host died" if told is None else f"{told['step']} {told.get('status', '')}".strip()
        self.answers[what] = self.answers.get(what, 0) + 1

    def is_refused(self, told, statuses=("T2I_E_JOURNAL",)):
        return told is not None and told.get("status") in statuses and len(told["message"]) > 20

    # What has a true journal in it somewhere.

    def damaged(self, name, data):
        """It is refused and kept, byte for byte; or all that matters comes back."""
        home = tempfile.mkdtemp(dir=self.folder)
        path = os.path.join(home, "journal.sqlite")
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, 0o600)
        told = self.ask(self.config_line(path))
        if told is not None and told["step"] == "all":
            fits = told["recovered"] == 2 and told["state"] == 64
        else:
            fits = self.is_refused(told) and self.is_kept(home, data if told["step"] == "open" else None)
        self.expect(fits, name, told)
        shutil.rmtree(home)

    @staticmethod
    def is_kept(home, data):
        """A file of these bytes lies there; or, where a transaction was let in before, one that is not empty."""
        found = []
        for name in os.listdir(home):
            with open(os.path.join(home, name), "rb") as file:
                found.append(file.read())
        return data in found if data is not None else any(len(one) >= PAGE for one in found)

    def all_damages(self):
        with open(self.truth, "rb") as file:
            whole = file.read()
        self.damaged("the true journal", whole)
        for page in range(len(whole) // PAGE):
            for _ in range(FLIPS_OF_A_PAGE):
                at, bit = page * PAGE + self.dice.randrange(PAGE), self.dice.randrange(8)
                data = bytearray(whole)
                data[at] ^= 1 << bit
                self.damaged(f"page {page + 1}, byte {at % PAGE}, bit {bit} flipped", bytes(data))
        for size in range(0, len(whole), PAGE):
            self.damaged(f"truncated to {size} bytes", whole[:size])
        self.damaged("truncated within a page", whole[:PAGE * 3 + 100])
        return len(whole) // PAGE

    # What is no journal of ours.

    def refused(self, name, path, statuses=("T2I_E_JOURNAL",)):
        told = self.ask(self.config_line(path))
        self.expect(self.is_refused(told, statuses) and told["step"] == "open", name, told)

    def strangers(self):
        place = os.path.join(self.folder, "strangers")
        os.mkdir(place)

        def path(name):
            return os.path.join(place, name)

        def newer(version):
            shutil.copyfile(self.truth, path("newer"))
            journal = sqlite3.connect(path("newer"))
            journal.execute(f"PRAGMA user_version={version}")
            journal.close()

        shutil.copyfile(self.truth, path("far"))
        local, self.opener = self.opener, self.start(self.remote)
        self.refused("on NFS", path("far"))
        self.refused("made on NFS", path("new"))
        self.expect(not os.path.lexists(path("new")), "nothing is made on NFS", {"step": "after"})
        self.opener.stdin.close()
        self.opener.wait()
        self.opener = local
        newer(3)
        self.refused("a newer version", path("newer"))
        newer(2**31 - 1)
        self.refused("a much newer version", path("newer"))
        os.mkdir(path("folder"))
        self.refused("a folder", path("folder"))
        os.symlink(path("nowhere"), path("dangling"))
        self.refused("a link into nowhere", path("dangling"))
        self.expect(not os.path.lexists(path("nowhere")), "a link into nowhere makes no file", {"step": "after"})
        os.symlink(self.truth, path("link"))
        self.refused("a link to a journal", path("link"))
        os.mkfifo(path("pipe"))
        self.refused("a pipe", path("pipe"))
        with open(path("text"), "w", encoding="ascii") as file:
            file.write("dear diary\n" * 500)
        self.refused("a text", path("text"))
        other = sqlite3.connect(path("other"))
        other.execute("CREATE TABLE diary (day TEXT)")
        other.close()
        self.refused("another program's database", path("other"))
        self.refused("below a file", path("text") + "/journal.sqlite")
        too_long = ("T2I_E_JOURNAL", "T2I_E_ARG")
        self.refused("a name of 5,000 bytes", "/tmp/" + "a" * 4995, too_long)
        self.refused("a path of 5,000 bytes", "/tmp" + "/abcd" * 999, too_long)
        self.refused("a path of 600 bytes", "/tmp" + "/abcd" * 119)
        self.refused("nothing", "", too_long)
        self.refused("a NUL", "/tmp/a\0b", ("T2I_E_JOURNAL", "T2I_E_ARG", "T2I_E_JSON"))
        for bad in (b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf"):
            line = self.config_line("/tmp/BAD.sqlite").replace(b"BAD", bad)
            told = self.ask(line)
            self.expect(self.is_refused(told, ("T2I_E_UTF8",)), f"invalid UTF-8 {bad!r}", told)

    def beginnings(self):
        """Several processes make the same new journal at the same moment: it is one, and none is turned away."""
        openers = [self.start() for _ in range(CROWD)]
        for number in range(BEGINNINGS):
            path = os.path.join(self.folder, f"beginning-{number}.sqlite")
            line = json.dumps({"provider": "sketch", "simulate": {"paint": False}, "journal": path}).encode() + b"\n"
            for opener in openers:
                opener.stdin.write(line)
            for opener in openers:
                opener.stdin.flush()
            answers = [json.loads(opener.stdout.readline()) for opener in openers]
            turned = [answer for answer in answers if answer["step"] == "open"]
            self.expect(not turned, f"beginning {number} of {CROWD} processes", (turned or answers)[0])
        for opener in openers:
            opener.stdin.close()
            opener.wait()

    def anothers(self):
        if os.geteuid() != 0:
            print("skipped: another user's file: only root can give one away")
            print("skipped: a read-only mount: only root can make one")
            return
        path = os.path.join(self.folder, "anothers.sqlite")
        shutil.copyfile(self.truth, path)
        os.chown(path, SOMEBODY_ELSE, SOMEBODY_ELSE)
        self.refused("another user's file", path)
        home = os.path.join(self.folder, "readonly")
        os.mkdir(home)
        shutil.copyfile(self.truth, os.path.join(home, "journal.sqlite"))
        for name in ("journal.sqlite", "new.sqlite"):
            line = self.config_line(os.path.join(home, name))
            script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec "$2" "$3" "$4"'
            ended = subprocess.run(
                ["unshare", "--mount", "sh", "-c", script, "sh", home, self.door, REQUEST, KEY], input=line + b"\n",
                capture_output=True, check=False)
            if ended.returncode != 0 and not ended.stdout:
                print("skipped: a read-only mount:", ended.stderr.decode().strip())
                return
            told = json.loads(ended.stdout)
            self.expect(self.is_refused(told), f"{name} on a read-only mount", told)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("built", type=os.path.abspath)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(f"seed {given.seed}")
    with tempfile.TemporaryDirectory() as folder:
        doors = Doors(given.built, folder, random.Random(given.seed))
        pages = doors.all_damages()
        doors.strangers()
        doors.anothers()
        doors.beginnings()
        doors.opener.stdin.close()
        doors.opener.wait()
    answers = ", ".join(f"{times} × {what}" for what, times in sorted(doors.answers.items()))
    print(f"a journal of {pages} pages: {answers}")
    print(f"{doors.passed} passed, {doors.failed} failed")
    return 1 if doors.failed or not doors.passed else 0


if __name__ == "__main__":
    sys.exit(main())
