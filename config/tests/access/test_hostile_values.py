"""Nothing that a client can send is a 5xx, and what is rejected leaves nothing behind."""

from __future__ import annotations

import json
import time
from collections import Counter

import pytest
from rest_framework.test import APIClient

from config.tests.access.hostile import attacks
from config.tests.access.matrix import Rows, content_of, undone

EVERY = 3  # of all attacks


def send(client, attack, token):
    headers = dict(attack.headers)
    content_type = headers.pop("Content-Type", "application/json")
    body = b"" if attack.body is None else json.dumps(attack.body).encode()
    return client.generic(
        attack.method.upper(),
        attack.path,
        body,
        content_type=content_type,
        QUERY_STRING=attack.query,
        headers={"Authorization": f"Bearer {token}"} | headers,
    )


def described(attack):
    """Return what was sent where, short enough to read."""
    return (
        f"{attack.operation} {attack.where}: {attack.query[:80]} {str(attack.body)[:160]!r} {str(attack.headers)[:80]}"
    )


def assault(world, *, every):
    """Send every `every`-th attack as the owner; return (statuses, broken, left)."""
    place = world.places["own"]
    ids = place.ids() | world.personal["owner"] | {"person": world.people["owner"].pk}
    client = APIClient(raise_request_exception=False)
    rows = Rows()
    statuses, broken, left = Counter(), [], []
    for number, attack in enumerate(attacks(ids)):
        if number % every:
            continue
        with undone():
            response = send(client, attack, world.tokens["owner"])
            content_of(response)  # reads a file to its end, which closes it
            statuses[response.status_code] += 1
            if response.status_code >= 500:
                broken.append(f"{response.status_code} {described(attack)}")
            elif response.status_code >= 400:
                if response["Content-Type"] != "application/problem+json":
                    broken.append(f"{response.status_code} is {response['Content-Type']}: {described(attack)}")
                if attack.method != "get" and rows.have_changed():
                    left.append(described(attack))
    return statuses, broken, left


def check(world, *, every):
    began = time.monotonic()
    statuses, broken, left = assault(world, every=every)
    print(
        f"hostile values: {statuses.total()} requests, 5xx {sum(n for s, n in statuses.items() if s >= 500)}, "
        f"rejected but written {len(left)}, {dict(sorted(statuses.items()))}, {time.monotonic() - began:.0f} s"
    )
    assert broken == [], "\n".join(broken)
    assert left == [], "\n".join(left)
    return statuses.total()


@pytest.mark.sample
def test_a_sample_of_hostile_values_is_rejected_cleanly(world):
    assert check(world, every=12 * EVERY) > 500


@pytest.mark.slow
def test_every_hostile_value_is_rejected_cleanly(world):
    assert check(world, every=EVERY) >= 5_000
