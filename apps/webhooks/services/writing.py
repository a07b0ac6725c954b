"""Making, changing and deleting webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from apps.common.concurrency import Expected
from apps.common.errors import ConflictError
from apps.common.field_keys import encrypt
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.roles import Capability
from apps.projects.services import lock_project_as, require_active
from apps.tasks.filtering.reader import reader_of_project
from apps.tasks.saved_views.judging import kept_filter
from apps.users.models import User
from apps.webhooks.judging import note_all_matches
from apps.webhooks.models import Delivery, Webhook, WebhookMatch
from apps.webhooks.services.locking import announce_change, lock_webhook, save_version
from apps.webhooks.signing import new_secret

EDITABLE = ("url", "events", "filter", "payload", "description")


@write
def create_webhook(*, actor: User, project_id: int, filter: str = "", **fields: Any) -> Webhook:  # noqa: A002 - the field's name
    """Let a receiver get the project's events from now on; the row carries its `secret`, this once.

    Raises FilterError, NotFoundError, ForbiddenError, ConflictError `project_archived` or `too_many_webhooks`.
    """
    kept = kept_filter(filter, reader_of_project(project_id))
    project = lock_project_as(actor, project_id, Capability.MANAGE_PROJECT)
    require_active(project)
    limit = settings.WEBHOOK_MAX_PER_PROJECT
    if Webhook.objects.filter(project=project).count() >= limit:
        raise ConflictError(
            f"The project has {limit} webhooks already.", code="too_many_webhooks", extra={"limit": limit}
        )
    secret = new_secret()
    webhook = Webhook(
        project=project,
        created_by=actor,
        cursor_seq=project.last_seq,
        secret_encrypted=encrypt(secret),
        **{name: value for name, value in fields.items() if name in EDITABLE},
        **kept,
    )
    webhook.save(force_insert=True)
    note_all_matches(webhook)
    announce_change(EventType.WEBHOOK_CREATED, webhook, {}, actor_id=actor.pk)
    webhook.secret = secret
    return webhook


@write
def update_webhook(*, actor: User, webhook: Webhook, changes: Mapping[str, Any], expected: Expected = None) -> Webhook:
    """Change a webhook; what stays the same changes nothing. Another URL keeps the secret.

    Raises FilterError, and what `lock_webhook` does.
    """
    wanted = {name: value for name, value in changes.items() if name in EDITABLE}
    if "filter" in wanted:
        wanted |= kept_filter(wanted["filter"], reader_of_project(webhook.project_id))
    _, row = lock_webhook(actor, webhook, expected=expected)
    changed = {name: (getattr(row, name), value) for name, value in wanted.items() if value != getattr(row, name)}
    if not changed:
        return row
    for name, (_, value) in changed.items():
        setattr(row, name, value)
    save_version(row, *changed)
    if "ast" in changed:
        note_all_matches(row)
    announce_change(EventType.WEBHOOK_UPDATED, row, changed, actor_id=actor.pk)
    return row


@write
def delete_webhook(*, actor: User, webhook: Webhook, expected: Expected = None) -> None:
    """Delete a webhook with its log. Raises what `lock_webhook` does."""
    _, row = lock_webhook(actor, webhook, expected=expected)
    announce_change(EventType.WEBHOOK_DELETED, row, {}, actor_id=actor.pk)
    WebhookMatch.objects.filter(webhook=row).delete()
    Delivery.objects.filter(webhook=row).delete()
    Webhook.objects.filter(pk=row.pk).delete()


def rewrite_filter(webhook: Webhook, kept: Mapping[str, Any], *, actor_id: int | None) -> None:
    """Give a locked webhook a filter that says the same in other names (contract LA8)."""
    before, webhook.filter, webhook.ast = webhook.filter, kept["filter"], kept["ast"]
    save_version(webhook, "filter", "ast")
    announce_change(EventType.WEBHOOK_UPDATED, webhook, {"filter": (before, webhook.filter)}, actor_id=actor_id)
