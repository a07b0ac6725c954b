"""Jira's CSV: a table with repeated columns, whose cells have dates, people and keys of other issues in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from apps.imports.judging.dates import LONGEST
from apps.imports.sources.items import Content, FoundComment, FoundRelation, Item
from apps.imports.sources.tables import headers_in, read_table
from apps.imports.sources.texts import unsupported
from apps.tasks.models import Status

# Headers in lower case, by what they are; of those for a thing that a task has once the first that a file has counts
TARGETS: Mapping[str, tuple[str, ...]] = {
    "title": ("summary",),
    "external_id": ("issue key", "key", "issue id"),
    "description": ("description",),
    "status": ("status",),
    "priority": ("priority",),
    "assignee": ("assignee",),
    "creator": ("reporter", "creator"),
    "due": ("due date", "due"),
    "created_at": ("created",),
    "completed_at": ("resolved", "resolution date"),
    "parent": ("parent key", "parent id", "parent"),
}
REPEATED = {"labels": "labels", "label": "labels", "comment": "comment", "comments": "comment"}
# Where else a parent can be named
PARENTS = ("parent key", "parent id", "parent", "custom field (epic link)", "epic link", "custom field (parent link)")
CHILDREN = ("sub-tasks", "sub-task", "subtasks", "subtask")
PEOPLE = ("assignee", "reporter", "creator", "watchers", "project lead")
ISSUE_ID = "issue id"
LINK = re.compile(r"(inward|outward) issue link \((.*)\)", re.DOTALL)
KEYS = re.compile(r"[\s,;]+")
# Types of links by what they are from the issue that points outward, and from the other one
KINDS: Mapping[str, tuple[str, str]] = {
    "blocks": ("blocks", "blocked_by"),
    "blocker": ("blocks", "blocked_by"),
    "dependency": ("blocked_by", "blocks"),
    "depends": ("blocked_by", "blocks"),
    "duplicate": ("duplicates", "duplicated_by"),
    "duplicates": ("duplicates", "duplicated_by"),
    "relates": ("relates", "relates"),
    "related": ("relates", "relates"),
}
SUBTASKS = {"jira_subtask_link", "sub-task", "subtask"}
OTHER_KIND = "relates"  # every other type of link; its name stays in the metadata
COMMENT = re.compile(r"([^;\n]{1,64});([^;\n]{0,255});(.*)", re.DOTALL)
# Day, month and year in any order, the month perhaps in words, and what follows
DATE = re.compile(r"\s*\d{1,4}([./-]|\.? )(\d{1,2}|[^\W\d_]{1,12}\.?)([./-]|\.? )\d{2,4}\b.*")
MIDNIGHT = re.compile(r"\s+(?:12:00\s*AM|0?0:00(?::00(?:\.0+)?)?)\s*\Z", re.IGNORECASE)
CATEGORIES = {"to do": Status.TODO, "new": Status.TODO, "in progress": Status.IN_PROGRESS, "done": Status.DONE}
ESTIMATE = "original estimate"  # in seconds


def is_jira(data: bytes) -> bool:
    """Return whether a file has the headers of Jira."""
    headers = set(headers_in(data))
    return "summary" in headers and bool(headers & {"issue key", ISSUE_ID})


def read_jira(data: bytes, *, most: int) -> Content:
    """Return the table with what its columns mean; ValidationError at /file: `unsupported_file`, `too_many`."""
    table = read_table(data, most=most)
    headers = [header.lower() for header in table.headers]
    if not {*TARGETS["title"], *TARGETS["external_id"]} & set(headers):
        raise unsupported("The file is not an export of Jira: it needs the columns Summary and Issue key, in English.")
    table.targets, table.refine, table.statuses = _targets(headers), _refine, _statuses(headers, table.cells)
    return table


def _targets(headers: Sequence[str]) -> dict[str, str]:
    targets = {str(index): REPEATED.get(header, "metadata") for index, header in enumerate(headers)}
    for target, names in TARGETS.items():
        index = next((headers.index(name) for name in names if name in headers), None)
        if index is not None:
            targets[str(index)] = target
    return targets


def _statuses(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return our words for the statuses of a file, by the category that it gives for each."""
    if not {"status", "status category"} <= set(headers):
        return {}
    status, category = headers.index("status"), headers.index("status category")
    found: dict[str, str] = {}
    for cells in rows:
        if len(cells) > max(status, category) and (word := CATEGORIES.get(cells[category].strip().lower())):
            found.setdefault(cells[status].strip(), word.value)
    return found


@dataclass
class _Issue:
    """An item with what has no place of its own, by headers in lower case."""

    item: Item
    members: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # headers as they are written

    @classmethod
    def of(cls, item: Item) -> _Issue:
        issue = cls(item)
        for name, value in item.extra.items():
            issue.names.setdefault(name.lower(), name)
            issue.members.setdefault(name.lower(), []).extend(value if isinstance(value, list) else [value])
        return issue

    def first(self, header: str) -> str:
        return next(iter(self.members.get(header, ())), "")

    def drop(self, header: str) -> None:
        """Leave a member out of the metadata, since it has got a place."""
        self.item.extra.pop(self.names.get(header, ""), None)


def _refine(items: Sequence[Item]) -> None:
    _Refining(items).refine()


class _Refining:
    """Reads what stands in the cells of a file, of all items at once, since keys and ids name others of them."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.issues = [_Issue.of(item) for item in items]
        self.by_key = {issue.item.external_id: issue for issue in self.issues}
        self.keys = {number: issue.item.external_id for issue in self.issues if (number := issue.first(ISSUE_ID))}
        self.people = self._people()

    def refine(self) -> None:
        """Set comments, days, durations, parents and relations of the items."""
        for issue in self.issues:
            issue.item.comments = [self._comment(each) for each in issue.item.comments]
            if len(issue.item.due) <= LONGEST:
                issue.item.due = MIDNIGHT.sub("", issue.item.due)
            _estimate(issue)
            self._parent(issue)
        for issue in self.issues:
            self._links(issue)

    def _people(self) -> dict[str, str]:
        """Return the names of people by the ids that comments have them with."""
        people: dict[str, str] = {}
        for issue in self.issues:
            item = issue.item
            for column in PEOPLE:
                known = {"assignee": item.assignee, "reporter": item.creator}.get(column, "")
                names = [known] if known else issue.members.get(column, [])
                ids = issue.members.get(f"{column} id", [])
                if len(names) == len(ids):
                    people.update(zip(ids, names, strict=True))
        return people

    def _comment(self, comment: FoundComment) -> FoundComment:
        """Return a comment of a cell `date;author;text`; others have only a text."""
        found = COMMENT.fullmatch(comment.body)
        if found is None or DATE.fullmatch(found[1]) is None:
            return comment
        author = found[2].strip()
        return FoundComment(found[3], author=self.people.get(author, author), at=found[1].strip())

    def _key(self, text: str) -> str:
        """Return the key of an issue that is named by its key or by its id."""
        text = text.strip()
        return text if text in self.by_key else self.keys.get(text, text)

    def _parent(self, issue: _Issue) -> None:
        named = [issue.item.parent, *(issue.first(header) for header in PARENTS)]
        keys = [self._key(text) for text in named if text]
        keys = [key for key in keys if key != issue.item.external_id]
        issue.item.parent = next((key for key in keys if key in self.by_key), keys[0] if keys else "")

    def _links(self, issue: _Issue) -> None:
        for header in CHILDREN:
            if header in issue.members and self._adopt(issue, _split(issue.members[header])):
                issue.drop(header)
        for header, cells in issue.members.items():
            link = _link_in(header)
            if link is None:
                continue
            (outward, kind), others = link, _split(cells)
            if kind in SUBTASKS:
                self._below(issue, others, outward=outward)
                continue
            there, back = KINDS.get(kind, (OTHER_KIND, OTHER_KIND))
            keys = dict.fromkeys(self._key(other) for other in others)
            issue.item.relations += [FoundRelation(there if outward else back, key) for key in keys]
            if kind in KINDS:
                issue.drop(header)

    def _below(self, issue: _Issue, others: Sequence[str], *, outward: bool) -> None:
        if outward:
            self._adopt(issue, others)
        elif others and not issue.item.parent:
            issue.item.parent = self._key(others[0])

    def _adopt(self, issue: _Issue, others: Sequence[str]) -> bool:
        """Put issues that have no parent below this one; return whether all of them are in the file."""
        children = [self.by_key.get(self._key(other)) for other in others]
        for child in children:
            if child is not None and child is not issue and not child.item.parent:
                child.item.parent = issue.item.external_id
        return None not in children


@lru_cache(maxsize=1_000)
def _link_in(header: str) -> tuple[bool, str] | None:
    """Return whether a column has outward links, and of which type; None for one that has no links."""
    found = LINK.fullmatch(header)
    return (found[1] == "outward", found[2].strip()) if found else None


def _split(cells: Sequence[str]) -> list[str]:
    return [key for cell in cells for key in KEYS.split(cell) if key]


def _estimate(issue: _Issue) -> None:
    """Take whole minutes of an estimate for the duration, where nothing else is."""
    seconds = issue.first(ESTIMATE)
    if not issue.item.duration and re.fullmatch(r"[0-9]{1,10}", seconds) and int(seconds) and int(seconds) % 60 == 0:
        issue.item.duration = str(int(seconds) // 60)
        issue.drop(ESTIMATE)
