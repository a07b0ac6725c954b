"""Methods that an operation does not have are a 405 or less, and reveal nothing to an outsider."""

from collections import Counter

import pytest
from rest_framework.test import APIClient

from config.tests.access.expectations import EXPECTED
from config.tests.access.matrix import Rows, content_of, operations, undone

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


def other_methods(world):
    """Yield (method, address) for all that the schema does not list."""
    known: dict[str, set[str]] = {}
    kinds = {}
    for operation in operations():
        known.setdefault(operation.path, set()).add(operation.method)
        kinds[operation.path] = EXPECTED[operation.name].ids
    ids = world.places["own"].ids() | world.personal["stranger"] | {"person": world.stranger.pk}
    for path, methods in known.items():
        address = path.format(**{name: ids[kind] for name, kind in kinds[path].items()})
        yield from ((method, address) for method in METHODS if method not in methods)


@pytest.mark.parametrize("actor", ["anonymous", "outsider", "viewer", "owner"])
def test_other_methods_are_rejected_and_change_nothing(world, actor):
    client, rows, seen, wrong = APIClient(raise_request_exception=False), Rows(), Counter(), []
    token = world.tokens.get(actor)
    if token:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    for method, address in other_methods(world):
        with undone():
            response = client.generic(method.upper(), address, b"{}", content_type="application/json")
            seen[response.status_code] += 1
            content = content_of(response)
            if response.status_code >= 500 or (response.status_code < 400 and rows.have_changed()):
                wrong.append(f"{method} {address}: {response.status_code}")
            if method not in {"head", "options"} and response.status_code not in {401, 403, 404, 405}:
                wrong.append(f"{method} {address}: {response.status_code}")
            if actor == "outsider" and any(place.canary.encode() in content for place in world.places.values()):
                wrong.append(f"{method} {address} leaks")

    print(f"other methods as {actor}: {seen.total()} requests, {dict(sorted(seen.items()))}, wrong {len(wrong)}")
    assert wrong == []
