"""Reads the file of an import into items, by its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings

from apps.imports.judging.mapping import proposed_words, words_of
from apps.imports.models import ImportJob
from apps.imports.sources.formats import AUTO, read_file, source_of
from apps.imports.sources.items import Content, Item
from apps.imports.sources.tables import TARGETS, described_columns, proposed_columns, table_items
from apps.imports.sources.texts import File, in_utf8
from apps.imports.sources.zips import is_zip
from apps.projects.models import Membership
from apps.tasks.attachments.storage import open_stored
from apps.users.models import User

SAMPLES = 10


def read_bytes(data: bytes, encoding: str = "") -> File:
    """Return a file as it is read, a text in this character set, or in the one that it seems to have.

    ValidationError `unsupported_file` at /file for what is neither a text nor an archive.
    """
    return File(data) if is_zip(data) else in_utf8(data, encoding)


def read_content(file: File, source: str) -> Content:
    """Return what a file of a source has; ValidationError at /file when it cannot be read."""
    content = read_file(file.data, source, most=settings.IMPORT_MAX_TASKS)
    return replace(content, warnings=[*file.warnings, *content.warnings])


def stored_file(job: ImportJob, encoding: str = "") -> File:
    """Return a job's stored file, read as it was or in another character set; FileNotFoundError when it is gone."""
    with open_stored(job.storage_name) as stored:
        return read_bytes(stored.read(), encoding or job.encoding or "")


def stored_content(job: ImportJob) -> Content:
    """Return what the stored file has; FileNotFoundError when it is gone."""
    return read_content(stored_file(job), job.source)


def items_of(content: Content, columns: Mapping[str, str]) -> Sequence[Item]:
    """Return the items of a file, of a table under the meanings of its columns."""
    if not content.headers:
        return content.items
    items = list(table_items(content, columns))
    if content.refine is not None:
        content.refine(items)
    return items


def analysed(
    file: File, source: str, columns: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what a file has, and what its columns mean: `columns`, or a proposal.

    ValidationError at /file when it cannot be read.
    """
    content = read_content(file, source)
    meant = dict(columns) if columns is not None else proposed_columns(content)
    items = items_of(content, meant)
    found = words_of(items)
    found["counts"]["labels"] += len({label.name for label in content.labels} - {*found["words"]["labels"]})
    found["columns"] = described_columns(content)
    statuses = content.statuses
    found["known_statuses"] = {word: statuses[word] for word in found["words"]["statuses"] if word in statuses}
    found["warnings"] = list(content.warnings)
    found["encoding"] = file.encoding
    found["bytes"] = file.sample.hex()
    found["samples"] = [shown_item(item) for item in items[:SAMPLES]]
    return found, meant


def proposed_mapping(
    found: Mapping[str, Any], columns: Mapping[str, str], *, actor: User, project_id: int | None
) -> dict[str, Any]:
    """Return the whole mapping that an analysis proposes."""
    members = member_names(project_id, actor)
    return {"columns": dict(columns), **proposed_words(found, members=members, zone=actor.timezone)}


def member_names(project_id: int | None, actor: User) -> dict[str, int]:
    """Return the ids of a project's members by username and nickname, in lower case; of a new one, the importer's."""
    people = [(actor.pk, actor.username, actor.nickname)]
    if project_id is not None:
        found = Membership.objects.filter(project_id=project_id).order_by("-pk")
        people = list(found.values_list("user_id", "user__username", "user__nickname"))
    names = {nickname.lower(): pk for pk, _, nickname in people if nickname}
    return names | {username.lower(): pk for pk, username, _ in people}


def shown_item(item: Item) -> dict[str, Any]:
    """Return an item for people to look at."""
    return {
        "row": item.row,
        "external_id": item.external_id[:255],
        "title": item.title[:200],
        "status": item.status[:200],
        "priority": item.priority[:200],
        "assignee": item.assignee[:200],
        "labels": [label[:200] for label in item.labels[:20]],
        "due": item.due[:64],
        "comments": len(item.comments),
    }


__all__ = [
    "AUTO",
    "TARGETS",
    "analysed",
    "items_of",
    "proposed_mapping",
    "read_bytes",
    "read_content",
    "source_of",
    "stored_content",
    "stored_file",
]
