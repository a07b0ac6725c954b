"""How a person looks inside another object: the API's `{id, username, nickname, avatar}`, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from apps.common.sql.statements import AnyOf, Statement
from apps.users.avatars import avatar_url
from apps.users.models import User

PERSON_FIELDS = ("id", "username", "nickname", "avatar")


def people(ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    """Return {id: person} in one query, without one for no ids; PersonSerializer shows the same."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = _statement().run({"ids": wanted})
    return {
        pk: dict(zip(PERSON_FIELDS, (pk, name, nick, avatar_url(avatar)), strict=True))
        for pk, name, nick, avatar in rows
    }


@cache
def _statement() -> Statement:
    return Statement(User.objects.filter(AnyOf("pk", "ids")).values_list(*PERSON_FIELDS))
