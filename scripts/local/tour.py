"""The main job against a running server, step by step; ends with 1 at the first surprise."""

from __future__ import annotations

import argparse
import hashlib
import re
import secrets
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from scripts.local import environment, finding, options, variables
from scripts.local.tour_client import Client, Mailbox, Surprise, Unreachable, lines, require, text_of, until

MAIL_SECONDS = 15  # from the assignment to the mail in the folder
REMINDER_SECONDS = 90  # Beat looks once a minute
PASSWORD = "a-long-walk-in-the-hills"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


class Tour:
    """Ann owns a project, Ben works in it, Cy has no business there."""

    def __init__(self, url: str, mailbox: Mailbox) -> None:
        tag = secrets.token_hex(3)
        self.url, self.mailbox = url, mailbox
        self.ann, self.ben, self.cy = (Client(url, f"{name}-{tag}") for name in ("ann", "ben", "cy"))
        self.ids: dict[str, int] = {}
        self.project = self.task = self.other = 0
        self.refresh = ""

    def steps(self) -> list[Callable[[], None]]:
        """Return the walk in order; the docstring of each step is its headline."""
        return [
            self.is_ready,
            self.register,
            self.verify_address,
            self.log_in,
            self.make_project,
            self.stay_outside,
            self.assign_task,
            self.read_in_app,
            self.edit_together,
            self.retry_safely,
            self.say_what_comes_first,
            self.attach_file,
            self.label,
            self.talk,
            self.remind,
            self.report,
            self.count,
            self.find,
            self.split_task,
            self.mirror_ticket,
            self.change_many,
            self.rotate_tokens,
            self.leave,
        ]

    def is_ready(self) -> None:
        """The server is ready"""
        Client(self.url).call("GET", "/health/ready/")

    def register(self) -> None:
        """Three people register"""
        for person in (self.ann, self.ben, self.cy):
            body = {"username": person.name, "email": self.address(person), "password": PASSWORD}
            self.ids[person.name] = Client(self.url).call("POST", "/api/auth/register/", body, expect=201)["id"]

    def verify_address(self) -> None:
        """Ben verifies his address with the link from a real mail"""
        message, seconds = self.mailbox.wait(self.address(self.ben))
        print(f"  mail after {seconds:.1f} s: {message['Subject']}")
        found = re.search(r"/verify-email/([^/\s?]+)/?|[?&]token=([^\s&]+)", text_of(message))
        require(found, "the mail carries a verification link")
        assert found is not None
        Client(self.url).call(
            "POST", "/api/auth/verify-email/", {"token": found.group(1) or found.group(2)}, expect=204
        )

    def log_in(self) -> None:
        """They log in, by name or by address"""
        for person, name in ((self.ann, self.ann.name), (self.ben, self.address(self.ben)), (self.cy, self.cy.name)):
            answer = person.call("POST", "/api/auth/login/", {"username": name, "password": PASSWORD})
            person.token = answer["access"]
            if person is self.cy:
                self.refresh = answer["refresh"]
        require(self.ben.call("GET", "/api/auth/profile/")["is_verified"], "Ben's address is verified")

    def make_project(self) -> None:
        """Ann makes a project and takes Ben in"""
        answer = self.ann.call("POST", "/api/projects/", {"name": "Hill walk"}, expect=201)
        self.project = answer["id"]
        body = {"username": self.ben.name, "role": "member"}
        self.ann.call("POST", f"/api/projects/{self.project}/members/", body, expect=201)

    def stay_outside(self) -> None:
        """Cy does not learn that the project exists"""
        self.cy.call("GET", f"/api/projects/{self.project}/", expect=404)

    def assign_task(self) -> None:
        """Ann assigns a task, and Ben gets a real mail"""
        body = {
            "project": self.project,
            "title": "Pack the lamp",
            "priority": "high",
            "assigned_to": self.ids[self.ben.name],
        }
        answer = self.ann.call("POST", "/api/tasks/", body, expect=201)
        self.task = answer["id"]
        message, seconds = self.mailbox.wait(self.address(self.ben), answer["key"], seconds=MAIL_SECONDS)
        print(f"  mail after {seconds:.1f} s: {message['Subject']}")
        print(*lines(text_of(message)), sep="\n")

    def read_in_app(self) -> None:
        """Ben reads the same in the app"""
        found = self.ben.call("GET", "/api/notifications/?unread=true")["results"]
        about = [row for row in found if row["task"] and row["kind"] == "task_assigned"]
        require(about, f"an unread notification: {about[0]['title'] if about else None}")
        self.ben.call("POST", "/api/notifications/read-all/")

    def edit_together(self) -> None:
        """Two edit at once: the second is told so, and loses nothing"""
        path = f"/api/tasks/{self.task}/"
        tag = self.ann.call("GET", path).headers["ETag"]
        self.ben.call("PATCH", f"{path}status/", {"status": "in_progress"}, If_Match=tag)
        self.ann.call("PATCH", path, {"title": "Pack two lamps"}, expect=412, If_Match=tag)
        tag = self.ann.call("GET", path).headers["ETag"]
        self.ann.call("PATCH", path, {"title": "Pack two lamps"}, If_Match=tag)

    def retry_safely(self) -> None:
        """A creation sent twice with one key happens once"""
        key, body = secrets.token_hex(8), {"project": self.project, "title": "Fill the bottles"}
        first = self.ann.call("POST", "/api/tasks/", body, expect=201, Idempotency_Key=key)
        again = self.ann.call("POST", "/api/tasks/", body, expect=201, Idempotency_Key=key)
        require(first["id"] == again["id"], f"both answers are about task {first['id']}")
        require(again.headers["Idempotency-Replayed"] == "true", "the second is marked as replayed")
        self.other = first["id"]

    def say_what_comes_first(self) -> None:
        """The bottles come before the lamps; the other way round would be a circle"""
        path = f"/api/tasks/{self.task}/relations/"
        relation = self.ann.call("POST", path, {"kind": "blocked_by", "task": self.other}, expect=201)
        require(self.ben.call("GET", f"/api/tasks/{self.task}/")["is_blocked"], "Ben's task is blocked")
        self.ann.call("POST", path, {"kind": "blocks", "task": self.other}, expect=409)
        self.ann.call("DELETE", f"/api/tasks/{self.other}/relations/{relation['id']}/", expect=204)

    def attach_file(self) -> None:
        """Ben attaches a file; it comes back byte for byte; Ann deletes it"""
        path = f"/api/tasks/{self.task}/attachments/"
        answer = self.ben.upload(path, "map.png", PNG, "image/png")
        one = f"{path}{answer['id']}/"
        content = self.ann.call("GET", f"{one}download/").body
        require(hashlib.sha256(content).hexdigest() == answer["sha256"], "the sha256 agrees")
        self.cy.call("GET", f"{one}download/", expect=404)
        self.ann.call("DELETE", one, expect=204)
        self.ben.call("GET", f"{one}download/", expect=404)

    def label(self) -> None:
        """Ben makes a label, Ann puts it on the task, and finds the task by it"""
        made = self.ben.call("POST", f"/api/projects/{self.project}/labels/", {"name": "gear"}, expect=201)
        self.ann.call("PATCH", f"/api/tasks/{self.task}/", {"labels_add": [made["id"]]})
        found = self.ann.call("GET", "/api/tasks/?label_any=name:GEAR")["results"]
        require([task["id"] for task in found] == [self.task], "the task is found by the name of the label")

    def talk(self) -> None:
        """Ben asks Ann in a comment, who is notified; then he mutes the task"""
        path = f"/api/tasks/{self.task}/"
        body = {"body": f"Which lamp, @{self.ann.name}?"}
        comment = self.ben.call("POST", f"{path}comments/", body, expect=201)
        require(len(comment["mentions"]) == 1, "the comment names Ann")
        message, seconds = self.mailbox.wait(self.address(self.ann), "mentions you", seconds=MAIL_SECONDS)
        print(f"  mail after {seconds:.1f} s: {message['Subject']}")
        found = self.ann.call("GET", "/api/tasks/?unread=true")["results"]
        require(self.task in [one["id"] for one in found], "the task is unread for Ann")
        chosen = self.ben.call("PUT", f"{path}watch/", {"level": "muted"})
        require(not chosen["is_watching"], "Ben hears of assignments and due dates alone")
        self.cy.call("GET", f"{path}watchers/", expect=404)

    def remind(self) -> None:
        """Beat reminds Ben of what is due"""
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
        body = {"due_date": due.isoformat().replace("+00:00", "Z")}
        self.ann.call("PATCH", f"/api/tasks/{self.task}/", body)
        message, seconds = self.mailbox.wait(self.address(self.ben), "due", seconds=REMINDER_SECONDS)
        print(f"  mail after {seconds:.1f} s: {message['Subject']}")

    def report(self) -> None:
        """Ann asks for a report; a job builds it"""
        path = f"/api/projects/{self.project}/reports/"
        one = f"{path}{self.ann.call('POST', path, {}, expect=202)['id']}/"
        is_ready = lambda: self.ann.call("GET", one, quiet=True)["status"] == "ready"  # noqa: E731
        until(is_ready, seconds=60, what="the report")
        table = self.ann.call("GET", f"{one}download/").body.decode()
        require("Pack two lamps" in table, f"{len(table.splitlines()) - 1} tasks in the CSV")

    def count(self) -> None:
        """The project's statistics"""
        answer = self.ann.call("GET", f"/api/tasks/statistics/?project={self.project}")
        require(answer["total"] == 2, "two tasks in all")

    def find(self) -> None:
        """Ann finds tasks with a filter, in a URL and in a body, and has one explained"""
        text = f"project = {self.project} and status > todo and due < today+7d"
        listed = self.ann.call("GET", f"/api/tasks/?{urlencode({'filter': text})}")["results"]
        require([task["id"] for task in listed] == [self.task], "one task is begun and due within a week")
        answer = self.ann.call("GET", f"/api/tasks/filter/explain/?{urlencode({'filter': text})}")
        queried = self.ann.call("POST", "/api/tasks/query/", {"ast": answer["ast"]})["results"]
        require(queried == listed, "its JSON form finds the same")
        self.ann.call("GET", f"/api/tasks/?{urlencode({'filter': 'proirty = high'})}", expect=400)

    def split_task(self) -> None:
        """Ben splits the task; closing it closes what is below"""
        path = f"/api/tasks/{self.task}/"
        part = {"parent": self.task, "title": "Charge the batteries"}
        self.ben.call("POST", "/api/tasks/", part, expect=201)
        tree = self.ann.call("GET", f"{path}tree/")["results"]
        require([task["depth"] for task in tree] == [0, 1], "one sub-task below it")
        self.ann.call("PATCH", f"{path}status/", {"status": "done", "on_subtasks": "reject"}, expect=409)
        done = self.ann.call("PATCH", f"{path}status/", {"status": "done", "on_subtasks": "complete"})
        require(done["subtasks"] == {"total": 1, "done": 1}, "both are done")

    def mirror_ticket(self) -> None:
        """Ben mirrors a ticket of another tool; a repeated request makes no second task"""
        path = f"/api/projects/{self.project}/tasks/by-external/helpdesk/T-17/"
        body = {"title": "The gate at the mill is locked"}
        made = self.ben.call("PUT", path, body, expect=201)
        again = self.ben.call("PUT", path, body)
        require(again["id"] == made["id"] and again["version"] == made["version"], "nothing changed")
        found = self.ann.call("GET", path)
        require(found["external"] == {"source": "helpdesk", "id": "T-17"}, "Ann finds it by its number there")
        self.ann.call("DELETE", f"/api/tasks/{made['id']}/", expect=204)
        self.ben.call("PUT", path, body, expect=404)

    def change_many(self) -> None:
        """Ben keeps a view, tries a change of what it finds, makes it, and takes it back"""
        text = f"project = {self.project} and status = done"
        body = {"name": "Done", "project": self.project, "filter": text, "is_shared": True}
        view = self.ben.call("POST", "/api/views/", body, expect=201)["id"]
        require(
            self.ann.call("GET", f"/api/views/counts/?ids={view}")["counts"] == {str(view): 2}, "Ann sees two in it"
        )
        body = {"filter": text, "action": "update", "changes": {"duration": 30}}
        tried = self.ben.call("POST", "/api/tasks/bulk/", {**body, "dry_run": True})
        done = self.ben.call("POST", "/api/tasks/bulk/", body)
        require(tried["results"] == done["results"] and done["counts"]["changed"] == 2, "the run did what the try said")
        self.ann.call("POST", f"/api/batches/{done['batch_id']}/undo/", {}, expect=403)
        undone = self.ben.call("POST", f"/api/batches/{done['batch_id']}/undo/", {})
        require(undone["counts"]["changed"] == 2, "both are as they were")

    def rotate_tokens(self) -> None:
        """Cy refreshes; an old refresh token ends the session"""
        body = {"refresh": self.refresh}
        new = self.cy.call("POST", "/api/auth/refresh/", body)
        self.cy.token = new["access"]
        newest = self.cy.call("POST", "/api/auth/refresh/", {"refresh": new["refresh"]})
        self.cy.call("POST", "/api/auth/refresh/", body, expect=401)
        self.cy.call("POST", "/api/auth/refresh/", {"refresh": newest["refresh"]}, expect=401)
        self.cy.call("GET", "/api/auth/profile/", expect=401)

    def leave(self) -> None:
        """Everything is cleaned up; a logged-out token is dead at once"""
        self.ann.call("DELETE", f"/api/projects/{self.project}/", expect=204)
        self.ben.call("POST", "/api/auth/logout/", expect=204)
        self.ben.call("GET", "/api/auth/profile/", expect=401)
        self.cy.token = ""
        for person in (self.ann, self.ben, self.cy):
            if not person.token or person is self.ben:
                body = {"username": person.name, "password": PASSWORD}
                person.token = Client(self.url).call("POST", "/api/auth/login/", body, quiet=True)["access"]
            person.call("DELETE", "/api/auth/profile/", {"password": PASSWORD}, expect=204)

    @staticmethod
    def address(person: Client) -> str:
        """Return the mail address of a person of the tour."""
        return f"{person.name}@example.org"


def parser() -> argparse.ArgumentParser:
    """Return what reads the options; their help is in scripts/tour."""
    made = argparse.ArgumentParser(prog=options.command("tour"), allow_abbrev=False)
    made.add_argument("--url", help="where the server is")
    made.add_argument("--mail", type=Path, help="the folder in which its mails land")
    return made


def main(arguments: list[str]) -> int:
    """Walk; return the exit code."""
    if wrong := options.complaint("tour", arguments):
        print(wrong, file=sys.stderr)
        return 2
    try:
        backend = _backend(parser().parse_args(arguments))
    except variables.Unusable as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{backend.url}, mails in {backend.mail}", flush=True)
    began = time.monotonic()
    steps = Tour(backend.url, Mailbox(backend.mail)).steps()
    for number, step in enumerate(steps, 1):
        print(f"{number:2}. {step.__doc__}", flush=True)
        try:
            step()
        except Unreachable as error:
            print(f"\nSURPRISE: {error}\n{backend.hint}", file=sys.stderr)
            return 1
        except (Surprise, OSError) as surprise:
            print(f"\nSURPRISE: {surprise}", file=sys.stderr)
            return 1
    print(f"\nThe tour is over: {len(steps)} steps without a surprise in {time.monotonic() - began:.0f} s.")
    return 0


def _backend(chosen: argparse.Namespace) -> finding.Backend:
    """Return what the options name, and for the rest the backend that runs in this folder."""
    home = environment.home()
    if chosen.url:
        if not chosen.url.startswith(("http://", "https://")):
            raise variables.Unusable(f"--url {chosen.url} is no address: write --url http://{chosen.url}")
        hint = "Is this where the server is? Without --url the tour takes the one that ./scripts/run runs here."
        return finding.Backend(chosen.url.rstrip("/"), chosen.mail or home / "mail", hint)
    found = finding.backend(home, say=lambda text: print(text, flush=True))
    return finding.Backend(found.url, chosen.mail or found.mail, found.hint)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
