"""What happened to a task or in a project, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from apps.batches.models import Batch
from apps.notifications.kinds import Change
from apps.projects.models import Activity
from apps.projects.token_names import token_names
from apps.tasks.fields import BY_NAME
from apps.tasks.wording import changes_in_words
from apps.users.models import User
from apps.users.people import people

# Verb -> glyph and words; the changes follow them.
WORDS = {
    "archived": ("archive", gettext_lazy("archived it")),
    "assigned": ("user", gettext_lazy("changed the assignee")),
    "attachment_added": ("clip", gettext_lazy("attached a file")),
    "attachment_deleted": ("clip", gettext_lazy("deleted a file")),
    "attachments_expired": ("clip", gettext_lazy("Expired files were deleted")),
    "comment_deleted": ("comment", gettext_lazy("deleted a comment")),
    "comment_edited": ("comment", gettext_lazy("edited a comment")),
    "comment_version_erased": ("comment", gettext_lazy("erased a former text of a comment")),
    "commented": ("comment", gettext_lazy("commented")),
    "created": ("plus", gettext_lazy("created it")),
    "deleted": ("trash", gettext_lazy("put it into the trash")),
    "imported": ("down-to", gettext_lazy("imported tasks")),
    "label_created": ("label", gettext_lazy("made a label")),
    "label_deleted": ("label", gettext_lazy("deleted a label")),
    "label_edited": ("label", gettext_lazy("changed a label")),
    "labels_merged": ("label", gettext_lazy("merged labels")),
    "member_added": ("users", gettext_lazy("added a member")),
    "member_removed": ("users", gettext_lazy("A member left or was removed")),
    "moved_in": ("move", gettext_lazy("moved it here")),
    "moved_out": ("move", gettext_lazy("moved it to another project")),
    "relation_added": ("link", gettext_lazy("related it to another task")),
    "relation_removed": ("link", gettext_lazy("removed a relation")),
    "restored": ("undo", gettext_lazy("brought it back from the trash")),
    "role_changed": ("users", gettext_lazy("changed a member's role")),
    "status_changed": ("check", gettext_lazy("changed the status")),
    "tasks_unassigned": ("user", gettext_lazy("Tasks lost their assignee, because a member left")),
    "transferred": ("users", gettext_lazy("handed the project over")),
    "unarchived": ("archive", gettext_lazy("took it out of the archive")),
    "updated": ("edit", gettext_lazy("changed it")),
    "view_edited": ("star", gettext_lazy("changed a shared view")),
    "view_removed": ("star", gettext_lazy("stopped sharing a view")),
    "view_shared": ("star", gettext_lazy("shared a view")),
    "webhook_added": ("link", gettext_lazy("added a webhook")),
    "webhook_disabled": ("link", gettext_lazy("A webhook was switched off")),
    "webhook_edited": ("link", gettext_lazy("changed a webhook")),
    "webhook_removed": ("link", gettext_lazy("removed a webhook")),
}
ORIGINS = {
    "admin": gettext_lazy("in the administration"),
    "token": gettext_lazy("with an API token"),
    "import": gettext_lazy("by an import"),
}


@dataclass(frozen=True)
class Entry:
    """An event as the pages show it: who did what, and how the values changed."""

    at: datetime
    icon: str
    actor: User | None
    words: str
    key: str
    task_id: int | None
    changes: Sequence[Change] = ()
    origin: str = ""
    batch: UUID | None = None  # of an act that the reader can undo

    @property
    def is_event(self) -> bool:
        """Distinguish it from a comment, between which it stands."""
        return True


def entries_of(activities: Iterable[Activity], *, reader: User) -> list[Entry]:
    """Return the events in words, with one query for all the people they name, one for tokens and one for batches."""
    found = list(activities)
    named = people({pk for each in found for pk in people_named(each.changes)})
    tokens = token_names({each.token_id for each in found if each.token_id})
    batches = undoable(found, reader)
    seen: set[UUID] = set()
    entries = []
    for each in found:  # the newest first: an act of many events has its button once
        batch = each.batch_id if each.batch_id in batches and each.batch_id not in seen else None
        seen |= {batch} if batch else set()
        token = tokens.get(each.token_id or 0)
        door = gettext("with the API token “{name}”").format(name=token) if token else ""
        entries.append(_entry(each, named, reader.timezone, door=door, batch=batch))
    return entries


def undoable(activities: Iterable[Activity], person: User) -> set[UUID]:
    """Return the batches among the events that the person did and can undo now."""
    named = {each.batch_id for each in activities if each.batch_id and each.actor_id == person.pk}
    now = timezone.now()
    own = Batch.objects.filter(pk__in=named, actor=person) if named else []
    return {each.pk for each in own if not each.reason_against_undo(now=now)}


def _entry(activity: Activity, named: Any, zone: str, *, door: str, batch: UUID | None) -> Entry:
    icon, words = WORDS.get(activity.verb, ("info", activity.verb.replace("_", " ")))
    is_whole = activity.verb in ("created", "deleted")  # every field comes or goes
    changes = () if is_whole else tuple(changes_in_words(activity.changes, people=named, zone=zone))
    return Entry(
        at=activity.created_at,
        icon=icon,
        actor=activity.actor,
        words=str(words),
        key=activity.task_key,
        task_id=activity.task_id,
        changes=changes,
        origin=door or str(ORIGINS.get(activity.origin, "")),
        batch=batch,
    )


def people_named(changes: dict[str, Any]) -> set[int]:
    """Return the ids of the people among the values of changes."""
    names = [name for name in changes if name in BY_NAME and BY_NAME[name].kind == "person"]
    values = [changes[name].get(side) for name in names for side in ("from", "to")]
    return {value for value in values if isinstance(value, int)}
