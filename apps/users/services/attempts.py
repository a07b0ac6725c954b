"""The lock-out: failed logins counted per account and address, before the password is looked at."""

from __future__ import annotations

import hashlib
import math
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.common.addresses import client_network
from apps.common.errors import RateLimitedError
from apps.common.monitoring.metrics import login_failures_total
from apps.common.text.mail_addresses import comparable_address
from apps.common.text.normal_form import normal_form
from apps.users.models import LoginFailure, User

# One statement, committed by itself: parallel attempts queue on the row, and one that is rejected
# afterwards has been counted all the same. The fifth starts the window anew, so that it locks for
# the whole window.
COUNT = """
INSERT INTO users_loginfailure AS failure (account, ip_address, count, started_at)
VALUES (%(account)s, %(ip_address)s, 1, %(now)s)
ON CONFLICT (account, ip_address) DO UPDATE SET
    count = CASE WHEN failure.started_at <= %(oldest)s THEN 1 ELSE LEAST(failure.count, %(limit)s) + 1 END,
    started_at = CASE WHEN failure.started_at <= %(oldest)s OR failure.count = %(limit)s - 1
        THEN %(now)s ELSE failure.started_at END
RETURNING count, started_at
"""


def account_of(user: User | None, identifier: str) -> str:
    """Return the hash under which an account's failures count: the same for its name and its address.

    An account that does not exist counts by the name that was tried.
    """
    name = f"user:{user.pk}" if user else f"name:{normal_form(comparable_address(identifier))}"
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()


def count_attempt(*, account: str, ip_address: str) -> None:
    """Count one attempt; RateLimited, with the seconds to wait, from the sixth within 15 minutes on."""
    now = timezone.now()
    parameters: dict[str, Any] = {
        "account": account,
        "ip_address": client_network(ip_address),
        "now": now,
        "oldest": now - settings.LOGIN_FAILURE_WINDOW,
        "limit": settings.LOGIN_FAILURES,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, parameters)
        count, started_at = cursor.fetchone() or (0, now)
    if count > settings.LOGIN_FAILURES:
        login_failures_total.inc()
        raise RateLimitedError(
            "Too many failed attempts.", code="too_many_failures", retry_after=_seconds_left(started_at, now)
        )


def clear_attempts(*, account: str, ip_address: str | None = None) -> None:
    """Forget the failures of an account, from one address or from all."""
    failures = LoginFailure.objects.filter(account=account)
    if ip_address is not None:
        failures = failures.filter(ip_address=client_network(ip_address))
    failures.delete()


def _seconds_left(started_at: datetime, now: datetime) -> int:
    return max(1, math.ceil((started_at + settings.LOGIN_FAILURE_WINDOW - now).total_seconds()))
