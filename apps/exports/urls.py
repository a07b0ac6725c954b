"""Routes of exports."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.exports import views

router = SimpleRouter()
router.register("exports", views.ExportViewSet, basename="export")

urlpatterns = router.urls
