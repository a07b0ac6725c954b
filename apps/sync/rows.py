"""The present state of objects, as their person sees it: one statement for each type (contract SY4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

from apps.common.lists.kept import statement
from apps.common.sql.statements import AnyOf, AnyPairOf, Parameter
from apps.projects.models import Membership, Project
from apps.sync.relations import relation_copies
from apps.sync.shapes import people_in, sync_json
from apps.sync.types import Ref, SyncType
from apps.tasks.labels.colors import text_color
from apps.tasks.models import Attachment, Comment, Label, SavedView, Task


class Shown(NamedTuple):
    """An object as it is now: its project, its JSON, and the ids of the people in it."""

    project: int
    text: str
    people: Sequence[int]


Identity = tuple[Any, ...]
Present = Mapping[Identity, Shown]  # the objects of a page that are visible now
IN_EACH_PROJECT = frozenset({SyncType.MEMBER, SyncType.RELATION})  # another object in each


def identity(ref: Ref) -> Identity:
    """Return what tells the object from others."""
    project, sync_type, pk = ref
    return (sync_type, project, pk) if sync_type in IN_EACH_PROJECT else (sync_type, pk)


def load(refs: Iterable[Ref], *, user_id: int, projects: Collection[int]) -> Present:
    """Return those of the objects that this person sees in these projects; at most one statement for each type."""
    by_type: dict[SyncType, list[Ref]] = {}
    for ref in dict.fromkeys(refs):
        by_type.setdefault(ref.type, []).append(ref)
    present: dict[Identity, Shown] = {}
    for sync_type, wanted in by_type.items():
        if sync_type is SyncType.RELATION:
            copies = relation_copies({ref.id for ref in wanted}, user_id=user_id, projects=projects)
            for (project, pk), (text, people) in copies.items():
                present[sync_type, project, pk] = Shown(project, text, people)
        else:
            present.update(_rows_of(sync_type, wanted, user_id=user_id, projects=projects))
    return present


def _rows_of(sync_type: SyncType, wanted: Collection[Ref], *, user_id: int, projects: Collection[int]) -> Present:
    values = {"user": user_id, "projects": sorted(projects)}
    if sync_type is SyncType.MEMBER:
        values |= {"projects": [ref.project for ref in wanted], "ids": [ref.id for ref in wanted]}
    else:
        values["ids"] = sorted({ref.id for ref in wanted})
    rows = statement(("sync", sync_type), lambda: _rows(sync_type)).run(values)
    if sync_type is SyncType.MEMBER:
        return {(sync_type, row[1], row[0]): Shown._make(row[1:]) for row in rows}
    if sync_type is SyncType.LABEL:
        rows = [(*row[:2], _with_text_color(row[2], row[4]), row[3]) for row in rows]
    return {(sync_type, row[0]): Shown._make(row[1:]) for row in rows}


def _with_text_color(text: str, color: str) -> str:
    return f'{text[:-1]}, "text_color": {json.dumps(text_color(color))}}}'


def _rows(sync_type: SyncType) -> QuerySet[Any, Any]:
    """Build the rows of a type: id, project, JSON, people."""
    rows = SCOPES[sync_type](Parameter("user"))
    pk = "user_id" if sync_type is SyncType.MEMBER else "pk"
    project = F("pk" if sync_type is SyncType.PROJECT else "project_id")
    more = ["color"] if sync_type is SyncType.LABEL else []
    shown: QuerySet[Any, Any] = rows.values_list(pk, project, sync_json(sync_type), people_in(sync_type), *more)
    return shown


def _of_projects(rows: Callable[[Any], QuerySet[Any, Any]]) -> Callable[[Any], QuerySet[Any, Any]]:
    return lambda user: rows(user).filter(AnyOf("pk", "ids"), AnyOf("project_id", "projects"))


def _projects(user: Any) -> QuerySet[Any, Any]:
    return Project.objects.visible_to(user).filter(AnyOf("pk", "ids"), AnyOf("pk", "projects"))


def _members(user: Any) -> QuerySet[Any, Any]:
    wanted = AnyPairOf(("project_id", "projects"), ("user_id", "ids"))
    return Membership.objects.filter(wanted, project__in=Project.objects.visible_to(user).values("pk"))


SCOPES: Mapping[SyncType, Callable[[Any], QuerySet[Any, Any]]] = {
    SyncType.PROJECT: _projects,
    SyncType.MEMBER: _members,
    SyncType.LABEL: _of_projects(lambda user: Label.objects.visible_to(user)),
    SyncType.TASK: _of_projects(lambda user: Task.objects.visible_to(user)),
    SyncType.COMMENT: _of_projects(lambda user: Comment.objects.visible_to(user)),
    SyncType.ATTACHMENT: _of_projects(lambda user: Attachment.objects.visible_to(user)),
    SyncType.VIEW: _of_projects(lambda user: SavedView.objects.visible_to(user).filter(is_shared=True)),
}
