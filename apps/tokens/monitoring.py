"""How many API tokens let somebody in, for the metrics and for `doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils import timezone

from apps.common.monitoring.doctor import Finding, Level, check
from apps.common.monitoring.metrics import register_gauge
from apps.tokens.models import ApiToken


def live_tokens() -> Mapping[str, float]:
    """Return the number of live tokens."""
    return {"": ApiToken.objects.live(now=timezone.now()).filter(user__is_active=True).count()}


@check("API tokens")
def tokens() -> Iterator[Finding]:
    """Count the live tokens."""
    yield Finding("API tokens", Level.OK, f"{live_tokens()['']} live")


register_gauge("taskhouse_api_tokens", "API tokens that let somebody in.", live_tokens)
