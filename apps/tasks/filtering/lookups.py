"""What names in a filter stand for: ids of what the reader sees, in one statement for each kind of name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, CharField, Exists, OuterRef, Q, QuerySet, TextField

from apps.common.lists.criteria import USER
from apps.common.lists.kept import statement
from apps.common.sql.statements import AnyOf, Parameter
from apps.common.text.normal_form import NormalForm, normal_form
from apps.projects.models import Membership, Project
from apps.tasks.filtering.nodes import Kind, Value
from apps.tasks.filtering.reader import Reader
from apps.tasks.models import KEY, Label, Task
from apps.users.models import User

ID_MAX = 2**63 - 1
NAMES_MAX = 1_000  # compared with a name that is unknown
PROJECT = Parameter("project", BigIntegerField())  # the only one that is seen, for a reader who is no person
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
    return [name for (name,) in _run("filter names", NAMES[kind], reader, {})]


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


@dataclass(frozen=True)
class Seen:
    """What a reader sees: what a person does, or one project."""

    projects: QuerySet[Project]
    tasks: QuerySet[Task]
    labels: QuerySet[Label]


def _seen_by_person() -> Seen:
    return Seen(Project.objects.visible_to(USER), Task.objects.visible_to(USER), Label.objects.visible_to(USER))


def _seen_in_project() -> Seen:
    return Seen(
        Project.objects.kept().filter(pk=PROJECT),
        Task.objects.kept().filter(project=PROJECT),
        Label.objects.filter(project=PROJECT),
    )


Build = Callable[[Seen], QuerySet[Any, Any]]


def _found(
    values: Iterable[Value],
    reader: Reader,
    build: Build,
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


def _rows(values: Sequence[Value], reader: Reader, build: Build, **bound: Any) -> list[tuple[Any, ...]]:
    """Return the rows with the names of `bound` or with the ids of values."""
    if not values:
        return []
    ids = {value.content for value in values if value.kind != "text" and value.content <= ID_MAX}
    empty: dict[str, Any] = {"names": [], "keys": [], "numbers": []}
    parameters = empty | bound | {"ids": sorted(ids)}
    return _run("filter", build, reader, parameters)


def _run(purpose: str, build: Build, reader: Reader, bound: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement for what the reader sees."""
    if reader.project_id is not None:
        name = (f"{purpose} in project", build.__name__)
        return statement(name, lambda: build(_seen_in_project())).run({**bound, "project": reader.project_id})
    return statement((purpose, build.__name__), lambda: build(_seen_by_person())).run({**bound, "user": reader.user.pk})


def _joined(name: Sequence[Any]) -> str:
    """Return a name from its columns: that of a task is its key."""
    return "-".join(map(str, name))


def _project_names(seen: Seen) -> QuerySet[Project, Any]:
    return seen.projects.order_by("key").values_list("key").distinct()[:NAMES_MAX]


def _people_names(seen: Seen) -> QuerySet[User, Any]:
    members = Membership.objects.filter(user=OuterRef("pk"), project__in=seen.projects.values("pk"))
    people: QuerySet[User, Any] = User.objects.filter(Exists(members)).order_by("username").values_list("username")
    return people[:NAMES_MAX]


def _label_names(seen: Seen) -> QuerySet[Label, Any]:
    return seen.labels.order_by("name").values_list("name").distinct()[:NAMES_MAX]


NAMES: Mapping[str, Build] = {
    "projects": _project_names,
    "people": _people_names,
    "labels": _label_names,
}


def _projects(seen: Seen) -> QuerySet[Project, Any]:
    wanted = Q(AnyOf("key", "names", CharField())) | Q(AnyOf("pk", "ids"))
    return seen.projects.filter(wanted).values_list("pk", "key")


def _people(seen: Seen) -> QuerySet[User, Any]:
    visible = (
        Exists(Membership.objects.filter(user=OuterRef("pk"), project__in=seen.projects.values("pk")))
        | Exists(seen.tasks.filter(assigned_to=OuterRef("pk")))
        | Exists(seen.tasks.filter(created_by=OuterRef("pk")))
    )
    wanted = Q(AnyOf(NormalForm("username"), "names", TextField())) | Q(AnyOf("pk", "ids"))
    found: QuerySet[User, Any] = User.objects.filter(wanted).filter(visible).values_list("pk", "username")
    return found


def _tasks(seen: Seen) -> QuerySet[Task, Any]:
    # Two index look-ups instead of one OR that no index serves; keys and numbers of different values may meet as well
    by_key = Task.objects.filter(Q(AnyOf("project__key", "keys", CharField())), Q(AnyOf("number", "numbers")))
    by_id = Task.objects.filter(Q(AnyOf("pk", "ids")))
    wanted = by_key.values("pk").union(by_id.values("pk"))
    return seen.tasks.filter(pk__in=wanted).values_list("pk", "project__key", "number")


def _labels(seen: Seen) -> QuerySet[Label, Any]:
    wanted = Q(AnyOf("normal_name", "names", TextField())) | Q(AnyOf("pk", "ids"))
    return seen.labels.filter(wanted).values_list("pk", "normal_name")


def _as_key(text: str) -> str:
    found = KEY.match(normal_form(text).upper())
    return f"{found[1]}-{int(found[2])}" if found else ""
