"""One task with something of every capability, and the people who see what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from apps.projects.models import Project
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.users.models import User
from apps.users.tests.factories import UserFactory
from apps.users.tests.tokens import access_token_for
from apps.webhooks.bodies import make_bodies
from apps.webhooks.fan_out import fan_out
from apps.webhooks.models import Delivery, DeliveryState

Json = Any


@dataclass
class Scene:
    """Project A with the task `root` below which hangs `child`, and project B with the far ends.

    Both have a webhook that got everything so far.

    `early` blocks `root`, which blocks `sibling` in A and `far` in B. Leo is a member of A alone; he wrote a comment on
    `root`, uploaded its file, watches it, is assigned to `child` and owns a shared and a personal view of A.
    """

    owner: User
    mia: User
    leo: User
    a: Project
    b: Project
    media: Path
    ids: dict[str, int] = field(default_factory=dict)  # what was made, by its name
    before: dict[str, Json] = field(default_factory=dict)  # the tasks as they were before the act
    seq: dict[int, int] = field(default_factory=dict)  # project id -> the last event before the act
    answer: Json = None  # of the act

    def ask(self, person: User, method: str, path: str, body: Json = None, **more: Any) -> Any:
        """Send a request to `path` below /api/ and return the answer."""
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token_for(person)}")
        return getattr(client, method)(f"/api/{path}", body, **({"format": "json"} | more))

    def status(self, person: User, method: str, path: str, body: Json = None, **more: Any) -> tuple[int, str]:
        """Return the status of the answer and the code of its problem, empty without one."""
        answer = self.ask(person, method, path, body, **more)
        is_problem = answer.get("Content-Type", "").startswith("application/problem+json")
        return answer.status_code, answer.json()["code"] if is_problem else ""

    def get(self, path: str, person: User | None = None) -> Json:
        """Return what `path` answers to the owner, or to another person."""
        answer = self.ask(person or self.owner, "get", path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def do(self, method: str, path: str, body: Json = None, *, by: User | None = None, **more: Any) -> Any:
        """Send a request that must succeed."""
        answer = self.ask(by or self.owner, method, path, body, **more)
        assert answer.status_code < 300, answer.content
        return answer

    def task(self, name: str) -> Json:
        return self.get(f"tasks/{self.ids[name]}/")

    def row(self, name: str) -> Task:
        """Return the row of a task, in the trash or not."""
        return Task.objects.get(pk=self.ids[name])

    def keys(self, path: str, person: User | None = None) -> list[str]:
        """Return the keys that a list of tasks shows."""
        return [item["key"] for item in self.get(path, person)["results"]]

    def path(self, name: str, *rest: str) -> str:
        return "/".join([f"tasks/{self.ids[name]}", *rest, ""])

    def file(self) -> SimpleUploadedFile:
        return SimpleUploadedFile("notes.txt", b"twelve bytes", content_type="text/plain")

    def download(self, person: User) -> bytes:
        """Return the bytes of the file."""
        answer = self.ask(person, "get", self.path("root", f"attachments/{self.ids['file']}/download"))
        assert answer.status_code == 200, answer.content
        return b"".join(answer.streaming_content)

    def upload(self, name: str, person: User) -> tuple[int, str]:
        return self.status(person, "post", self.path(name, "attachments"), {"file": self.file()}, format="multipart")

    def remember(self) -> None:
        """Note how everything is before the act."""
        self.before = {name: self.task(name) for name in ("root", "child", "sibling", "early", "far")}
        self.seq = {project.pk: Project.objects.get(pk=project.pk).last_seq for project in (self.a, self.b)}


def make_scene(media: Path) -> Scene:
    """Build the scene through the API."""
    owner = UserFactory(username="owner")
    a, b = (ProjectFactory(owner=owner, name=f"Project {key}", key=key) for key in ("AAA", "BBB"))
    mia = MembershipFactory(project=a, user__username="mia", role=Role.ADMIN).user
    MembershipFactory(project=b, user=mia, role=Role.ADMIN)
    leo = MembershipFactory(project=a, user__username="leo", role=Role.MEMBER).user
    scene = Scene(owner=owner, mia=mia, leo=leo, a=a, b=b, media=media)
    _tasks(scene)
    _what_hangs_on_them(scene)
    _sent_by_webhooks(scene)
    scene.remember()
    return scene


def _tasks(scene: Scene) -> None:
    for name in ("bug", "old"):
        made = scene.do("post", f"projects/{scene.a.pk}/labels/", {"name": name})
        scene.ids[name] = made.json()["id"]
    places = {"early": scene.a, "root": scene.a, "child": scene.a, "sibling": scene.a, "far": scene.b}
    for name, project in (("hook-a", scene.a), ("hook-b", scene.b)):
        body: dict[str, Json] = {"url": "https://93.184.216.34/hook", "events": ["*"]}
        scene.ids[name] = scene.do("post", f"projects/{project.pk}/webhooks/", body).json()["id"]
    for name, project in places.items():
        body = {"title": name, "project": project.pk}
        if name in {"root", "child"}:
            body["labels"] = [scene.ids["bug"], scene.ids["old"]]
        if name == "child":
            body |= {"parent": scene.ids["root"], "assigned_to": scene.leo.pk}
        scene.ids[name] = scene.do("post", "tasks/", body).json()["id"]


def _what_hangs_on_them(scene: Scene) -> None:
    for name, source, other in (
        ("early-root", "early", "root"),
        ("root-sibling", "root", "sibling"),
        ("root-far", "root", "far"),
    ):
        body = {"kind": "blocks", "task": scene.ids[other]}
        scene.ids[name] = scene.do("post", scene.path(source, "relations"), body).json()["id"]
    comment = scene.do("post", scene.path("root", "comments"), {"body": "I look at it, @mia"}, by=scene.leo)
    scene.ids["comment"] = comment.json()["id"]
    upload = {"file": scene.file()}
    made = scene.do("post", scene.path("root", "attachments"), upload, by=scene.leo, format="multipart")
    scene.ids["file"] = made.json()["id"]
    for name, shared in (("shared", True), ("personal", False)):
        body = {"name": name, "project": scene.a.pk, "filter": "label = bug", "is_shared": shared}
        scene.ids[name] = scene.do("post", "views/", body, by=scene.leo).json()["id"]


def _sent_by_webhooks(scene: Scene) -> None:
    """Note every delivery as sent, with its body in the log."""
    fan_out()
    for delivery in Delivery.objects.select_related("webhook"):
        delivery.request_body, delivery.state = body_of(delivery), DeliveryState.SENT
        delivery.finished_at = timezone.now()
        delivery.save()


def body_of(delivery: Delivery) -> str:
    """Return what a delivery says now."""
    return make_bodies([delivery], {delivery.webhook_id: delivery.webhook})[delivery.pk]
