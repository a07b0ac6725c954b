"""Contract 1, Filters, for every operation of the schema: of a parameter sent twice no value is silently ignored."""

from __future__ import annotations

from typing import Any

from config.tests.access.expectations import EXPECTED
from config.tests.access.matrix import schema
from config.tests.access.test_all_faults_of_queries import faults


def parameters(ids: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Return (path, name of a query parameter, whether it takes several values) of every GET of the schema."""
    found = []
    for path, methods in schema()["paths"].items():
        described = methods.get("get", {})
        for one in described.get("parameters", []):
            if one["in"] == "query":
                kinds = EXPECTED[described["operationId"]].ids
                place = path.format(**{name: ids[kind] for name, kind in kinds.items()})
                found.append((place, one["name"], one["schema"].get("type") == "array"))
    return found


def test_contract_1_no_operation_takes_one_of_two_values(world):
    ids = world.places["own"].ids() | world.personal["owner"] | {"person": world.people["owner"].pk}
    wrong, repeatable = [], set()

    described = parameters(ids)
    for path, name, takes_several in described:
        found = faults(world, path, f"{name}=1&{name}=1")
        is_rejected = isinstance(found, set) and (f"/{name}", "repeated") in found
        if is_rejected == takes_several:
            wrong.append(f"{path}?{name}: {found}")
        if takes_several:
            repeatable.add(name)

    print(f"{len(described)} parameters, {len(repeatable)} names that may be repeated")
    assert wrong == []
    assert {"project", "status", "priority", "label_any", "kind", "types", "projects", "ids"} <= repeatable
    assert len(described) - len(repeatable) > 100


def test_contract_1_operations_other_than_get_describe_no_query_parameters():
    methods = [one for path in schema()["paths"].values() for name, one in path.items() if name != "get"]

    assert [one["in"] for each in methods for one in each.get("parameters", []) if one["in"] == "query"] == []
