"""What may stand in a task's `metadata`: the one rule for the API and the admin."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from apps.tasks.models import METADATA_MAX

# Code of a fault -> what it says
FAULTS: dict[str, Any] = {
    "not_an_object": "Give a JSON object.",
    "too_large": f"The object is larger than {METADATA_MAX} bytes.",
}


def metadata_fault(value: Any) -> str | None:
    """Return the code of what is wrong with a value that was read from strict JSON, or None."""
    if not isinstance(value, dict):
        return "not_an_object"
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "too_large" if len(text.encode()) + _spelled_out(value) > METADATA_MAX else None


def _spelled_out(value: Any) -> int:
    """Return how many bytes more PostgreSQL answers than it was sent: 1e308 comes back with 309 digits."""
    if isinstance(value, float):
        return len(format(Decimal(repr(value)), "f")) - len(repr(value))
    if isinstance(value, dict):
        return sum(map(_spelled_out, value.values()))
    return sum(map(_spelled_out, value)) if isinstance(value, list) else 0
