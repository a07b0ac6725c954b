"""The archive that an export makes (contract EX2): the tables of one project, and its files where they came along."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from typing import Any

from apps.imports.sources.items import (
    Content,
    FoundComment,
    FoundFile,
    FoundLabel,
    FoundProject,
    FoundRelation,
    FoundView,
    Item,
)
from apps.imports.sources.json_texts import list_of, object_of, parsed, read_json, text_of
from apps.imports.sources.texts import too_many, unsupported
from apps.imports.sources.zips import SafeZip

FORMAT = "taskhouse/1"
MANIFEST = "manifest.json"
TASKS = "tasks.ndjson"
FOLDER = re.compile(r"(?:projects/([^/]+)/)?tasks\.ndjson")  # of one project of an account, see `exports`
ROWS_TO_TASKS = 10  # how many times more rows than tasks the other tables may have
SETTINGS = ("on_parent_done", "new_tasks", "blocked_done")
NAMED = 10  # projects that an answer lists
# What an item has a place for, and what an import makes anew
KNOWN = {
    *("id", "key", "number", "title", "description", "status", "priority", "due_date", "due_on", "duration"),
    *("metadata", "rank", "completed_at", "archived_at", "version", "created_at", "updated_at", "labels"),
    *("assigned_to", "created_by", "parent", "parent_id", "external"),
}
LISTS, OBJECTS = ("labels",), ("metadata", "assigned_to", "created_by")


def read_archive(data: bytes, *, most: int) -> Content:
    """Return what the archive of a project has; ValidationError at /file: `unsupported_file`, `too_many`."""
    archive = SafeZip(data)
    if MANIFEST not in archive.names:
        raise unsupported(f"The archive has no {MANIFEST}: it is none of an export.")
    manifest = object_of(read_json(archive.text(MANIFEST)))
    if manifest.get("format") != FORMAT:
        raise unsupported(f"The archive's format is “{text_of(manifest.get('format'))[:50]}”; only {FORMAT} is read.")
    return _Reader(archive, _folder(archive), text_of(manifest.get("installation")), most).content()


def _folder(archive: SafeZip) -> str:
    """Return where the tables of the one project in the archive lie."""
    found = [(name.removesuffix(TASKS), match[1]) for name in archive.names if (match := FOLDER.fullmatch(name))]
    if not found:
        raise unsupported(f"The archive has no project: there is no {TASKS}.")
    if len(found) > 1:
        names = ", ".join(str(name)[:50] for _, name in found[:NAMED]) + (", …" if len(found) > NAMED else "")
        raise unsupported(f"The archive has {len(found)} projects ({names}): leave the one to be imported.")
    return found[0][0]


class _Reader:
    """Reads the tables of one project."""

    def __init__(self, archive: SafeZip, folder: str, installation: str, most: int) -> None:
        self.archive, self.folder, self.most = archive, folder, most
        self.prefix = f"{installation}:" if installation else ""  # two installations have tasks of the same id
        self.warnings: list[str] = []

    def content(self) -> Content:
        """Return everything but what belongs to people: members, notifications and events."""
        labels = {_id(row): row for row in self._rows("labels")}
        names = {pk: text_of(row.get("name")) for pk, row in labels.items()}
        tasks = list(self._rows("tasks"))
        items = [self._item(number, row, names) for number, row in enumerate(tasks, 1)]
        by_id = {_id(row): item for row, item in zip(tasks, items, strict=True)}
        projects = list(self._rows("project"))
        self._add_comments(by_id)
        self._add_relations(by_id)
        self._add_files(by_id)
        return Content(
            items=items,
            labels=[_label(row) for row in labels.values()],
            project=next(map(_project, projects), None),
            warnings=self.warnings,
            views=[_view(row) for row in self._rows("views")],
            people=self._people(tasks),
            label_names=names,
            project_id=next(map(_id, projects), ""),
            prefix=self.prefix,
        )

    def _rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table; there is none if it is not in the archive."""
        name = f"{self.folder}{table}.ndjson"
        most = self.most if table == "tasks" else ROWS_TO_TASKS * self.most
        if name not in self.archive.names:
            return
        for number, line in enumerate(self.archive.lines(name), 1):
            if number > most:
                raise too_many(self.most)
            row = parsed(line)
            if not isinstance(row, dict):
                raise unsupported(f"Row {number} of {table}.ndjson is not an object.")
            yield row

    def _people(self, tasks: list[dict[str, Any]]) -> dict[str, str]:
        """Return the usernames of people by their ids: members, and those whom tasks name."""
        found = [object_of(row.get("user")) for row in self._rows("members")]
        found += [object_of(row.get(name)) for row in tasks for name in ("assigned_to", "created_by")]
        return {_id(person): text_of(person.get("username")) for person in found if person}

    def _item(self, number: int, row: dict[str, Any], labels: dict[str, str]) -> Item:
        item = Item(
            row=number,
            external_id=self._external(row.get("id")),
            title=text_of(row.get("title")),
            description=text_of(row.get("description")),
            status=text_of(row.get("status")),
            priority=text_of(row.get("priority")),
            assignee=_username(row.get("assigned_to")),
            creator=_username(row.get("created_by")),
            due=text_of(row.get("due_on")) or text_of(row.get("due_date")),
            due_end=text_of(row.get("due_date")),
            created_at=text_of(row.get("created_at")),
            completed_at=text_of(row.get("completed_at")),
            duration=text_of(row.get("duration")),
            parent=self._external(row.get("parent")),
            archived=row.get("archived_at") is not None,
            archived_at=text_of(row.get("archived_at")),
            metadata=object_of(row.get("metadata")),
            extra={name: value for name, value in row.items() if name not in KNOWN},
        )
        for pk in list_of(row.get("labels")):
            name = labels.get(text_of(pk), "")
            if name:
                item.labels.append(name)
            else:
                item.warnings.append("It carries a label that the archive does not have.")
        wrong = [name for name in LISTS if not isinstance(row.get(name, []), list)]
        wrong += [name for name in OBJECTS if not isinstance(row.get(name) or {}, dict)]
        item.warnings += [f"“{name}” is of a wrong type and was left out." for name in wrong]
        return item

    def _external(self, value: Any) -> str:
        text = text_of(value)
        return f"{self.prefix}{text}" if text else ""

    def _add_comments(self, items: dict[str, Item]) -> None:
        former: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in self._rows("comment_versions"):
            former[text_of(row.get("comment"))].append((text_of(row.get("body")), text_of(row.get("written_at"))))
        lost = 0
        for row in self._rows("comments"):
            item = items.get(text_of(row.get("task")))
            if item is None:
                lost += 1
                continue
            comment = FoundComment(
                body=text_of(row.get("body")),
                author=_username(row.get("author")),
                at=text_of(row.get("created_at")),
                edited_at=text_of(row.get("edited_at")),
                former=former.get(_id(row), ()),
            )
            item.comments.append(comment)
        self._warn(lost, "comments are of tasks that the archive does not have.")

    def _add_relations(self, items: dict[str, Item]) -> None:
        lost = 0
        for row in self._rows("relations"):
            first, second = (text_of(object_of(row.get(end)).get("id")) for end in ("from", "to"))
            if first not in items or second not in items:
                lost += 1
                continue
            relation = FoundRelation(
                kind=text_of(row.get("kind")),
                other=items[second].external_id,
                author=_username(row.get("created_by")),
                at=text_of(row.get("created_at")),
            )
            items[first].relations.append(relation)
        self._warn(lost, "relations lead to tasks of other projects, which the archive does not name.")

    def _add_files(self, items: dict[str, Item]) -> None:
        names, lost, absent = set(self.archive.names), 0, 0
        for row in self._rows("attachments"):
            item, place = items.get(text_of(row.get("task"))), f"{self.folder}{text_of(row.get('file'))}"
            if item is None:
                lost += 1
                continue
            is_there = place in names and not place.endswith(".ndjson")
            absent += not is_there
            file = FoundFile(
                name=text_of(row.get("name")),
                open=partial(self.archive.chunks, place) if is_there else None,
                author=_username(row.get("uploaded_by")),
                at=text_of(row.get("uploaded_at")),
            )
            item.files.append(file)
        self._warn(lost, "files are of tasks that the archive does not have.")
        self._warn(absent, "files of tasks are not in the archive.")

    def _warn(self, number: int, text: str) -> None:
        if number:
            self.warnings.append(f"{number} {text}")


def _id(row: dict[str, Any]) -> str:
    return text_of(row.get("id"))


def _username(value: Any) -> str:
    return text_of(object_of(value).get("username"))


def _label(row: dict[str, Any]) -> FoundLabel:
    name, color, description, created_at = (
        text_of(row.get(column)) for column in ("name", "color", "description", "created_at")
    )
    return FoundLabel(name=name, color=color, description=description, created_at=created_at)


def _view(row: dict[str, Any]) -> FoundView:
    return FoundView(
        name=text_of(row.get("name")),
        ast=row.get("ast"),
        owner=_username(row.get("owner")),
        ordering=text_of(row.get("ordering")),
        layout=text_of(row.get("layout")),
        group_by=text_of(row.get("group_by")),
        columns=[text_of(column) for column in list_of(row.get("columns"))],
        created_at=text_of(row.get("created_at")),
    )


def _project(row: dict[str, Any]) -> FoundProject:
    return FoundProject(
        name=text_of(row.get("name")),
        key=text_of(row.get("key")),
        description=text_of(row.get("description")),
        created_at=text_of(row.get("created_at")),
        settings={name: text_of(row.get(name)) for name in SETTINGS},
    )
