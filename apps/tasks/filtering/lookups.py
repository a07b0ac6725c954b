"""What names in a filter stand for: ids of what the reader sees, in one statement for each kind of name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, TextField

from apps.common.lists.criteria import USER
from apps.common.lists.reads import statement
from apps.common.sql.statements import AnyOf
from apps.common.text.normal_form import NormalForm, normal_form
from apps.projects.models import Membership, Project
from apps.tasks.filtering.nodes import Kind, Value
from apps.tasks.filtering.reader import Reader
from apps.tasks.models import KEY, Label, Task
from apps.users.models import User

ID_MAX = 2**63 - 1
NAMES_MAX = 1_000  # compared with a name that is unknown
# What values stand for: ids by value; a value that stands for nothing visible is missing
Found = Mapping[Value, Sequence[int]]


def projects(values: Iterable[Value], reader: Reader) -> Found:
    """Return the visible projects with these keys and ids."""
    return _found(values, reader, _projects, lambda text: text.strip().upper())


def people(values: Iterable[Value], reader: Reader) -> Found:
    """Return the people with these usernames and ids whom the reader sees.

    These are the members of visible projects, and creators and assignees of visible tasks (contract FI3).
    """
    given = list(values)
    mine = {value: [reader.user.pk] for value in given if value.kind == "me"}
    named = [value for value in given if value.kind != "me"]
    return {**mine, **_found(named, reader, _people, normal_form)}


def tasks(values: Iterable[Value], reader: Reader) -> Found:
    """Return the visible tasks with these keys and ids."""
    given = list(values)
    keys = [KEY.match(normal_form(value.content).upper()) for value in given if value.kind == "text"]
    parts = [(found[1], int(found[2])) for found in keys if found]
    bound = {"keys": sorted({key for key, _ in parts}), "numbers": sorted({number for _, number in parts})}
    return _found(given, reader, _tasks, _as_key, bound)


def labels(values: Iterable[Value], reader: Reader) -> Found:
    """Return the labels of visible projects with these names and ids."""
    return _found(values, reader, _labels, normal_form)


LOOKUPS: Mapping[str, Callable[[Iterable[Value], Reader], Found]] = {
    "projects": projects,
    "people": people,
    "tasks": tasks,
    "labels": labels,
}


def known_names(kind: str, reader: Reader) -> list[str]:
    """Return names of this kind that the reader sees, at most NAMES_MAX: what a wrong one may have been meant to be."""
    if kind not in NAMES:
        return []
    found = statement(("filter names", kind), NAMES[kind]).run({"user": reader.user.pk})
    return [name for (name,) in found]


def present_names(values: Iterable[Value], reader: Reader) -> dict[Value, Value]:
    """Return the present names of ids of people, projects and tasks that the reader sees.

    A key that means more than this one thing to the reader is no name for it.
    """
    by_kind: dict[str, list[Value]] = defaultdict(list)
    for value in values:
        by_kind[value.kind].append(value)
    named = {Value("user", pk): Value("text", name) for pk, name in _rows(by_kind["user"], reader, _people)}
    lookups: list[tuple[Kind, Any, Any]] = [("project", _projects, projects), ("task", _tasks, tasks)]
    for kind, build, search in lookups:
        keys = {Value(kind, pk): Value("text", _joined(key)) for pk, *key in _rows(by_kind[kind], reader, build)}
        found = search(set(keys.values()), reader) if keys else {}
        named |= {value: key for value, key in keys.items() if len(found.get(key, ())) == 1}
    return named


def _found(
    values: Iterable[Value],
    reader: Reader,
    build: Callable[[], QuerySet[Any, Any]],
    form: Callable[[str], str],
    bound: Mapping[str, Any] | None = None,
) -> Found:
    """Return what the rows of a statement, (id, name) each, are for values that name them or have their id."""
    given = list(values)
    names = {form(value.content) for value in given if value.kind == "text"}
    rows = _rows(given, reader, build, names=sorted(names), **(bound or {}))
    by_name: dict[str, list[int]] = defaultdict(list)
    for pk, *name in rows:
        by_name[form(_joined(name))].append(pk)
    known = {row[0] for row in rows}
    matched = {
        value: by_name.get(form(value.content), [])
        if value.kind == "text"
        else [value.content] * (value.content in known)
        for value in given
    }
    return {value: sorted(found) for value, found in matched.items() if found}


def _rows(
    values: Sequence[Value], reader: Reader, build: Callable[[], QuerySet[Any, Any]], **bound: Any
) -> list[tuple[Any, ...]]:
    """Return the rows with the names of `bound` or with the ids of values."""
    if not values:
        return []
    ids = {value.content for value in values if value.kind != "text" and value.content <= ID_MAX}
    empty: dict[str, Any] = {"names": [], "keys": [], "numbers": []}
    parameters = empty | bound | {"user": reader.user.pk, "ids": sorted(ids)}
    return statement(("filter", build.__name__), build).run(parameters)


def _joined(name: Sequence[Any]) -> str:
    """Return a name from its columns: that of a task is its key."""
    return "-".join(map(str, name))


def _project_names() -> QuerySet[Project, Any]:
    return Project.objects.visible_to(USER).order_by("key").values_list("key").distinct()[:NAMES_MAX]


def _people_names() -> QuerySet[User, Any]:
    members = Membership.objects.filter(user=OuterRef("pk"), project__in=Project.objects.visible_to(USER).values("pk"))
    seen: QuerySet[User, Any] = User.objects.filter(Exists(members)).order_by("username").values_list("username")
    return seen[:NAMES_MAX]


def _label_names() -> QuerySet[Label, Any]:
    return Label.objects.visible_to(USER).order_by("name").values_list("name").distinct()[:NAMES_MAX]


NAMES: Mapping[str, Callable[[], QuerySet[Any, Any]]] = {
    "projects": _project_names,
    "people": _people_names,
    "labels": _label_names,
}


def _projects() -> QuerySet[Project, Any]:
    wanted = Q(AnyOf("key", "names", CharField())) | Q(AnyOf("pk", "ids"))
    return Project.objects.visible_to(USER).filter(wanted).values_list("pk", "key")


def _people() -> QuerySet[User, Any]:
    seen = Task.objects.visible_to(USER)
    visible = (
        Exists(
            Membership.objects.filter(user=OuterRef("pk"), project__in=Project.objects.visible_to(USER).values("pk"))
        )
        | Exists(seen.filter(assigned_to=OuterRef("pk")))
        | Exists(seen.filter(created_by=OuterRef("pk")))
    )
    wanted = Q(AnyOf(NormalForm("username"), "names", TextField())) | Q(AnyOf("pk", "ids"))
    found: QuerySet[User, Any] = User.objects.filter(wanted).filter(visible).values_list("pk", "username")
    return found


def _tasks() -> QuerySet[Task, Any]:
    # Two index look-ups instead of one OR that no index serves; keys and numbers of different values may meet as well
    by_key = Task.objects.filter(Q(AnyOf("project__key", "keys", CharField())), Q(AnyOf("number", "numbers")))
    by_id = Task.objects.filter(Q(AnyOf("pk", "ids")))
    wanted = by_key.values("pk").union(by_id.values("pk"))
    return Task.objects.visible_to(USER).filter(pk__in=wanted).values_list("pk", "project__key", "number")


def _labels() -> QuerySet[Label, Any]:
    wanted = Q(AnyOf("normal_name", "names", TextField())) | Q(AnyOf("pk", "ids"))
    return Label.objects.visible_to(USER).filter(wanted).values_list("pk", "normal_name")


def _as_key(text: str) -> str:
    found = KEY.match(normal_form(text).upper())
    return f"{found[1]}-{int(found[2])}" if found else ""
