"""What a client does to lead a process to a fault point, and how its outcome is checked."""

from __future__ import annotations

import hashlib
import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from scripts.resilience.installation import Installation
from scripts.resilience.receiver import Receiver
from scripts.resilience.traffic import Accounts, Client

CONTENT = b"A file of the fire drill.\n" * 4_000

BATCH = 201  # tasks: one more than a part of a batch has


class Triggers:
    """Acts by the point's name. Each is asked again and again until it is answered, as a good client does."""

    def __init__(self, installation: Installation, accounts: Accounts) -> None:
        self.installation, self.accounts = installation, accounts
        self.client = Client(installation.url, accounts.token)
        self.acknowledged: list[int] = []
        self._check: Callable[[], str] = lambda: ""
        self._error = ""

    def begin(self, point: str, *, arm: Callable[[], Any]) -> threading.Thread:
        """Prepare, arm, and do in the background what leads to `point`."""
        self._check, self._error = (lambda: ""), ""
        act = self._act(point)
        arm()

        def work() -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001 - reported by check()
                self._error = f"{type(error).__name__}: {error}"

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread

    def check(self) -> str:
        """Return what is wrong with the outcome of the last act."""
        return self._error or self._check()

    def _act(self, point: str) -> Callable[[], None]:
        room, _, step = point.partition(".")
        rooms: dict[str, Callable[[], Callable[[], None]]] = {
            "upload": lambda: self._upload(self._task()),
            "delete": lambda: self._delete_file(whole_task=step == "row_marked"),
            "report": lambda: self._report,
            "batch": self._batch,
            "import": self._import,
            "remind": lambda: self._due_task,
            "project": lambda: self._purge(self._trashed(self._project())),
            "trash": lambda: self._trash(step),
            "webhook": self._webhook,
        }
        points: dict[str, Callable[[], Callable[[], None]]] = {
            "task.changed": lambda: self._change(self._task()),
            "task.deleted": lambda: self._delete(f"/api/tasks/{self._task()}/"),
            "task.archived": self._archive_tree,
            "task.subtasks_closed": self._close_tree,
            "task.tree_moved": self._move_tree,
            "relation.created": self._relate,
            "relation.blockers_locked": self._unblock,
            "relay.sent": self._relayed,
            "relay.marked": self._relayed,
            "worker.rejected": lambda: self._rejected_for_now,
        }
        make = points.get(point) or rooms.get(room)
        return make() if make else lambda: self.acknowledged.append(self._task())

    def _task(self, **fields: Any) -> int:
        body = {"project": self.accounts.project_id, "title": "Drill", "assigned_to": self.accounts.people[0]} | fields
        answer = self.client.insist("POST", "/api/tasks/", body)
        assert answer.status == 201, answer
        task_id: int = answer.body["id"]
        return task_id

    def _rejected_for_now(self) -> None:
        self.installation.mail.behave("450", recipient="person0@")
        self.acknowledged.append(self._task())
        while (self.installation.folder / "armed").exists():
            time.sleep(0.05)
        self.installation.mail.behave("ok")

    def _due_task(self) -> None:
        from django.utils import timezone

        from apps.notifications.models import Notification

        task_id = self._task(due_date=(timezone.now() + timedelta(hours=1)).isoformat())
        self.acknowledged.append(task_id)
        reminders = Notification.objects.filter(task_id=task_id, kind="task_due_soon")
        self._check = lambda: "" if _soon(lambda: reminders.count() == 1) else f"{reminders.count()} reminders"

    def _change(self, task_id: int) -> Callable[[], None]:
        def act() -> None:
            self.client.insist("PATCH", f"/api/tasks/{task_id}/", {"assigned_to": self.accounts.people[1]})
            self.acknowledged.append(task_id)

        return act

    def _delete(self, path: str) -> Callable[[], None]:
        self._check = lambda: "" if self.client.insist("GET", path, None).status == 404 else "is still there"
        return lambda: _drop(self.client.insist("DELETE", path, None))

    def _project(self) -> str:
        """Return the path of a new project with a task."""
        project = self.client.insist("POST", "/api/projects/", {"name": "Drill to delete"}).body["id"]
        self._task(project=project, assigned_to=None)
        return f"/api/projects/{project}/"

    def _trash(self, step: str) -> Callable[[], None]:
        """Return what leads to a point of the trash, such as `task_restored`."""
        what, _, act = step.partition("_")
        path = self._project() if what == "project" else f"/api/tasks/{self._task(assigned_to=None)}/"
        if act == "deleted":
            return self._delete(path)
        entry = self._trashed(path)
        return self._restore(path, entry) if act == "restored" else self._purge(entry)

    def _trashed(self, path: str) -> str:
        """Delete what is at `path`; return the path of its entry in the trash."""
        self.client.insist("DELETE", path, None)
        return f"/api/trash/{self.client.insist('GET', path, None).body['trash_id']}/"

    def _purge(self, entry: str) -> Callable[[], None]:
        return self._delete(entry)

    def _restore(self, path: str, entry: str) -> Callable[[], None]:
        self._check = lambda: "" if self.client.insist("GET", path, None).status == 200 else "is not back"
        return lambda: _drop(self.client.insist("POST", f"{entry}restore/", {}))

    def _tree(self) -> tuple[str, str]:
        """Return the paths of a new task and of one below it."""
        parent = self._task()
        return f"/api/tasks/{parent}/", f"/api/tasks/{self._task(parent=parent)}/"

    def _becomes(self, path: str, name: str, value: Any) -> Callable[[], str]:
        """Return a check that a field of what is at `path` has this value."""

        def check() -> str:
            found = self.client.insist("GET", path, None).body[name]
            return "" if found == value else f"{name} is {found}"

        return check

    def _archive_tree(self) -> Callable[[], None]:
        parent, child = self._tree()
        self._check = self._becomes(child, "is_archived", value=True)
        return lambda: _drop(self.client.insist("POST", f"{parent}archive/", {}))

    def _close_tree(self) -> Callable[[], None]:
        parent, child = self._tree()
        self._check = self._becomes(child, "status", "done")
        body = {"status": "done", "on_subtasks": "complete"}
        return lambda: _drop(self.client.insist("PATCH", f"{parent}status/", body))

    def _move_tree(self) -> Callable[[], None]:
        parent, child = self._tree()
        target = self.client.insist("POST", "/api/projects/", {"name": "Drill to move to"}).body["id"]
        self._check = self._becomes(child, "project", target)
        return lambda: _drop(self.client.insist("PATCH", parent, {"project": target}))

    def _relate(self) -> Callable[[], None]:
        task, other = self._task(), self._task()
        path = f"/api/tasks/{task}/relations/"

        def check() -> str:
            found = [row["task"]["id"] for row in self.client.insist("GET", path, None).body["results"]]
            return "" if found == [other] else f"related to {found}"

        self._check = check
        return lambda: _drop(self.client.insist("POST", path, {"kind": "blocks", "task": other}))

    def _unblock(self) -> Callable[[], None]:
        """Return what sets the last blocker of a task to done: one person is notified, once."""
        from apps.notifications.models import Notification

        blocker, blocked = self._task(), self._task()
        self.client.insist("POST", f"/api/tasks/{blocker}/relations/", {"kind": "blocks", "task": blocked})
        rows = Notification.objects.filter(task_id=blocked, kind="task_unblocked")
        self._check = lambda: "" if rows.count() == 1 else f"{rows.count()} notifications"
        return lambda: _drop(self.client.insist("PATCH", f"/api/tasks/{blocker}/status/", {"status": "done"}))

    def _relayed(self) -> Callable[[], None]:
        """Return what writes an event; the stream must have all of the project, in order but for what it repeats."""
        import redis
        from django.conf import settings

        from apps.events.relay.sinks import NAME
        from apps.projects.models import Activity

        project = self.client.insist("POST", "/api/projects/", {"name": "Drill to relay"}).body["id"]
        stream = redis.Redis.from_url(settings.EVENT_STREAM_URL, decode_responses=True)

        def is_whole() -> bool:
            entries: list[Any] = [fields for _, fields in stream.xrange(NAME) or ()]
            read = [int(fields["seq"]) for fields in entries if int(fields["project"]) == project]
            first_seen = list(dict.fromkeys(read))
            log = Activity.objects.filter(project=project)
            return first_seen == list(range(1, log.count() + 1)) and not log.filter(published_at=None).exists()

        self._check = lambda: "" if _soon(is_whole) else "the stream lacks events, or has them in another order"
        return lambda: _drop(self._task(project=project, assigned_to=None))

    def _report(self) -> None:
        from django.utils import timezone

        from apps.reports.models import Report

        path = f"/api/projects/{self.accounts.project_id}/reports/"
        report = self.client.insist("POST", path, {}).body["id"]

        def is_ready() -> bool:
            # A dead builder's lease, as if it had run out
            Report.objects.filter(status="pending").update(next_attempt_at=timezone.now())
            return bool(self.client.insist("GET", f"{path}{report}/", None).body["status"] == "ready")

        self._check = lambda: "" if _soon(is_ready) else "the report is not ready"

    def _batch(self) -> Callable[[], None]:
        """Return what changes more tasks than one transaction takes; each must be changed once."""
        from django.utils import timezone

        from apps.batches.models import Batch

        word = f"drill{uuid.uuid4().hex[:12]}"
        task = {"project": self.accounts.project_id, "title": word}
        for _ in range(3):
            made = self.client.insist("POST", "/api/tasks/bulk-create/", {"tasks": [task] * (BATCH // 3)})
            assert made.status == 200, made
        open_ones = Batch.objects.filter(state__in=("pending", "running"))

        def act() -> None:
            body = {
                "filter": f"title ~ {word}",
                "action": "update",
                "changes": {"priority": "high"},
                "mode": "best_effort",
            }
            answer = self.client.insist("POST", "/api/tasks/bulk/", body)
            self._check = lambda: (
                "" if _soon(lambda: is_done(answer.body["id"])) else f"the batch is not done: {answer}"
            )

        def is_done(batch: str) -> bool:
            open_ones.update(next_attempt_at=timezone.now())  # a dead worker's lease, as if it had run out
            found = self.client.insist("GET", f"/api/batches/{batch}/", None).body
            return bool(found["state"] == "done" and found["counts"]["changed"] == BATCH)

        return act

    def _import(self) -> Callable[[], None]:
        """Return what imports more rows than one part has; each must become one task."""
        from django.utils import timezone

        from apps.imports.models import ImportJob
        from apps.tasks.models import Task

        project = self.client.insist("POST", "/api/projects/", {"name": "Drill of imports"}).body["id"]
        rows = "id,title\n" + "".join(f"{number},Row {number}\n" for number in range(BATCH))
        path = f"/api/imports/{self._send_file('/api/imports/', rows.encode(), project=project)}/"
        running = ImportJob.objects.filter(project=project, state="running")

        def is_done() -> bool:
            running.update(next_attempt_at=timezone.now())  # a dead worker's lease, as if it had run out
            found = self.client.insist("GET", path, None).body
            return bool(found["state"] == "done" and Task.objects.filter(project=project).count() == BATCH)

        def check() -> str:
            trouble = "" if _soon(is_done) else f"the import is {self.client.insist('GET', path, None)}"
            self.client.insist("DELETE", path, None)  # with its file
            return trouble

        self._check = check
        return lambda: _drop(self.client.insist("POST", f"{path}run/", {}))

    def _webhook(self) -> Callable[[], None]:
        """Return what makes events of a project with a webhook: each must come, under the id that it has in the log."""
        from django.utils import timezone

        from apps.projects.models import Activity
        from apps.webhooks.models import Delivery

        project = self.client.insist("POST", "/api/projects/", {"name": "Drill of webhooks"}).body["id"]
        receiver = Receiver()
        body = {"url": receiver.url, "events": ["task.*"]}
        made = self.client.insist("POST", f"/api/projects/{project}/webhooks/", body)
        assert made.status == 201, made
        receiver.secret = made.body["secret"]
        pending = Delivery.objects.filter(project=project, state="pending")
        events = Activity.objects.filter(project=project, type__startswith="task.")

        def has_all() -> bool:
            pending.update(next_attempt_at=timezone.now())  # a dead worker's lease, as if it had run out
            return not trouble()

        def trouble() -> str:
            return receiver.trouble({seq: str(event_id) for seq, event_id in events.values_list("seq", "event_id")})

        self._check = lambda: "" if _soon(has_all) else trouble()
        return lambda: _drop([self._task(project=project, assigned_to=None) for _ in range(3)])

    def _upload(self, task_id: int) -> Callable[[], None]:
        path = f"/api/tasks/{task_id}/attachments/"

        def check() -> str:
            sums = [file["sha256"] for file in self.client.insist("GET", path, None).body["results"]]
            return "" if sums == [hashlib.sha256(CONTENT).hexdigest()] else f"the task's files: {sums}"

        self._check = check
        return lambda: _drop(self._send_file(path))

    def _send_file(self, path: str, content: bytes = CONTENT, **fields: int) -> int:
        """Upload under one Idempotency-Key until it is answered; return the new row's id."""
        key, boundary = uuid.uuid4().hex, uuid.uuid4().hex
        part = f"--{boundary}\r\nContent-Disposition: form-data; name="
        head = "".join(f'{part}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
        head += f'{part}"file"; filename="drill.txt"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        headers = {
            "Authorization": f"Bearer {self.accounts.token}",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Idempotency-Key": key,
        }
        for _ in range(100):
            connection = http.client.HTTPConnection(self.client.host, timeout=15)
            try:
                connection.request("POST", path, body, headers)
                response = connection.getresponse()
                raw = response.read()
                if response.status == 201:
                    made: int = json.loads(raw)["id"]
                    return made
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(0.1)
        raise TimeoutError(f"POST {path}: {response.status} {raw[:300]!r}")

    def _delete_file(self, *, whole_task: bool) -> Callable[[], None]:
        task = f"/api/tasks/{self._task()}/"
        attachment = self._send_file(f"{task}attachments/")
        act = self._purge(self._trashed(task)) if whole_task else self._delete(f"{task}attachments/{attachment}/")
        gone = self._check

        def check() -> str:
            from apps.tasks.models import Attachment

            rows = Attachment.objects.filter(pk=attachment)
            return gone() or ("" if _soon(lambda: not rows.exists()) else "the file's row stays")

        self._check = check
        return act

    def stray_files(self) -> str:
        """Clean up as two days later would; return what is left that should not be."""
        from apps.common.dates.clock import database_now
        from apps.tasks.attachments.services import clean_files
        from apps.tasks.models import Attachment

        clean_files(now=database_now() + timedelta(days=3))
        root = Path(self.installation.env()["MEDIA_ROOT"])
        on_disk = sum(1 for path in root.rglob("*") if path.is_file())
        ready, others = Attachment.objects.ready().count(), Attachment.objects.exclude(state="ready").count()
        if others or on_disk != ready:
            return f"{ready} ready and {others} other rows, {on_disk} files"
        return ""


def _drop(_answer: object) -> None:
    """Any answer will do: the check looks at the outcome."""


def _soon(condition: Callable[[], bool], *, seconds: float = 120) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
