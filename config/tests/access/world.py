"""A small world with everybody who may ask and everything that may be asked about."""

from __future__ import annotations

import gzip
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from apps.calendars.services import create_feed
from apps.common.field_keys import encrypt
from apps.exports.models import Export
from apps.imports.models import ImportJob, ImportRow
from apps.invitations.services import Made, invite
from apps.notifications.models import Notification
from apps.projects.models import Activity, Membership, Project, TrashEntry
from apps.projects.roles import Role
from apps.projects.services import ensure_inbox
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.reports.content import build_content
from apps.reports.models import Report
from apps.tasks.models import (
    Attachment,
    Comment,
    CommentVersion,
    Label,
    Relation,
    RelationKind,
    SavedView,
    Task,
    TaskLabel,
)
from apps.tasks.services import delete_task
from apps.tasks.tests.factories import TaskFactory
from apps.tokens.tests.factories import make_token
from apps.users.credentials.tokens import AccessToken, RefreshToken
from apps.users.models import Session, User
from apps.users.tests.factories import UserFactory
from apps.users.tests.tokens import session_for
from apps.webhooks.models import Delivery, Webhook

ROLES = ("viewer", "commenter", "member", "admin", "owner")
OUTSIDE = ("outsider", "staff", "ex_member")  # real people without a role in the project
REJECTED = ("anonymous", "deactivated", "expired", "refresh")  # nobody whom the door lets in
ACTORS = (*REJECTED, *OUTSIDE, *ROLES)

ABSENT = 10**17
ABSENT_UUID = "019aa0c4-0000-7000-8000-000000000000"


@dataclass
class Place:
    """A project with one thing of each kind, all of which carry the canary in their texts."""

    project: Project
    canary: str
    mate: User
    task: Task
    sibling: Task
    attachment: Attachment
    report: Report
    export: Export
    job: ImportJob
    comment: Comment
    label: Label
    other_label: Label
    trashed: TrashEntry
    relation: Relation
    view: SavedView
    webhook: Webhook
    delivery: Delivery
    invitation: Made

    def ids(self) -> dict[str, Any]:
        """Return the ids that paths and bodies name."""
        return {
            "project": self.project.pk,
            "task": self.task.pk,
            "source": self.task.external_source,
            "external": self.task.external_id,
            "sibling": self.sibling.pk,
            "relation": self.relation.pk,
            "view": self.view.pk,
            "webhook": self.webhook.pk,
            "delivery": self.delivery.pk,
            "invitation": self.invitation.invitation.pk,
            "secret": self.invitation.link_secret,
            "attachment": self.attachment.pk,
            "report": self.report.pk,
            "export": self.export.pk,
            "import": self.job.pk,
            "comment": self.comment.pk,
            "former": self.comment.version - 1,  # the number of its one former text
            "label": self.label.pk,
            "other_label": self.other_label.pk,
            "user": self.mate.pk,
            "trashed": self.trashed.pk,
            "batch": str(self.trashed.batch_id),
        }


@dataclass
class World:
    """The cast, their tokens, and three projects: the cast's own, an archived one, a stranger's."""

    people: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    personal: dict[str, dict[str, int]] = field(default_factory=dict)  # actor -> session and notification
    stranger: User | None = None
    newcomer: User | None = None

    def sees(self, actor: str, place: str) -> bool:
        """Return whether `actor` may read the texts of `place`."""
        return actor in ROLES and place != "foreign"


def make_world() -> World:
    """Fill the database."""
    world = World(stranger=UserFactory(username="stranger"), newcomer=UserFactory(username="newcomer"))
    for name in (*ROLES, *OUTSIDE, "deactivated"):
        world.people[name] = UserFactory(username=f"the-{name}", is_staff=name == "staff")
    world.places = {
        "own": _place("own", world.people["owner"], world),
        "archived": _place("archived", world.people["owner"], world),
        "foreign": _place("foreign", world.stranger, None),
    }
    _relation(world.places["own"].task, world.places["foreign"].task, RelationKind.RELATES)
    Project.objects.filter(pk=world.places["archived"].project.pk).update(archived_at=timezone.now())
    ProjectFactory(owner=world.people["outsider"], name="Elsewhere", key="ELSE")
    for name, person in world.people.items():
        inbox = ensure_inbox(person)
        world.personal[name] = {
            "session": session_for(person, device="another").pk,
            "notification": _note(person, world.places["own"].project if name in ROLES else inbox).pk,
            "token": make_token(person, projects=[inbox]).token.pk,
            "feed": create_feed(actor=person, name="Dates").feed.pk,
        }
        # Dated ahead: a matrix on a busy machine may take longer than a token lives.
        world.tokens[name] = AccessToken.of(session_for(person, rotated_at=timezone.now() + timedelta(hours=3)))
    world.personal["stranger"] = {
        "session": session_for(world.stranger).pk,
        "notification": _note(world.stranger, world.places["foreign"].project).pk,
        "token": make_token(world.stranger).token.pk,
        "feed": create_feed(actor=world.stranger, name="Dates").feed.pk,
    }
    owner = world.people["owner"]
    world.tokens["expired"] = AccessToken.of(session_for(owner, rotated_at=timezone.now() - timedelta(hours=1)))
    world.tokens["refresh"] = RefreshToken.of(session_for(owner))
    # A session notes once a minute that it was seen; the matrix may take longer.
    Session.objects.update(last_seen_at=timezone.now() + timedelta(hours=1))
    User.objects.filter(pk=world.people["deactivated"].pk).update(is_active=False)
    return world


def _place(name: str, owner: User, world: World | None) -> Place:
    canary = f"canary{name}zq"
    key = {"own": "OWN", "archived": "ARC", "foreign": "FOR"}[name]
    project = ProjectFactory(owner=owner, name=f"Name {canary}", description=f"About {canary}", key=key)
    mate = MembershipFactory(project=project, user__username=f"mate-{name}", role=Role.MEMBER).user
    if world is not None:
        _join(project, world)
    texts: dict[str, Any] = {"title": f"Title {canary}", "description": f"Text {canary}", "metadata": {"note": canary}}
    elsewhere = {"external_source": "jira", "external_id": f"{key}/9"}
    task = TaskFactory(
        project=project, created_by=owner, assigned_to=mate, due_date=timezone.now(), **texts, **elsewhere
    )
    sibling = TaskFactory(project=project, created_by=owner, **texts)
    Activity.objects.create(
        project=project,
        task_id=task.pk,
        task_key=f"{key}-1",
        actor=owner,
        verb="updated",
        changes={"title": {"from": canary, "to": canary}},
    )
    report, export = _report(project, owner, canary), _export(project, owner, canary)
    attachment, comment = _attachment(task, owner, canary), _comment(task, owner, canary)
    trashed = delete_task(actor=owner, task=TaskFactory(project=project, created_by=owner, **texts))
    assert trashed is not None
    relation = _relation(sibling, task, RelationKind.BLOCKS)
    label, other_label = _labels(task, canary)
    return Place(
        project,
        canary,
        mate,
        task,
        sibling,
        attachment,
        report,
        export,
        _import(project, owner, canary),
        comment,
        label,
        other_label,
        trashed,
        relation,
        _view(project, canary),
        *_webhook(project, canary),
        invite(actor=owner, project_id=project.pk, email=f"{canary}@example.org", role=Role.MEMBER),
    )


def _join(project: Project, world: World) -> None:
    """Let the cast join the project, and those leave it again who are to be outside."""
    for role in ("viewer", "commenter", "member", "admin"):
        MembershipFactory(project=project, user=world.people[role], role=role)
    gone = MembershipFactory(project=project, user=world.people["ex_member"], role=Role.ADMIN)
    closed = MembershipFactory(project=project, user=world.people["deactivated"], role=Role.ADMIN)
    gone.delete()
    assert closed.pk
    Project.objects.filter(pk=project.pk).update(members_count=Membership.objects.filter(project=project).count())


def _report(project: Project, owner: User, canary: str) -> Report:
    return Report.objects.create(
        project=project,
        created_by=owner,
        status="ready",
        summary=build_content(project.pk, now=timezone.now()).summary,
        content=gzip.compress(canary.encode()),
        finished_at=timezone.now(),
    )


def _export(project: Project, owner: User, canary: str) -> Export:
    """Return an export of the project that its owner asked for."""
    return Export.objects.create(
        project=project,
        created_by=owner,
        scope="project",
        state="ready",
        storage_name=default_storage.save(f"exports/{canary}", ContentFile(canary.encode())),
        size=len(canary),
        sha256="0" * 64,
        finished_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=24),
    )


def _import(project: Project, owner: User, canary: str) -> ImportJob:
    """Return an import into the project that its owner began."""
    job = ImportJob.objects.create(
        project=project,
        created_by=owner,
        source="csv",
        file_name=f"{canary}.csv",
        storage_name=default_storage.save(f"imports/{canary}", ContentFile(f"Title\n{canary}\n".encode())),
        mapping={
            "columns": {"0": "title"},
            "statuses": {},
            "priorities": {},
            "labels": {canary: canary},
            "people": {},
            "dates": {"order": "iso", "timezone": "UTC"},
        },
        analysis={
            "counts": {"tasks": 1, "comments": 0, "labels": 0, "people": 0, "relations": 0},
            "words": {"statuses": [], "priorities": [], "labels": [canary], "people": []},
            "columns": [{"index": 0, "header": "Title", "samples": [canary]}],
            "samples": [],
            "order": "iso",
        },
    )
    ImportRow.objects.create(job=job, row=1, external_id=canary, result="created", warnings=[canary])
    return job


def _relation(first: Task, second: Task, kind: RelationKind) -> Relation:
    """Return the relation of two tasks."""
    if kind is RelationKind.RELATES:
        first, second = sorted((first, second), key=lambda one: one.pk)
    ends = {"from_task": first, "from_project": first.project, "to_task": second, "to_project": second.project}
    return Relation.objects.create(kind=kind, **ends, created_by=first.created_by)


def _view(project: Project, canary: str) -> SavedView:
    """Return a shared view of the project's owner."""
    return SavedView.objects.create(
        owner=project.owner,
        project=project,
        name=f"View {canary}",
        filter="overdue",
        ast={"flag": "overdue"},
        is_shared=True,
    )


def _webhook(project: Project, canary: str) -> tuple[Webhook, Delivery]:
    """Return a webhook of the project's owner, whose address is public, and something that it was sent."""
    webhook = Webhook.objects.create(
        project=project,
        url="https://192.0.43.8/hook",
        events=["label.created"],
        description=f"Webhook {canary}",
        secret_encrypted=encrypt("whsec_" + "c2VjcmV0" * 5),
        cursor_seq=project.last_seq,
        created_by=project.owner,
    )
    delivery = Delivery.objects.create(
        webhook=webhook,
        project=project,
        event_id=uuid.uuid4(),
        type="label.created",
        state="sent",
        attempts=1,
        attempted_at=timezone.now(),
        request_body=canary,
        response_body=canary,
        finished_at=timezone.now(),
    )
    return webhook, delivery


def _labels(task: Task, canary: str) -> tuple[Label, Label]:
    """Return two labels; the task carries the first."""
    label, other = (
        Label.objects.create(
            project=task.project, name=f"{name} {canary}", color="#c8473f", description=f"For {canary}"
        )
        for name in ("Label", "Other label")
    )
    TaskLabel.objects.create(task=task, label=label, project=task.project)
    return label, other


def _comment(task: Task, author: User, canary: str) -> Comment:
    """Return a comment with one former text, whose number is another in each place."""
    comment = Comment.objects.create(
        task=task, project=task.project, author=author, body=f"Comment {canary}", version=2 + len(canary)
    )
    CommentVersion.objects.create(
        comment=comment, number=comment.version - 1, body=f"Former {canary}", written_at=comment.created_at
    )
    Task.objects.filter(pk=task.pk).update(comments_count=1)
    return comment


def _attachment(task: Task, owner: User, canary: str) -> Attachment:
    name = default_storage.save(f"attachments/{canary}", ContentFile(canary.encode()))
    Task.objects.filter(pk=task.pk).update(attachments_count=1)
    Project.objects.filter(pk=task.project_id).update(attachment_bytes=len(canary))
    return Attachment.objects.create(
        task=task,
        project=task.project,
        uploaded_by=owner,
        name=f"{canary}.txt",
        storage_name=name,
        size=len(canary),
        content_type="text/plain",
        sha256="0" * 64,
        state="ready",
        uploaded_at=timezone.now(),
    )


def _note(person: User, project: Project) -> Notification:
    return Notification.objects.create(
        recipient=person,
        kind="project_member_added",
        dedupe_key=f"note:{person.pk}",
        project_id=project.pk,
        data={"changes": {"role": {"from": None, "to": "member"}}},
    )
