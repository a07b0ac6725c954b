"""Values that have broken servers before, for every parameter and field of the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, quote_from_bytes

from config.tests.access import matrix
from config.tests.access.expectations import EXPECTED

TEXTS = [
    # Nothing, control characters, what looks like nothing, what changes the reading direction
    *("", " ", "\x00", "a\x00b", "\x1f", "\x7f", "\u2028", "\ufeff", "\u202eevil", "\uffff", "e\u0301" * 200),
    # Long, and longer in another case or normal form
    *("x" * 256, "x" * 10_001, "x" * 300_000, "\U0001f3f4" * 300, "\ufdfa" * 200, "\u0130" * 150, "\u00df" * 151),
    # Numbers
    *("-1", "0", "9" * 40, str(2**63), str(-(2**63) - 1), "1e400", "NaN", "Infinity", "0x10", "\u0663", "1_000", "+1"),
    # Words of other languages
    *("true", "null", "none", "me", "[]", "{}", "' OR 1=1 --", "%", "_", "\\", "a & b | !c:*", "<->", "{{7*7}}"),
    *("${x}", "../../etc/passwd", "\r\nX-Evil: 1", "a@b", "@", "x@" + "y" * 300),
    # Instants
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00+22:52"),
    *("2026-01-01T00:00:00+99:99", "24:00", "2026-W01"),
]
JSON = [
    *(None, True, False, 0, -1, 1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**400, 1.5, -0.0, 1e308),
    *([], {}, [None], [[]], [1] * 1_000, {"a": 1}, {"id": 2**70}, {"id": None}, {"": ""}, {"a": {"b": [{}]}}),
    *({"k" * 70_000: 1}, {"a": "x" * 20_000}, {"\u0000": 1}, {"a": "\ud800"}, "\ud800", "\udfff\ud800"),
    json.loads("[" * 20 + "]" * 20),
]
BODIES = [[], "x", 1, True, [{}] * 50, {"\u0000": 1}, {"unknown" * 1_000: 1}]
BYTES = [b"\xff", b"\xed\xa0\x80", b"\xf0\x9f", b"%", b"\xc0\x80"]
HEADER_VALUES = [
    *("", " ", "x" * 5_000, '"', '""', '"1"', "W/", '"' + "9" * 60 + '.0"', "*", ",,,", "\x01", "\xe9", "Bearer"),
    *(
        '"1", "2", *',
        "bytes=0-",
        "application/json; charset=latin-1",
        "multipart/form-data",
        "a/b; q=x",
        "*/*;q=9" * 40,
    ),
]
HEADERS = ["Accept", "Content-Type", "Idempotency-Key", "If-Match"]
MORE_HEADERS = [
    *("If-None-Match", "If-Modified-Since", "X-Request-ID", "Origin", "Range", "Cookie", "Accept-Language"),
    *("X-HTTP-Method-Override", "X-Forwarded-For", "X-Forwarded-Proto"),
]
IDS = ["-1", "0", "1e3", "\u0663", "9" * 18, "9" * 19, "9" * 400, "%00", "..", "%2e%2e", "1%0a", "1 ", "x", ";"]


@dataclass(frozen=True)
class Attack:
    """One request: what is wrong with it, and where."""

    name: str
    operation: str
    method: str
    path: str
    where: str
    query: str = ""
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()


def attacks(ids: dict[str, int]) -> Iterator[Attack]:
    """Yield every attack; `ids` are things that the attacker may write."""
    schema = matrix.schema()
    for path, methods in schema["paths"].items():
        for method, described in methods.items():
            yield from _on(described, method, path, ids, schema)


def _on(described: dict[str, Any], method: str, path: str, ids: dict[str, int], schema: Any) -> Iterator[Attack]:
    name = described["operationId"]
    row = EXPECTED[name]
    body = row.body(ids)
    values = {parameter: str(ids[kind]) for parameter, kind in row.ids.items()}
    plain = Attack(name, name, method, path.format(**values), "", body=body)
    yield from _on_parameters(described, plain, path, values)
    for header in HEADERS + (MORE_HEADERS if name in {"listTasks", "createTask"} else []):
        for value in HEADER_VALUES:
            yield replace(plain, where=f"header {header}", headers=((header, value),))
    for field in fields_of(described, schema):
        for item in (*JSON, *TEXTS):
            yield replace(plain, where=f"field {field}", body={**(body or {}), field: item})
    if "requestBody" in described:
        for item in BODIES:
            yield replace(plain, where="body", body=item)


def _on_parameters(described: dict[str, Any], plain: Attack, path: str, values: dict[str, str]) -> Iterator[Attack]:
    for parameter in described.get("parameters", []):
        where = f"{parameter['in']} {parameter['name']}"
        if parameter["in"] == "path":
            for value in IDS:
                broken = path.format(**values | {parameter["name"]: quote(value, safe="%")})
                yield replace(plain, where=where, path=broken)
        elif parameter["in"] == "query":
            for query in _queries(parameter["name"]):
                yield replace(plain, where=where, query=query)


def _queries(name: str) -> Iterator[str]:
    yield from (f"{name}={quote(text)}" for text in TEXTS if len(text) < 20_000)
    yield from (f"{name}={quote_from_bytes(raw)}" for raw in BYTES)


def fields_of(described: dict[str, Any], schema: Any) -> list[str]:
    """Return the names of a JSON body's fields."""
    content = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in content:
        content = schema["components"]["schemas"][content["$ref"].rpartition("/")[2]]
    return sorted(content.get("properties", {}))
