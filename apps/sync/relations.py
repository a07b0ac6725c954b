"""The copies of a relation: one in each project that has an end of it (contract SY12)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from apps.common.lists.kept import statement
from apps.common.sql.json import Instant
from apps.common.sql.statements import AnyOf, Parameter
from apps.projects.models import Project
from apps.sync.shapes import as_text
from apps.tasks.models import Relation, RelationKind
from apps.tasks.relations.kinds import Link

Copies = Mapping[tuple[int, int], tuple[str, tuple[int, ...]]]


class _Row(NamedTuple):
    id: int
    kind: str
    from_id: int
    from_project: int
    from_kept: bool
    to_id: int
    to_project: int
    to_kept: bool
    created_by: int | None
    created_at: str


def relation_copies(ids: Collection[int], *, user_id: int, projects: Collection[int]) -> Copies:
    """Return {(project, relation): (JSON, ids of people in it)} of those in these projects, in one statement."""
    values = {"ids": sorted(ids), "user": user_id, "projects": sorted(projects)}
    rows = statement(("sync", "relation"), _rows).run(values)
    return {
        (project, row.id): (json.dumps(copy), tuple(who for who in (copy["created_by"],) if who is not None))
        for row in map(_Row._make, rows)
        for project, copy in _copies(row)
        if project in projects
    }


def _rows() -> QuerySet[Relation, Any]:
    visible = Project.objects.visible_to(Parameter("user")).filter(AnyOf("pk", "projects")).values("pk")
    mine = Relation.objects.filter(Q(from_project__in=visible) | Q(to_project__in=visible), AnyOf("pk", "ids"))
    kept = [ExpressionWrapper(Q(**{f"{end}__trash": None}), BooleanField()) for end in ("from_task", "to_task")]
    rows: QuerySet[Relation, Any] = mine.values_list(
        "pk",
        "kind",
        *("from_task_id", "from_project_id", kept[0]),
        *("to_task_id", "to_project_id", kept[1]),
        "created_by_id",
        as_text(Instant("created_at")),
    )
    return rows


def _copies(row: _Row) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (project, copy); an end in the trash has none, and none names a task of another project."""
    link = Link(RelationKind(row.kind), row.from_id, row.to_id)
    if row.from_project == row.to_project:
        if row.from_kept and row.to_kept:
            yield row.from_project, _copy(row, link, row.from_id, row.to_id)
        return
    if row.from_kept:
        yield row.from_project, _copy(row, link, row.from_id, None)
    if row.to_kept:
        yield row.to_project, _copy(row, link, row.to_id, None)


def _copy(row: _Row, link: Link, task: int, other: int | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": link.seen_from(task),
        "task": task,
        "other": other,
        "created_by": None if other is None else row.created_by,
        "created_at": row.created_at,
    }
