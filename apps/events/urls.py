"""Routes of events."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.events import views
from apps.projects.urls import PROJECT

router = SimpleRouter()
router.register(rf"{PROJECT}/events", views.ProjectEventViewSet, basename="project-event")

urlpatterns = router.urls
