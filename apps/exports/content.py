"""What is in the file of an export (contract EX2, EX3)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from apps.common.dates.clock import database_now
from apps.common.installation import current_epoch
from apps.common.transactions import one_snapshot
from apps.exports import rows
from apps.exports.archive import Archive, Sink
from apps.exports.models import Export
from apps.notifications.models import Notification
from apps.projects.models import Membership, Project
from apps.tasks.attachments.storage import open_stored
from apps.tasks.models import Attachment, Comment, SavedView, task_key
from apps.tokens.models import ApiToken
from apps.users.models import User

logger = logging.getLogger(__name__)

PROFILE = (
    *(
        "id",
        "username",
        "email",
        "pending_email",
        "email_verified_at",
        "nickname",
        "first_name",
        "last_name",
        "timezone",
    ),
    *("notification_preferences", "reminder_lead_minutes", "single_keys", "theme", "language", "created_at"),
)
TOKEN = ("id", "name", "scopes", "all_projects", "created_at", "expires_at", "last_used_at", "revoked_at")


@dataclass
class Contents:
    """Writes the tables of an export, and remembers which files are to follow."""

    archive: Archive
    with_files: bool
    files: list[tuple[str, str]] = field(default_factory=list)  # name in the archive, name in the storage

    def add_project(self, project_id: int, folder: str = "") -> None:
        """Write everything in a project."""
        for name, read in rows.OF_A_PROJECT.items():
            found = read(project_id)
            self.archive.add_rows(f"{folder}{name}.ndjson", self._placed(found) if name == "attachments" else found)
        if self.with_files:
            kept = Attachment.objects.ready().filter(project_id=project_id, task__trash=None).order_by("pk")
            stored = kept.values_list("pk", "name", "storage_name")
            self.files += [(folder + rows.file_in_archive(pk, name), where) for pk, name, where in stored]

    def add_account(self, user: User) -> None:
        """Write everything of a person: their projects, and what is theirs elsewhere."""
        self.archive.add_rows("profile.ndjson", [{name: getattr(user, name) for name in PROFILE}])
        self.archive.add_rows("notifications.ndjson", _notifications(user))
        self.archive.add_rows("views.ndjson", rows.views(SavedView.objects.filter(owner=user, is_shared=False)))
        self.archive.add_rows("comments.ndjson", _comments_elsewhere(user))
        self.archive.add_rows("tokens.ndjson", ApiToken.objects.filter(user=user).order_by("pk").values(*TOKEN))
        for pk, key in Project.objects.kept().filter(owner=user).order_by("pk").values_list("pk", "key"):
            self.add_project(pk, f"projects/{key}-{pk}/")

    def add_files(self) -> list[str]:
        """Write the files, and return the names of those that are not there any more."""
        missing = []
        for name, storage_name in self.files:
            try:
                with open_stored(storage_name) as content:
                    self.archive.add_file(name, content)
            except FileNotFoundError:  # deleted since the snapshot
                missing.append(name)
        return missing

    def _placed(self, found: Iterator[rows.Row]) -> Iterator[rows.Row]:
        for row in found:
            yield row | {"file": rows.file_in_archive(row["id"], row["name"]) if self.with_files else None}


def write_export(export: Export, sink: Sink) -> None:
    """Write the file of an export: all tables from one snapshot of the database, then the files.

    Rows are read by server-side cursors and go into the archive as they come: memory does not grow with them.
    """
    contents = Contents(Archive(sink), export.with_files)
    about: dict[str, Any] = {"installation": str(current_epoch()), "scope": export.scope}
    with one_snapshot():
        about["created_at"] = database_now()
        if export.project_id is not None:
            contents.add_project(export.project_id)
        else:
            contents.add_account(User.objects.get(pk=export.created_by_id))
    contents.archive.finish(**about, missing_files=contents.add_files())


def _notifications(user: User) -> Iterator[rows.Row]:
    columns = ("id", "kind", "project_id", "task_id", "created_at", "read_at")
    shown = Notification.objects.of(user).order_by("pk").values(*columns)
    for row in shown.iterator(chunk_size=rows.AT_ONCE):
        yield {"id": row.pop("id"), **row, "project": row.pop("project_id"), "task": row.pop("task_id")}


def _comments_elsewhere(user: User) -> Iterator[rows.Row]:
    """Yield what the person wrote in projects of others; where, only as far as they still see it."""
    theirs = Comment.objects.filter(author=user, deleted_at=None, task__trash=None, project__trash=None)
    mine = set(Membership.objects.filter(user=user).values_list("project_id", flat=True))
    columns = ("id", "body", "created_at", "edited_at", "task_id", "task__number", "project_id", "project__key")
    found = theirs.filter(~Q(project__owner=user)).order_by("created_at", "pk").values(*columns)
    for row in found.iterator(chunk_size=rows.AT_ONCE):
        pk, number, project, key = (row.pop(name) for name in ("task_id", "task__number", "project_id", "project__key"))
        yield row | {"task": {"id": pk, "key": task_key(key, number)} if project in mine else rows.OUTSIDE}
