"""How histories name the API tokens by which changes came: the app of the tokens, above this one, fills it in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Names = Callable[[set[int]], Mapping[int, str]]

_names: list[Names] = []


def register_token_names(names: Names) -> None:
    """Say how tokens are called: `names(ids)` returns {id: name} in one query."""
    _names[:] = [names]


def token_names(ids: set[int]) -> Mapping[int, str]:
    """Return the names of the tokens with these ids; without a query when there are none."""
    return _names[0](ids) if _names and ids else {}
