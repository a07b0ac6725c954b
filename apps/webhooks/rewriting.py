"""Filters of webhooks that name a label which was renamed or merged into another (contract LA8)."""

from __future__ import annotations

from apps.tasks.labels.announcements import LabelReference, Rewritten
from apps.tasks.saved_views.rewriting import rewritten_filter
from apps.webhooks.models import Webhook
from apps.webhooks.services import rewrite_filter


def rewrite_label(project_id: int, before: LabelReference, after: LabelReference, tally: Rewritten) -> None:
    """Let the webhooks of the project, whose row is locked, name `after` in place of `before`."""
    rows = Webhook.objects.select_for_update(no_key=True).filter(project=project_id, ast__isnull=False)
    for webhook in rows.order_by("pk"):
        kept = rewritten_filter(webhook.ast, before, after, by_name=True)
        if kept is not None:
            rewrite_filter(webhook, kept, actor_id=tally.actor_id)
            tally.webhooks += 1
