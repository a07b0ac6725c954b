"""Who may ask for more than their own data."""

from __future__ import annotations

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView


class StaffOnly(IsAuthenticated):
    """Staff: 401 for nobody, 403 for others."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return super().has_permission(request, view) and bool(request.user.is_staff)
