"""What every source reads a file into: its columns, where it has some, and one item for each task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class FoundComment:
    """A comment of an item; instants are as they are written there, `former` has earlier texts with theirs."""

    body: str
    author: str = ""
    at: str = ""
    edited_at: str = ""
    former: Sequence[tuple[str, str]] = ()


@dataclass
class FoundRelation:
    """A relation of an item to the row with the external id `other`; `kind` as it reads from the item.

    Kinds are those of relations here: `blocks`, `blocked_by`, `relates`, `duplicates`, `duplicated_by`.
    """

    kind: str
    other: str
    author: str = ""
    at: str = ""


@dataclass(frozen=True)
class Skip:
    """Why a row of a file becomes no task, though nothing is wrong with it."""

    code: str
    detail: str


@dataclass
class FoundFile:
    """A file of an item: `open` yields its bytes, and is None where the source only names it."""

    name: str
    open: Callable[[], Iterable[bytes]] | None = None
    author: str = ""
    at: str = ""


@dataclass
class FoundLabel:
    """A label of the project that a file describes, whether tasks carry it or not."""

    name: str
    color: str = ""
    description: str = ""
    created_at: str = ""


@dataclass
class FoundView:
    """A shared view: `ast` is its filter, in which people, projects, tasks and labels are ids of the file."""

    name: str
    ast: Any = None
    owner: str = ""
    ordering: str = ""
    layout: str = ""
    group_by: str = ""
    columns: Sequence[str] = ()
    created_at: str = ""


@dataclass
class FoundProject:
    """What a new project is to be like; `settings` are words of the project's own."""

    name: str
    key: str = ""
    description: str = ""
    created_at: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Item:
    """A task as a file has it: values as they are written there, before any mapping. `row` counts from 1."""

    row: int
    external_id: str = ""
    title: str = ""
    description: str = ""
    status: str = ""
    priority: str = ""
    assignee: str = ""
    other_assignees: list[str] = field(default_factory=list)  # the first of all who is a member is assigned
    creator: str = ""
    labels: list[str] = field(default_factory=list)
    due: str = ""
    due_end: str = ""  # the instant when the day `due` ends, where the file knows it
    created_at: str = ""
    completed_at: str = ""
    duration: str = ""
    parent: str = ""
    comments: list[FoundComment] = field(default_factory=list)
    relations: list[FoundRelation] = field(default_factory=list)
    files: list[FoundFile] = field(default_factory=list)
    archived: bool = False
    archived_at: str = ""  # empty where it is not known: then the time of the import
    metadata: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)  # what has no place: for `metadata.import`
    warnings: list[str] = field(default_factory=list)
    skip: Skip | None = None


@dataclass
class Content:
    """A file that was read: `headers` and `cells` of a table, whose columns are mapped, or the `items` of another one.

    Of a table `targets` says what columns mean by their index, where the source knows it; `refine` is called with its
    items and reads what stands in their texts. `statuses` are our words for those of the file, where it says so itself.
    `colors` has the colours (`#rrggbb`, or without the sign) of labels by their names in the file.
    """

    headers: Sequence[str] = ()
    cells: Sequence[Sequence[str]] = ()
    targets: Mapping[str, str] = field(default_factory=dict)
    refine: Callable[[Sequence[Item]], None] | None = None
    items: Sequence[Item] = ()
    statuses: Mapping[str, str] = field(default_factory=dict)
    colors: Mapping[str, str] = field(default_factory=dict)
    labels: Sequence[FoundLabel] = ()
    project: FoundProject | None = None
    views: Sequence[FoundView] = ()
    # What the filters of views name by ids of the file: usernames, names of labels, the project, and what stands before
    # the id of a task in its external id
    people: Mapping[str, str] = field(default_factory=dict)
    label_names: Mapping[str, str] = field(default_factory=dict)
    project_id: str = ""
    prefix: str = ""
    warnings: Sequence[str] = ()  # about the file as a whole
