"""Merging a label into another: one transaction, or none of it (contract LA8)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from apps.common.errors import ValidationError
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.models import Activity
from apps.projects.roles import Capability
from apps.projects.services import require_active
from apps.tasks.labels.announcements import LabelReference, Rewritten, label_replacing
from apps.tasks.labels.services.writing import lock_label, record
from apps.tasks.models import Label, TaskLabel
from apps.users.models import User

RETAG = """
INSERT INTO tasks_tasklabel (task_id, label_id, project_id)
SELECT task_id, %s, project_id FROM tasks_tasklabel WHERE label_id = %s
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Merged:
    """The label that is left, with its `tasks_count`, and how much named the other one."""

    label: Label
    tasks_changed: int
    views_changed: int
    webhooks_changed: int
    dry_run: bool


@write
def merge_label(
    *, actor: User, label: Label, into: int, dry_run: bool = False, as_administrator: bool = False
) -> Merged:
    """Give `into` to all tasks with `label`, the trash included, and delete `label`; task versions stay.

    A dry run is the same, rolled back: its numbers are those of a run. Raises NotFoundError, ForbiddenError below
    admin, ValidationError at /into, ConflictError `project_archived`.
    """
    label = lock_label(actor, label, Capability.MANAGE_PROJECT, as_administrator=as_administrator)
    target = _target(label, into)
    require_active(label.project)
    savepoint = transaction.savepoint()
    merged = _merge(label, target, actor=actor, dry_run=dry_run)
    if dry_run:
        transaction.savepoint_rollback(savepoint)
    else:
        transaction.savepoint_commit(savepoint)
    return merged


def _merge(label: Label, target: Label, *, actor: User, dry_run: bool) -> Merged:
    before, after = LabelReference(label.pk, label.name), LabelReference(target.pk, target.name)
    tasks_changed = TaskLabel.objects.filter(label=label).count()
    with connection.cursor() as cursor:
        cursor.execute(RETAG, [target.pk, label.pk])
    rewritten = Rewritten(actor.pk)
    label_replacing.announce(label.project_id, before, after, rewritten)
    Label.objects.filter(pk=label.pk).delete()
    changes = {
        "label": ({"id": before.id, "name": before.name}, {"id": after.id, "name": after.name}),
        "tasks_count": (None, tasks_changed),
    }
    record(label, EventType.LABEL_MERGED, changes, actor=actor)
    left = Label.objects.with_counts().get(pk=target.pk)
    return Merged(left, tasks_changed, rewritten.views, rewritten.webhooks, dry_run)


def labels_now(ids: Iterable[int], *, project_ids: Collection[int], since: datetime) -> list[int]:
    """Return which labels those that these projects had at an instant are now, by id.

    One that was merged since is the label that is left of it, one that was deleted is none (contract TR8, BU9).
    """
    wanted = set(ids)
    left = set(Label.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if gone := wanted - left:
        merges = Activity.objects.filter(project_id__in=project_ids, created_at__gte=since, type=EventType.LABEL_MERGED)
        into = {merged: changes["label"]["to"]["id"] for merged, changes in merges.values_list("object_id", "changes")}
        targets = {_last(pk, into) for pk in gone}
        left |= set(Label.objects.filter(pk__in=targets - gone).values_list("pk", flat=True))
    return sorted(left)


def _last(pk: int, into: dict[int | None, int]) -> int:
    """Return what is left of a label at the end of its merges; ids are never used again, so there is no circle."""
    while pk in into:
        pk = into[pk]
    return pk


def _target(label: Label, into: int) -> Label:
    """Return the label `into`; ValidationError at /into when it is the same, absent or of another project."""
    if into == label.pk:
        raise ValidationError.at("/into", "invalid", "A label cannot be merged into itself.")
    target = Label.objects.filter(pk=into, project_id=label.project_id).first()
    if target is None:
        raise ValidationError.at("/into", "does_not_exist", "The project has no such label.")
    return target
