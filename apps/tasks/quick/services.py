"""Creating a task from a line of text: by the same services as any other creation (contract QA4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from apps.common.errors import ValidationError
from apps.common.transactions import write
from apps.projects.models import Project
from apps.projects.roles import Capability, allows
from apps.projects.services import ensure_inbox
from apps.tasks.labels.services import create_label
from apps.tasks.locking import Authority, lock_project_for_write
from apps.tasks.models import TITLE_LENGTH, Task
from apps.tasks.quick.reading import Place, Reading, read_pieces
from apps.tasks.quick.scanning import Piece, Sign, scan
from apps.tasks.services import create_task
from apps.users.models import User


@dataclass(frozen=True)
class QuickTask:
    """The task, None after a dry run, and how its text was read."""

    task: Task | None
    reading: Reading


@write
def quick_add(
    *,
    actor: User,
    text: str,
    now: datetime,
    project: int | None = None,
    ignore: Iterable[int] = (),
    dry_run: bool = False,
) -> QuickTask:
    """Create the task that `text` describes, with labels that are missing; `now` is in the reader's zone.

    `project` (an id) comes before a `^` in the text, without both it is the Inbox. `ignore` has positions of tokens
    that stay text. A dry run is the same, rolled back. Raises ValidationError at /text where no title or too long a
    one is left, and what `create_task` raises.
    """
    savepoint = transaction.savepoint()
    ignored = frozenset(ignore)
    pieces = list(scan(text, today=now.date()))
    place = _place(pieces, actor, project, ignored, now)
    reading = read_pieces(pieces, place, ignored=ignored)
    if project is not None:  # a creation with these fields is to go where this one goes
        reading.fields["project"] = place.project.pk
    _require_title(reading.fields["title"])
    task = _create(reading, actor, place.project)
    if dry_run:
        transaction.savepoint_rollback(savepoint)
        return QuickTask(None, reading)
    transaction.savepoint_commit(savepoint)
    return QuickTask(task, reading)


def _place(
    pieces: Sequence[Piece], actor: User, project_id: int | None, ignored: frozenset[int], now: datetime
) -> Place:
    """Return the locked project of the task, and the piece that names it."""
    named = [piece for piece in pieces if piece.sign == Sign.PROJECT]
    piece = None
    if project_id is None:
        found = next(((each, pk) for each in named if (pk := _project_named(each.name, actor)) is not None), None)
        if found is not None:
            piece, project_id = found[0], None if found[0].position in ignored else found[1]
        project_id = ensure_inbox(actor).pk if project_id is None else project_id
        return Place(lock_project_for_write(Authority(actor), project_id).project, piece, now)
    project = lock_project_for_write(Authority(actor), project_id).project
    piece = next((each for each in named if each.name.upper() == project.key), None)
    return Place(project, piece, now)


def _project_named(key: str, actor: User) -> int | None:
    """Return the one active project with this key, whatever its case, in which the actor writes tasks."""
    if not key.isascii():
        return None
    found = Project.objects.visible_to(actor).active().filter(key=key.upper())
    ids = [each.pk for each in found if allows(each.role, Capability.WRITE_TASKS)]
    return ids[0] if len(ids) == 1 else None


def _require_title(title: str) -> None:
    if not title:
        raise ValidationError.at("/text", "blank", "No text is left for a title.")
    if len(title) > TITLE_LENGTH:
        raise ValidationError.at("/text", "max_length", f"A title has at most {TITLE_LENGTH} characters.")


def _create(reading: Reading, actor: User, project: Project) -> Task:
    fields: dict[str, Any] = dict(reading.fields)
    fields["project"] = project.pk
    if "due_on" in fields:
        fields["due_on"] = date.fromisoformat(fields["due_on"])
    if "due_date" in fields:
        fields["due_date"] = datetime.fromisoformat(fields["due_date"])
    if "labels" in fields:
        fields["labels"] = [_label(each, actor, project) for each in fields["labels"]]
    return create_task(actor=actor, **fields)


def _label(label: int | str, actor: User, project: Project) -> int:
    """Return the id of a label; one that is named is missing and made."""
    return label if isinstance(label, int) else create_label(actor=actor, project_id=project.pk, name=label).pk
