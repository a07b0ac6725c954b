"""Creating, changing and deleting a label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, TextField, Value

from apps.common.errors import ConflictError, NotFoundError
from apps.common.text.normal_form import NormalForm
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.models import Project
from apps.projects.roles import Capability
from apps.projects.services import Changes, Event, lock_project_as, record_event, require_active
from apps.tasks.labels.announcements import LabelReference, Rewritten, label_replacing
from apps.tasks.labels.colors import default_color
from apps.tasks.models import Label, TaskLabel
from apps.users.models import User

EDITABLE = ("name", "color", "description")


@write
def create_label(
    *,
    actor: User,
    project_id: int,
    name: str,
    color: str = "",
    description: str = "",
    as_administrator: bool = False,
) -> Label:
    """Add a label to a project; without a `color` (`#rrggbb` in lower case) the name chooses one (LA2).

    Raises NotFoundError, ForbiddenError, ConflictError `project_archived`, `label_exists` with `existing`, or
    `too_many_labels` with `limit`, in this order.
    """
    project = lock_project_as(actor, project_id, Capability.WRITE_TASKS, as_administrator=as_administrator)
    require_active(project)
    require_free(project, name)
    if Label.objects.filter(project=project).count() >= settings.LABELS_MAX_PER_PROJECT:
        raise too_many(settings.LABELS_MAX_PER_PROJECT, "A project")
    label = Label.objects.create(
        project=project, name=name, color=color or default_color(name), description=description
    )
    record_event(project.pk, created_event(label), actor_id=actor.pk)
    return label


@write
def update_label(*, actor: User, label: Label, changes: Mapping[str, Any], as_administrator: bool = False) -> Label:
    """Set the fields among name, color and description; what stays the same changes nothing.

    Who keeps the label by name is given the new one (LA8). Raises what `create_label` raises.
    """
    label = lock_label(actor, label, Capability.WRITE_TASKS, as_administrator=as_administrator)
    require_active(label.project)
    changed = {
        name: (getattr(label, name), changes[name])
        for name in EDITABLE
        if name in changes and changes[name] != getattr(label, name)
    }
    if not changed:
        return label
    before = LabelReference(label.pk, label.name)
    if "name" in changed:
        require_free(label.project, changed["name"][1], but=label)
    for name, (_, value) in changed.items():
        setattr(label, name, value)
    label.save(update_fields=changed)
    record(label, EventType.LABEL_UPDATED, changed, actor=actor)
    if "name" in changed:
        after = LabelReference(label.pk, label.name)
        label_replacing.announce(label.project_id, before, after, Rewritten(actor.pk))
    return label


@write
def delete_label(*, actor: User, label: Label, as_administrator: bool = False) -> None:
    """Take the label off all tasks and delete it; their versions stay (LA7).

    Raises NotFoundError, ForbiddenError below admin, ConflictError `project_archived`.
    """
    label = lock_label(actor, label, Capability.MANAGE_PROJECT, as_administrator=as_administrator)
    require_active(label.project)
    record(label, EventType.LABEL_DELETED, {"name": (label.name, None)}, actor=actor)
    Label.objects.filter(pk=label.pk).delete()  # the database takes it off the tasks


def delete_unused(project: Project, ids: Iterable[int], *, actor: User) -> None:
    """Delete those of the locked project's labels (by id) that no task outside the trash carries."""
    carried = TaskLabel.objects.filter(label=OuterRef("pk"), task__trash=None)
    for label in Label.objects.filter(~Exists(carried), project=project, pk__in=list(ids)).by_name():
        record(label, EventType.LABEL_DELETED, {"name": (label.name, None)}, actor=actor)
        Label.objects.filter(pk=label.pk).delete()


def lock_label(actor: User, label: Label, capability: Capability, *, as_administrator: bool = False) -> Label:
    """Return the label, with its locked `project`, after asking again whether the actor may do this.

    Raises NotFoundError, ForbiddenError.
    """
    project = lock_project_as(actor, label.project_id, capability, as_administrator=as_administrator)
    row = Label.objects.filter(pk=label.pk, project=project).first()
    if row is None:
        raise NotFoundError
    row.project = project
    return row


def require_free(project: Project, name: str, *, but: Label | None = None) -> None:
    """Raise ConflictError `label_exists` when another label than `but` has the name, in its normal form (LA1)."""
    same = Label.objects.filter(project=project, normal_name=NormalForm(Value(name, TextField())))
    found = (same.exclude(pk=but.pk) if but else same).first()
    if found is not None:
        existing = {"id": found.pk, "name": found.name, "color": found.color}
        raise ConflictError(
            "The project has a label with this name.", code="label_exists", extra={"existing": existing}
        )


def too_many(limit: int, what: str) -> ConflictError:
    """Return the rejection of one label more than `what` may have."""
    return ConflictError(f"{what} has at most {limit} labels.", code="too_many_labels", extra={"limit": limit})


def created_event(label: Label) -> Event:
    """Return the event of a label that was just inserted."""
    return Event(type=EventType.LABEL_CREATED, object_id=label.pk, changes={"name": (None, label.name)})


def record(label: Label, event_type: EventType, changes: Changes, *, actor: User) -> None:
    """Write the event of an act on a label."""
    record_event(label.project_id, Event(type=event_type, object_id=label.pk, changes=changes), actor_id=actor.pk)
