"""What a person's copy is compared with: the last number of each visible project, and a digest of what is their own.

One statement reads it, for one person or for many (contract SY9, SY11).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    Case,
    Expression,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Subquery,
    TextField,
    When,
)
from django.db.models.functions import MD5, Cast

from apps.common.lists.kept import statement
from apps.common.models import Installation
from apps.common.sql.json import JsonObject
from apps.common.sql.statements import AnyOf
from apps.notifications.models import Notification
from apps.notifications.scopes import readable
from apps.projects.models import Project
from apps.tasks.models import SavedView
from apps.users.models import User
from apps.users.serializers import ProfileSerializer

NO_EPOCH = UUID(int=0)  # of a database that was emptied by hand


@dataclass(frozen=True)
class State:
    """`projects` maps visible projects to the numbers of their last events; `me` is a digest of what is personal."""

    user_id: int
    projects: Mapping[int, int]
    me: str
    epoch: UUID

    @cached_property
    def digest(self) -> str:
        """Return a text that is the same for equal states alone; the stream's id of an event, and the ETag."""
        text = json.dumps([self.epoch.hex, self.me, sorted(self.projects.items())], separators=(",", ":"))
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()

    def of_projects(self, ids: Collection[int] | None) -> State:
        """Return the state of these projects alone; of all for None."""
        if ids is None:
            return self
        return replace(self, projects={pk: seq for pk, seq in self.projects.items() if pk in ids})


def state_of(user: User) -> State:
    """Return the state as this person sees it, in one statement; the caller's API token narrows it (contract TK3)."""
    return states_of([user.pk])[user.pk]


def states_of(user_ids: Iterable[int]) -> dict[int, State]:
    """Return {person: state} of many people in one statement, without one for nobody.

    Nothing here asks whether they are active or what their tokens are limited to: see `State.of_projects`.
    """
    ids = sorted(set(user_ids))
    if not ids:
        return {}
    rows = statement(("sync state",), _states, is_planned_once=lambda: True).run({"people": ids})
    return {
        pk: State(user_id=pk, projects=dict(projects), me=me, epoch=epoch or NO_EPOCH)
        for pk, projects, me, epoch in rows
    }


class _Each(Expression):
    """The person of the row, at any depth of the statement: an OuterRef would mean the query around it."""

    def __init__(self) -> None:
        super().__init__(output_field=BigIntegerField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return f"{connection.ops.quote_name(User._meta.db_table)}.id", []


def _states() -> QuerySet[User, Any]:
    person = _Each()
    columns = (_projects(person), _me(person), Subquery(Installation.objects.values("epoch")[:1]))
    rows: QuerySet[User, Any] = User.objects.filter(AnyOf("pk", "people")).values_list("pk", *columns)
    return rows


def _projects(person: Any) -> ArraySubquery:
    pair: Func = Func(
        F("pk"), F("last_seq"), template="ARRAY[%(expressions)s]", output_field=ArrayField(BigIntegerField())
    )
    return ArraySubquery(Project.objects.visible_to(person).values_list(pair))


def _me(person: Any) -> Expression:
    """Return a digest of the profile, the number of unread notifications, personal views and favourites."""
    unread = Notification.objects.of(person).filter(readable(person)).unread()
    number = Func(F("pk"), function="count", output_field=IntegerField())
    personal = SavedView.objects.visible_to(person).filter(Q(is_shared=False) | Q(is_favourite=True)).order_by("pk")
    # Of a shared view only whether it is a favourite: the rest is no matter of the person's own
    version = Case(When(is_shared=False, then=F("version")), default=0, output_field=BigIntegerField())
    view: Func = Func(
        F("pk"), version, Cast("is_favourite", IntegerField()), template="ARRAY[%(expressions)s]",
        output_field=ArrayField(BigIntegerField()),
    )  # fmt: skip
    parts = JsonObject(
        profile=JsonObject(**{name: F(name) for name in _profile_columns()}),
        unread=Subquery(unread.values(total=number)),
        views=ArraySubquery(personal.values_list(view)),
    )
    return MD5(Cast(parts, TextField()))


def _profile_columns() -> list[str]:
    """Return the columns that the profile shows."""
    columns = {column.name for column in User._meta.concrete_fields}
    return [name for name in ProfileSerializer.Meta.fields if name in columns] + ["email_verified_at"]
