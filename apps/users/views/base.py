"""What the views of this app share."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import AllowAny
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from apps.common.api.throttling import ScopedThrottle
from apps.users.credentials.authentication import PublicAuthentication

NO_STORE = {"Cache-Control": "no-store"}


class LimitedView(APIView):
    """A view with a rate limit, `throttle_scope`."""

    throttle_classes = [ScopedThrottle]
    throttle_scope: str | None = None

    @property
    def actor(self) -> Any:
        """Return the user the caller."""
        return self.request.user

    def body(self, serializer_class: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """Return the body's fields after the serializer's checks of their shape."""
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        fields: dict[str, Any] = serializer.validated_data
        return fields


class PublicView(LimitedView):
    """A view for everybody: an Authorization header, however stale, is ignored."""

    authentication_classes = [PublicAuthentication]
    permission_classes = [AllowAny]
