"""What the writes of a webhook share: locks in their order, the next version, the event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from apps.common.concurrency import Expected, require_version
from apps.common.errors import ConflictError, NotFoundError
from apps.projects.events import EventType
from apps.projects.models import Project
from apps.projects.roles import Capability
from apps.projects.services import Event, lock_project_as, record_event, require_active
from apps.users.models import User
from apps.webhooks.models import Webhook

# Neither the secret nor the rest of the URL, in which many receivers have one
NAMED_IN_EVENTS = ("events", "filter", "payload", "description", "state", "disabled_reason")


def lock_webhook(
    actor: User, webhook: Webhook, *, expected: Expected = None, as_administrator: bool = False
) -> tuple[Project, Webhook]:
    """Lock project and webhook for a write of the actor's.

    Raises NotFoundError, ForbiddenError, PreconditionFailedError, ConflictError `project_archived`, in this order.
    """
    project = lock_project_as(actor, webhook.project_id, Capability.MANAGE_PROJECT, as_administrator=as_administrator)
    row = lock_row(webhook.pk)
    if row is None:
        raise NotFoundError
    require_version(row, expected)
    require_active(project)
    return project, row


def lock_row(pk: int) -> Webhook | None:
    """Return a webhook with its row locked, None when it is gone."""
    return Webhook.objects.select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()


def require_enabled(webhook: Webhook) -> None:
    """Raise ConflictError for a webhook that nothing is delivered to."""
    if not webhook.is_active:
        raise ConflictError("The webhook is disabled: enable it first.", code="webhook_disabled")


def save_version(webhook: Webhook, *fields: str) -> None:
    """Save the locked webhook's fields as its next version."""
    webhook.version += 1
    webhook.updated_at = timezone.now()
    webhook.save(update_fields=[*fields, "version", "updated_at"])


def announce_change(
    event_type: EventType, webhook: Webhook, changes: Mapping[str, tuple[Any, Any]], *, actor_id: int | None
) -> None:
    """Write the event of an act on a locked webhook; of a URL it names the host alone."""
    shown = {name: change for name, change in changes.items() if name in NAMED_IN_EVENTS}
    if "url" in changes:
        old, new = changes["url"]
        shown["url"] = (_origin(old), _origin(new))
    event = Event(type=event_type, object_id=webhook.pk, version=webhook.version, changes=shown)
    record_event(webhook.project_id, event, actor_id=actor_id)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
