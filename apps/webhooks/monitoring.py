"""How webhooks are: for `doctor` and metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Min, Q, QuerySet
from django.utils import timezone

from apps.common.field_keys import UnreadableError, decrypt, is_newest
from apps.common.monitoring.doctor import Finding, Level, check, management_command
from apps.common.monitoring.metrics import register_gauge
from apps.notifications.models import Hold
from apps.projects.models import Activity
from apps.webhooks.models import Delivery, DeliveryState, State, Webhook

LATE = timedelta(minutes=5)
MAKE_KEY = "Set FIELD_KEYS (.env.sample says how), restart, and run `manage.py rotate_field_keys`."


def deliveries() -> Mapping[str, float]:
    """Return {state: deliveries} of what is kept."""
    found = dict(Delivery.objects.values_list("state").annotate(rows=Count("pk")))
    return {state.value: float(found.get(state.value, 0)) for state in DeliveryState}


def oldest_due() -> Mapping[str, float]:
    """Return for how many seconds the delivery has been due that has waited longest for us."""
    now = timezone.now()
    oldest = None if _is_held() else _due(now).aggregate(oldest=Min("next_attempt_at"))["oldest"]
    return {"": (now - oldest).total_seconds() if oldest else 0.0}


def _is_held() -> bool:
    return Hold.objects.filter(covers__contains=["webhooks"]).exists()


def _due(now: datetime) -> QuerySet[Delivery]:
    """Return what is due, without what waits for a receiver that fails: that one gets one delivery at a time."""
    return Delivery.objects.due(now=now).filter(project__trash=None, webhook__failing_since=None)


def disabled() -> Mapping[str, float]:
    """Return how many webhooks are disabled."""
    return {"": float(Webhook.objects.filter(state=State.DISABLED).count())}


def connect() -> None:
    """Let metrics ask; called once at start."""
    register_gauge("taskhouse_webhook_deliveries", "Deliveries that are kept.", deliveries, label="state")
    register_gauge("taskhouse_webhook_oldest_due_seconds", "Age of the oldest delivery that is due.", oldest_due)
    register_gauge("taskhouse_webhooks_disabled", "Webhooks that are disabled.", disabled)


@check("webhooks")
def webhooks() -> Iterator[Finding]:
    """Find out whether events reach webhooks in time, which are disabled, and which private addresses are open."""
    held = _is_held()
    if held:
        release = f"Read docs/operations.md, then {management_command('release_mail')}."
        yield Finding("webhooks", Level.WARN, "held after a restore", release)
    problems = [] if held else list(_late())
    yield from problems
    if count := Webhook.objects.filter(state=State.DISABLED).count():
        yield Finding("webhooks", Level.WARN, f"{count} are disabled", "The admins of their projects enable them.")
    opened = [*settings.WEBHOOK_ALLOWED_HOSTS, *settings.WEBHOOK_ALLOWED_NETWORKS]
    if opened:
        text = f"may reach what is not public: {', '.join(opened)}"
        yield Finding("webhooks", Level.WARN, text, "Fine if these are yours: WEBHOOK_ALLOWED_HOSTS and _NETWORKS.")
    if not held and not problems:
        yield Finding("webhooks", Level.OK, "events flow")


def _late() -> Iterator[Finding]:
    since = timezone.now() - LATE
    behind = Activity.objects.filter(
        project__webhooks__state=State.ACTIVE, seq__gt=F("project__webhooks__cursor_seq"), created_at__lt=since
    )
    if behind.exists():
        yield Finding("webhooks", Level.FAIL, "events wait for more than 5 minutes", "Look at beat and the worker.")
    if _due(since).exists():
        text = "deliveries are due for more than 5 minutes"
        yield Finding("webhooks", Level.FAIL, text, "Look at the worker; a slow receiver takes 5 at a time.")


@check("field keys")
def field_keys() -> Iterator[Finding]:
    """Find out whether what is encrypted can be read, and whether it is under a key of its own and the newest."""
    unreadable = old = 0
    kept = list(Webhook.objects.filter(~Q(secret_encrypted="")).values_list("secret_encrypted", flat=True))
    for value in kept:
        try:
            decrypt(value)
            old += not is_newest(value)
        except UnreadableError:
            unreadable += 1
    if unreadable:
        text = f"{unreadable} secrets of webhooks cannot be read"
        fix = f"Put the key back that they were made with, or {management_command('reset_webhook_secrets')}."
        yield Finding("field keys", Level.FAIL, text, fix)
    if old:
        run = f"Run {management_command('rotate_field_keys')}, then take the old key out."
        yield Finding("field keys", Level.WARN, f"{old} secrets are under an old key", run)
    if not settings.FIELD_KEYS and kept:
        text = "FIELD_KEYS is not set: secrets of webhooks are lost when SECRET_KEY changes"
        yield Finding("field keys", Level.WARN, text, MAKE_KEY)
    elif not unreadable and not old:
        yield Finding("field keys", Level.OK, "read everything")
