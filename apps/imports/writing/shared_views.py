"""The shared views that a file has: what their filters name by ids is found again here, or the view is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from apps.common.errors import DomainError
from apps.imports.judging.values import Judge, shown_name
from apps.imports.models import ImportJob
from apps.imports.sources.items import Content, FoundView
from apps.imports.writing.linking import tasks_by_external_id
from apps.projects.models import Membership, Project
from apps.tasks.filtering.checking import check
from apps.tasks.filtering.json_form import as_json, read_json
from apps.tasks.filtering.nodes import Comparison, Node, Value, each_test
from apps.tasks.filtering.reader import reader_of
from apps.tasks.filtering.writing import write
from apps.tasks.models import DEFAULT_ORDERING, VIEW_NAME_LENGTH, GroupBy, Layout, SavedView
from apps.tasks.saved_views.services import import_views
from apps.tasks.saved_views.stored import mapped, shown

ORDERED_BY = ("created_at", "updated_at", "due_date", "priority", "status", "title", "rank")  # as the list of tasks
ORDERING = re.compile(rf"-?(?:{'|'.join(ORDERED_BY)})(?:,-?(?:{'|'.join(ORDERED_BY)})){{0,6}}")
COLUMN = re.compile(r"[a-z_]{1,40}")
COLUMNS_MAX = 20


class _LostError(Exception):
    """A filter names something that there is not."""


def make_views(job: ImportJob, project: Project, content: Content, judge: Judge) -> list[str]:
    """Share the views of a file in the locked project, unless they are there; return what is to be warned of."""
    if not content.views:
        return []
    warnings, views = [], []
    finder = _Finder(job, project, content, judge)
    for found in content.views:
        name = shown_name(found.name)[:VIEW_NAME_LENGTH]
        try:
            views.append(finder.view(found, name))
        except (_LostError, DomainError):
            warnings.append(f"The view “{name}” was left out: its filter names something that is not here.")
    dropped = import_views(project, views, actor_id=job.created_by_id)
    return warnings + [f"There is no room for the view “{name}”." for name in dropped]


class _Finder:
    """Finds here what filters of a file name: people by their usernames, tasks as the import has made them."""

    def __init__(self, job: ImportJob, project: Project, content: Content, judge: Judge) -> None:
        self.job, self.project, self.content, self.judge = job, project, content, judge
        members = Membership.objects.filter(project=project).select_related("user")
        self.members = {member.user.username: member.user for member in members}
        self.by_id = {member.user_id: member.user for member in members}

    def view(self, found: FoundView, name: str) -> SavedView:
        """Return a view, not saved. Raises _LostError, and FilterError for what is no filter."""
        owner = self.by_id.get(self._person(found.owner) or 0, self.job.created_by)
        if not name:
            raise _LostError
        node = read_json(found.ast)
        check(node)
        if node is not None:
            self._tasks = self._tasks_named(node)
            node = mapped(node, self._here)
        [named] = shown([node], reader_of(owner))
        created_at = self.judge.instant(found.created_at) or self.judge.now
        return SavedView(
            owner=owner,
            project=self.project,
            name=name,
            filter=write(named) if named is not None else "",
            ast=as_json(node),
            ordering=found.ordering if ORDERING.fullmatch(found.ordering) else DEFAULT_ORDERING,
            layout=found.layout if found.layout in Layout.values else Layout.LIST,
            group_by=found.group_by if found.group_by in GroupBy.values else None,
            columns=[column for column in found.columns if COLUMN.fullmatch(column)][:COLUMNS_MAX],
            is_shared=True,
            created_at=created_at,
            updated_at=created_at,
        )

    def _person(self, username: str) -> int | None:
        member = self.members.get(username)
        return self.judge.person(username) or (member.pk if member else None)

    def _tasks_named(self, node: Node) -> Mapping[str, int]:
        tests = [test for test, _ in each_test(node) if isinstance(test, Comparison)]
        ids = [self._external(value) for test in tests for value in test.values if value.kind == "task"]
        return {name: task.pk for name, task in tasks_by_external_id(self.job, self.project, ids).items()}

    def _external(self, value: Value) -> str:
        return f"{self.content.prefix}{value.content}"

    def _here(self, test: Comparison) -> Node:
        return replace(test, values=tuple(self._value(test.name, value) for value in test.values))

    def _value(self, field: str, value: Value) -> Value:
        if value.kind == "user":
            return self._found(value, self._person(self.content.people.get(str(value.content), "")))
        if value.kind == "task":
            return self._found(value, self._tasks.get(self._external(value)))
        if value.kind == "project":
            return self._found(value, self.project.pk if str(value.content) == self.content.project_id else None)
        if field == "label" and value.kind in ("label", "number", "text"):
            name = value.content if value.kind == "text" else self.content.label_names.get(str(value.content), "")
            return self._found(replace(value, kind="text"), self.job.mapping["labels"].get(name, name))
        return value

    def _found(self, value: Value, content: int | str | None) -> Value:
        if not content:
            raise _LostError
        return replace(value, content=content)
