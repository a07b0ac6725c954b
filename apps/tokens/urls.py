"""Routes of API tokens, below `/api/`."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.tokens import views

router = SimpleRouter()
router.register("auth/tokens", views.ApiTokenViewSet, basename="api-token")

urlpatterns = router.urls
