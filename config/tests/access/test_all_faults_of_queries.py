"""Contract 8, for every list of the schema: all bad parameters are reported at once, and none hides another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework.test import APIClient

from config.tests.access.expectations import EXPECTED
from config.tests.access.matrix import schema
from config.tests.access.world import World

BAD = {"page_size": ("0", "invalid"), "count": ("x", "invalid"), "ordering": ("zzz", "invalid_choice")}
UNKNOWN = ("/color", "unknown_parameter")


def lists(ids: Mapping[str, Any]) -> Iterator[tuple[str, set[str], set[str]]]:
    """Yield (path, names of the query parameters, those of them that take text) of each paged list."""
    for path, methods in schema()["paths"].items():
        described = methods.get("get", {})
        query = [one for one in described.get("parameters", []) if one["in"] == "query"]
        if any(one["name"] == "page_size" for one in query):
            kinds = EXPECTED[described["operationId"]].ids
            names = {one["name"] for one in query}
            yield path.format(**{name: ids[kind] for name, kind in kinds.items()}), names, names & {"search"}


def faults(world: World, path: str, query: str) -> Any:
    """Return {(pointer, code)} of what an owner is told, or staff where that is no page of owners."""
    for actor in ("owner", "staff"):
        headers = {"Authorization": f"Bearer {world.tokens[actor]}"}
        if (response := APIClient().get(f"{path}?{query}", headers=headers)).status_code != 403:
            break
    if response.status_code != 400:
        return response.status_code
    return {(error["pointer"], error["code"]) for error in response.json()["errors"]}


def test_contract_8_no_bad_parameter_hides_another_in_any_list(world):
    ids = world.places["own"].ids() | world.personal["owner"] | {"person": world.people["owner"].pk}
    wrong, seen = [], 0

    for path, names, texts in lists(ids):
        seen += 1
        sent = {name: bad for name, bad in BAD.items() if name in names}
        expected = {UNKNOWN} | {(f"/{name}", code) for name, (_, code) in sent.items()}
        query = "&".join(["color=red", *(f"{name}={value}" for name, (value, _) in sent.items())])
        if (found := faults(world, path, query)) != expected:
            wrong.append(f"{path}?{query}: {found}")
        for name in texts:
            query = f"{name}=Gr%F6%DFe&page_size=0"
            if (found := faults(world, path, query)) != {(f"/{name}", "invalid"), ("/page_size", "invalid")}:
                wrong.append(f"{path}?{query}: {found}")

    print(f"{seen} lists, wrong {len(wrong)}")
    assert seen > 10
    assert wrong == []
