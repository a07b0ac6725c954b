"""Events of the log as CloudEvents 1.0 in JSON: what the feed answers and the relay sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.common.dates.instants import utc
from apps.projects.event_data import event_data
from apps.projects.models import Activity

SPEC_VERSION = "1.0"
# Of a `sequence`: the Sequence extension compares texts, and this is the length of the largest bigint and one more
DIGITS = 20


def cloud_events(events: Sequence[Activity], *, project_keys: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return each event as a CloudEvent (contract FE1), with one query for the people.

    `project_keys` holds the present key of every project of the events.
    """
    data = event_data(events, project_keys=project_keys)
    return [_envelope(event) | {"data": one} for event, one in zip(events, data, strict=True)]


def _envelope(event: Activity) -> dict[str, Any]:
    envelope = {
        "specversion": SPEC_VERSION,
        "id": str(event.event_id),
        "source": f"/projects/{event.project_id}",
        "type": event.type,
    }
    if event.object_id is not None:  # an event about several objects names them in its data; no subject may be empty
        envelope["subject"] = f"{event.object_type}/{event.object_id}"
    return envelope | {
        "time": utc(event.created_at),
        "datacontenttype": "application/json",
        "sequence": f"{event.seq:0{DIGITS}}",
    }
