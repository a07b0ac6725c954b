"""The body of a delivery, made anew at each attempt (contract WH3, WH4)."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.utils.encoders import JSONEncoder

from apps.common.dates.instants import utc
from apps.projects.event_data import event_data
from apps.projects.models import Activity
from apps.webhooks.bodies.objects import shown_object
from apps.webhooks.models import TEST_TYPE, Delivery, Payload, Webhook

MAX_BYTES = 20 * 1024


class ExpiredError(Exception):
    """The event is no longer in the log."""


def make_body(delivery: Delivery, webhook: Webhook) -> str:
    """Return the JSON to send now; `webhook.project` has just been read. Raises ExpiredError."""
    project = webhook.project
    if delivery.type == TEST_TYPE:
        data: dict[str, Any] = {"project": {"id": project.pk, "key": project.key}, "webhook": {"id": webhook.pk}}
        return _written({"type": TEST_TYPE, "timestamp": utc(delivery.created_at), "data": data})
    event = Activity.objects.filter(pk=delivery.activity_id or 0).first()
    if event is None:
        raise ExpiredError("The event is no longer in the log.")
    (data,) = event_data([event], project_keys={project.pk: project.key})
    data["left_filter"] = delivery.left_filter
    if webhook.payload == Payload.THIN:
        del data["actor"], data["changes"]
    else:
        shown = shown_object(event, project)
        # A project stands where every event names its project by id and key, which a project that is gone keeps
        if event.object_type != "project" or shown is not None:
            data[event.object_type] = shown
    body = {"type": event.type, "timestamp": utc(event.created_at), "data": data}
    return _fitting(body, event.object_type, project={"id": project.pk, "key": project.key})


def _fitting(body: dict[str, Any], object_type: str, *, project: dict[str, Any]) -> str:
    """Return the body as JSON; where it is too long without the object, and then without the changes (WH4)."""
    text = _written(body)
    for name in (object_type, "changes"):
        if len(text.encode()) <= MAX_BYTES:
            break
        body["data"].pop(name, None)
        body["data"] |= {"project": project, "truncated": True}
        text = _written(body)
    return text


def _written(body: dict[str, Any]) -> str:
    return json.dumps(body, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":"))
