"""The key of a task elsewhere: which texts it may have, and which task has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from apps.common.errors import FieldError, ValidationError
from apps.tasks.models import Task

SOURCE = r"[a-z0-9_-]{1,40}"
ID_LENGTH = 255


class ExternalKey(NamedTuple):
    """What a task is elsewhere."""

    source: str
    external_id: str


def read_key(source: str, external_id: str) -> ExternalKey:
    """Return the key that a path names; ValidationError at /source and /external_id."""
    if faults := list(_faults(source, external_id)):
        raise ValidationError(*faults)
    return ExternalKey(source, external_id)


def _faults(source: str, external_id: str) -> Iterator[FieldError]:
    if not re.fullmatch(SOURCE, source):
        text = "A source is 1 to 40 lower-case letters, digits, hyphens and underscores."
        yield FieldError("/source", "invalid", text)
    if len(external_id) > ID_LENGTH:
        yield FieldError("/external_id", "max_length", f"An id has at most {ID_LENGTH} characters.")
    if "\0" in external_id:
        yield FieldError("/external_id", "null_characters_not_allowed", "An id has no NUL character.")


def find_task(project_id: int, key: ExternalKey) -> Task | None:
    """Return the task of the project that has the key, in the trash or not."""
    there = Task.objects.filter(project=project_id, external_source=key.source, external_id=key.external_id)
    return there.first()
