"""Looks tokens up by id: their names for histories, and the door of what a token started and a job goes on with."""

from __future__ import annotations

from collections.abc import Mapping

from apps.common.origin import Door, Origin
from apps.tokens.models import ApiToken, ApiTokenProject


def names_of(ids: set[int]) -> Mapping[int, str]:
    """Return the names of the tokens with these ids, in one query."""
    return dict(ApiToken.objects.filter(pk__in=ids).values_list("pk", "name"))


def door_for(origin: Origin, *, user_id: int, token_id: int | None) -> Door:
    """Return the door for what a person's request left to the background: narrowed as the token's requests are.

    What a token started that is gone reaches nothing any more.
    """
    if token_id is None:
        return Door(origin)
    token = ApiToken.objects.filter(pk=token_id).first()
    if token is None:
        return Door(origin, token_id=token_id, user_id=user_id, projects=())
    listed = ApiTokenProject.objects.filter(token=token).values_list("project_id", flat=True)
    return Door(
        origin,
        token_id=token_id,
        user_id=user_id,
        scopes=frozenset(token.scopes),
        projects=None if token.all_projects else tuple(listed),
    )
