"""Which tasks match the filter of a webhook: now, and when it was looked at last (contract WH10, FI10)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import connection
from django.db.models import Q

from apps.tasks.filtering.binding import ValueBinder
from apps.tasks.filtering.composing import compose
from apps.tasks.filtering.json_form import read_json
from apps.tasks.filtering.reader import reader_of_project
from apps.tasks.models import Task
from apps.webhooks.models import Webhook, WebhookMatch


def condition_of(webhook: Webhook) -> Q:
    """Return the filter as a condition on tasks. Raises FilterError for one that names something that is gone."""
    node = read_json(webhook.ast, is_stored=True)
    return compose(node, reader_of_project(webhook.project_id), bind=ValueBinder(None), is_stored=True).condition


def matching(webhook: Webhook, task_ids: Iterable[int]) -> set[int]:
    """Return those of the tasks that are in the project, not in the trash, and match. Raises FilterError."""
    tasks = Task.objects.kept().filter(condition_of(webhook), project=webhook.project_id)
    return set(tasks.filter(pk__in=list(task_ids)).values_list("pk", flat=True))


def former_matches(webhook: Webhook, task_ids: Iterable[int]) -> set[int]:
    """Return those of the tasks that matched when their last event was looked at."""
    rows = WebhookMatch.objects.filter(webhook=webhook, task__in=list(task_ids))
    return set(rows.values_list("task_id", flat=True))


def note_matches(webhook: Webhook, *, matched: Collection[int], left: Collection[int]) -> None:
    """Note which tasks match now and which no longer do."""
    new = [WebhookMatch(webhook=webhook, task_id=task) for task in sorted(matched)]
    WebhookMatch.objects.bulk_create(new, ignore_conflicts=True)
    WebhookMatch.objects.filter(webhook=webhook, task__in=list(left)).delete()


def note_all_matches(webhook: Webhook) -> None:
    """Take the tasks that match now for those that matched before: the filter is new, or begins to count again."""
    WebhookMatch.objects.filter(webhook=webhook).delete()
    if webhook.ast is None:
        return
    tasks = Task.objects.kept().filter(condition_of(webhook), project=webhook.project_id).order_by().values("pk")
    statement, parameters = tasks.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO webhooks_webhookmatch (webhook_id, task_id)"  # noqa: S608 - Django's own
            f" SELECT %s, found.id FROM ({statement}) AS found (id)",
            [webhook.pk, *parameters],
        )
