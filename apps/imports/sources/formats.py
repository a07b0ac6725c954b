"""Every source that a file can come from: how it is recognised, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from apps.imports.models import ImportSource
from apps.imports.sources.github import is_github, read_github
from apps.imports.sources.items import Content
from apps.imports.sources.jira import is_jira, read_jira
from apps.imports.sources.json_texts import MOST_VALUES, is_meant_as_json, read_json_values
from apps.imports.sources.tables import read_table
from apps.imports.sources.taskhouse import read_archive
from apps.imports.sources.texts import unsupported
from apps.imports.sources.todoist import is_todoist, read_todoist
from apps.imports.sources.trello import is_trello, read_trello
from apps.imports.sources.zips import is_zip

AUTO = "auto"


class Reader(Protocol):
    """Reads a file with at most `most` tasks; ValidationError at /file: `unsupported_file`, `too_many`."""

    def __call__(self, data: bytes, *, most: int) -> Content: ...


class Recogniser(Protocol):
    """Returns whether a file looks like one of the source; it raises nothing, and need not read it whole."""

    def __call__(self, data: bytes) -> bool: ...


@dataclass(frozen=True)
class Format:
    """A source: with `recognises` None it is what everything else is taken for."""

    read: Reader
    recognises: Recogniser | None = None


# The first that recognises a file reads it
FORMATS: Mapping[ImportSource, Format] = {
    ImportSource.GITHUB: Format(read_github, is_github),
    ImportSource.TODOIST: Format(read_todoist, is_todoist),
    ImportSource.TASKHOUSE: Format(read_archive, is_zip),
    ImportSource.TRELLO: Format(read_trello, is_trello),
    ImportSource.JIRA: Format(read_jira, is_jira),
    ImportSource.CSV: Format(read_table),
}


def source_of(data: bytes) -> ImportSource:
    """Return the source that a file comes from; ValidationError at /file for JSON that is broken, or of none."""
    found = (source for source, each in FORMATS.items() if each.recognises is not None and each.recognises(data))
    source = next(found, ImportSource.CSV)
    if source == ImportSource.CSV and is_meant_as_json(data):
        read_json_values(data, most=MOST_VALUES)
        raise unsupported("The JSON is of none of the tools that files are imported from.")
    return source


def read_file(data: bytes, source: str, *, most: int) -> Content:
    """Return what a file of this source has; raises what its `Reader` does."""
    return FORMATS[ImportSource(source)].read(data, most=most)
