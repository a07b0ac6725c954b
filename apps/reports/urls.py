"""Routes of reports."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.projects.urls import PROJECT
from apps.reports import views

router = SimpleRouter()
router.register(rf"{PROJECT}/reports", views.ReportViewSet, basename="project-report")

urlpatterns = router.urls
