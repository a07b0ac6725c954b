"""Kept answers of creations from which something has to go, because its text was erased for good."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from apps.common.models import IdempotencyRecord


def blank_kept_answers(*, user_id: int | None, path_end: str, pk: int, blank: Mapping[str, Any]) -> None:
    """Replace fields of the kept answers to POSTs of `user_id` on a path with this end that created the row `pk`.

    `blank` holds the new values; a request that is repeated afterwards is answered with them.
    """
    if user_id is None:
        return
    records = IdempotencyRecord.objects.filter(user_id=user_id, method="POST", path__endswith=path_end)
    for record in records.select_for_update().order_by("pk"):
        answer = json.loads(record.body)
        if answer.get("id") == pk:
            record.body = json.dumps(answer | dict(blank))
            record.save(update_fields=["body"])
