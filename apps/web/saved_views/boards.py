"""The board of a view: its columns, what a card that comes to one of them gets, and where each card may go."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from apps.projects.models import Membership
from apps.tasks.models import GroupBy, Priority, SavedView, Status, Task
from apps.users.models import User
from apps.web.base.names import names_of_people
from apps.web.templatetags.pages import avatar, named, priority_sign, status_sign

PEOPLE_SHOWN = 12  # more have a column only where they have a card
NOBODY = ""
NO_SIGN = SafeString("")


@dataclasses.dataclass(frozen=True)
class Column:
    """A column; a card that comes to it gets `value`, and every card of it has that already."""

    name: str
    cards: list[Task]
    value: str = ""
    sign: SafeString = NO_SIGN


@dataclasses.dataclass(frozen=True)
class Board:
    """The columns of a view. `field` is what they set, empty where cards stay in their columns.

    `path` is that of the view. Without a field the menus of cards offer the `choices` of the status. `members` has the
    ids of the people that the tasks of a project can be given to, as texts; `has_more` says that there are others than
    those with a column.
    """

    path: str
    columns: list[Column]
    field: str
    choices: list[Column]
    members: Mapping[int, set[str]] = dataclasses.field(default_factory=dict)
    has_more: bool = False

    @property
    def sets(self) -> str:
        """Return the field that the menus of cards set."""
        return self.field or "status"

    def value_of(self, task: Task) -> str:
        """Return what the task has of that field."""
        if self.sets == "assigned_to":
            return str(task.assigned_to_id or NOBODY)
        return str(getattr(task, self.sets))

    def ways_of(self, task: Task) -> list[Column]:
        """Return the columns that the task may go to."""
        now = self.value_of(task)
        open_to = self.members.get(task.project_id, set()) | {NOBODY}
        return [
            each for each in self.choices if each.value != now and (self.sets != "assigned_to" or each.value in open_to)
        ]


def board_of(tasks: list[Task], view: SavedView, *, groups: Iterable[tuple[str, list[Task]]]) -> Board:
    """Return the columns of a page of tasks; `groups` are those of a view whose columns set nothing."""
    if kind := COLUMNS_OF.get(view.group_by):
        return kind(tasks, view)
    choices = _choices(Status.choices, status_sign, [], "status")
    return Board(_path(view), [Column(*each) for each in groups], "", choices)


def _path(view: SavedView) -> str:
    return reverse("view-page", args=[view.pk])


def announced(task: Task, field: str) -> str:
    """Return where the task stands now, as a sentence for people who do not see the board."""
    said = {
        "status": gettext("{key} {title} is in {column}"),
        "priority": gettext("{key} {title} has the priority {column}"),
        "assigned_to": gettext("{key} {title} is assigned to {column}"),
    }
    nobody = gettext("{key} {title} is assigned to nobody")
    column = {"status": task.get_status_display(), "priority": task.get_priority_display()}.get(field, "")
    if field == "assigned_to" and task.assigned_to_id:
        column = named(User.objects.get(pk=task.assigned_to_id))
    sentence = nobody if field == "assigned_to" and not column else said[field]
    return sentence.format(key=task.key, title=task.title, column=column)


def _by_status(tasks: list[Task], view: SavedView) -> Board:
    columns = _choices(Status.choices, status_sign, tasks, "status")
    return Board(_path(view), columns, "status", columns)


def _by_priority(tasks: list[Task], view: SavedView) -> Board:
    columns = _choices(reversed(Priority.choices), priority_sign, tasks, "priority")
    return Board(_path(view), columns, "priority", columns)


def _choices(
    choices: Iterable[tuple[Any, Any]], sign: Callable[[str], SafeString], tasks: list[Task], name: str
) -> list[Column]:
    return [
        Column(str(label), [each for each in tasks if getattr(each, name) == value], str(value), sign(value))
        for value, label in choices
    ]


def _by_assignee(tasks: list[Task], view: SavedView) -> Board:
    """Return a column for nobody and each person with a task, and for all members where they are few."""
    projects = {each.project_id for each in tasks} | ({view.project_id} if view.project_id else set())
    members = User.objects.filter(memberships__project__in=projects, is_active=True).distinct()
    found = list(members[: PEOPLE_SHOWN + 1])
    has_more = len(found) > PEOPLE_SHOWN
    people = {each.assigned_to_id: each.assigned_to for each in tasks if each.assigned_to is not None}
    people |= {} if has_more else {each.pk: each for each in found if each.pk not in people}
    belong: dict[int, set[str]] = {}
    memberships = Membership.objects.filter(project__in=projects, user__in=people, user__is_active=True)
    for project_id, user_id in memberships.values_list("project_id", "user_id"):
        belong.setdefault(project_id, set()).add(str(user_id))
    names = dict(names_of_people(people.values()))
    ordered: list[User | None] = [None, *sorted(people.values(), key=lambda each: named(each).casefold())]
    columns = [
        Column(
            names[each.pk] if each else gettext("Nobody"),
            [task for task in tasks if task.assigned_to_id == (each and each.pk)],
            str(each.pk) if each else NOBODY,
            avatar(each, is_decoration=True),
        )
        for each in ordered
    ]
    return Board(_path(view), columns, "assigned_to", columns, belong, has_more)


COLUMNS_OF: dict[str | None, Callable[[list[Task], SavedView], Board]] = {
    None: _by_status,
    GroupBy.STATUS: _by_status,
    GroupBy.PRIORITY: _by_priority,
    GroupBy.ASSIGNEE: _by_assignee,
}
