"""Rate limits of views."""

from __future__ import annotations

import math

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from apps.common.addresses import address_key
from apps.common.api.rates import seconds_to_wait
from apps.common.monitoring.metrics import throttled_total


def scope_of(view: APIView) -> str | None:
    """Return the scope that the view's running action is counted in, or the method where a view has no actions."""
    scopes: dict[str, str] = getattr(view, "throttle_scopes", {})
    action: str = getattr(view, "action", None) or (view.request.method or "").lower()
    return scopes.get(action) or getattr(view, "throttle_scope", None)


class ScopedThrottle(BaseThrottle):
    """Limits a view by its `throttle_scope` (or `throttle_scopes[action or method]`): per user, else per address."""

    def __init__(self) -> None:
        self._wait = 0.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        scope = scope_of(view)
        if scope is None:
            return True
        user = request.user
        who = f"user:{user.pk}" if user and user.is_authenticated else address_key(request)
        self._wait = seconds_to_wait(scope, who)
        if self._wait > 0:
            throttled_total.labels(scope).inc()
        return self._wait <= 0

    def wait(self) -> float:
        return math.ceil(self._wait)
