"""What the hub reads from the database: who is still let in, and what everybody's state is."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.utils import timezone

from apps.sync.state import State, states_of
from apps.tokens.models import ApiToken
from apps.users.models import Session


@dataclass(frozen=True)
class Credential:
    """What a stream was opened with: a session or an API token, by its id."""

    kind: str
    id: int


Living = Callable[[Collection[int]], Collection[int]]


def live_sessions(ids: Collection[int]) -> Collection[int]:
    """Return those of the sessions that still let their active users in."""
    live = Session.objects.live(now=timezone.now()).filter(pk__in=ids, user__is_active=True)
    return set(live.values_list("pk", flat=True))


def live_tokens(ids: Collection[int]) -> Collection[int]:
    """Return those of the API tokens that still let their active people in."""
    live = ApiToken.objects.live(now=timezone.now()).filter(pk__in=ids, user__is_active=True)
    return set(live.values_list("pk", flat=True))


LIVING: dict[str, Living] = {"session": live_sessions, "token": live_tokens}


def read_all(people: Collection[int], credentials: Collection[Credential]) -> tuple[dict[int, State], set[Credential]]:
    """Return everybody's state, in one statement, and the credentials that are alive, one for each kind."""
    alive: set[Credential] = set()
    for kind in {credential.kind for credential in credentials}:
        ids = {credential.id for credential in credentials if credential.kind == kind}
        alive |= {Credential(kind, pk) for pk in LIVING[kind](ids)}
    return states_of(people), alive
