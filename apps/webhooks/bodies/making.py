"""The body of a delivery, made anew at each attempt (contract WH3, WH4)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.utils.encoders import JSONEncoder

from apps.common.dates.instants import utc
from apps.common.lists.kept import find_rows
from apps.common.sql.statements import AnyOf
from apps.projects.event_data import event_data
from apps.projects.models import Activity
from apps.webhooks.bodies.objects import shown_objects
from apps.webhooks.models import TEST_TYPE, Delivery, Payload, Webhook

MAX_BYTES = 20 * 1024


def make_bodies(deliveries: Iterable[Delivery], webhooks: Mapping[int, Webhook]) -> dict[int, str]:
    """Return {delivery id: the JSON to send now}; nothing for an event that is no longer in the log.

    `webhooks` holds theirs, whose `project` has just been read. What several of them say alike is made once.
    """
    bodies, of_events = {}, []
    for delivery in deliveries:
        if delivery.type == TEST_TYPE:
            bodies[delivery.pk] = _test_body(delivery, webhooks[delivery.webhook_id])
        elif delivery.activity_id is not None:
            of_events.append(delivery)
    return bodies | _bodies_of_events(of_events, webhooks) if of_events else bodies


def _test_body(delivery: Delivery, webhook: Webhook) -> str:
    project = webhook.project
    data: dict[str, Any] = {"project": {"id": project.pk, "key": project.key}, "webhook": {"id": webhook.pk}}
    return _written({"type": TEST_TYPE, "timestamp": utc(delivery.created_at), "data": data})


def _bodies_of_events(deliveries: Sequence[Delivery], webhooks: Mapping[int, Webhook]) -> dict[int, str]:
    ids = sorted({delivery.activity_id for delivery in deliveries if delivery.activity_id is not None})
    events = {event.pk: event for event in find_rows(("webhook", "events"), _events, {"ids": ids})}
    projects = {webhook.project_id: webhook.project for webhook in webhooks.values()}
    keys = {pk: project.key for pk, project in projects.items()}
    data = dict(zip(events, event_data(list(events.values()), project_keys=keys), strict=True))
    full = {each.activity_id for each in deliveries if webhooks[each.webhook_id].payload != Payload.THIN}
    shown = shown_objects([event for pk, event in events.items() if pk in full], projects)
    texts: dict[tuple[int, bool, str], str] = {}
    bodies = {}
    for delivery in deliveries:
        event = events.get(delivery.activity_id or 0)
        if event is None:
            continue
        key = (event.pk, delivery.left_filter, webhooks[delivery.webhook_id].payload)
        if key not in texts:
            texts[key] = _body(event, data[event.pk] | {"left_filter": delivery.left_filter}, key[2], shown)
        bodies[delivery.pk] = texts[key]
    return bodies


def _events() -> QuerySet[Activity]:
    return Activity.objects.filter(AnyOf("pk", "ids"))


def _body(event: Activity, data: dict[str, Any], payload: str, shown: Mapping[int, Any]) -> str:
    if payload == Payload.THIN:
        del data["actor"], data["changes"]
    # A project stands where every event names its project by id and key, which a project that is gone keeps
    elif event.object_type != "project" or shown[event.pk] is not None:
        data[event.object_type] = shown[event.pk]
    body = {"type": event.type, "timestamp": utc(event.created_at), "data": data}
    return _fitting(body, event.object_type, project=data["project"])


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
