"""Routes of events."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from apps.events import stream_views, views
from apps.projects.urls import PROJECT

router = SimpleRouter()
router.register(rf"{PROJECT}/events", views.ProjectEventViewSet, basename="project-event")

urlpatterns = [
    path("api/events/stream/", stream_views.StreamView.as_view(), name="event-stream"),
    path("api/events/tickets/", stream_views.TicketView.as_view(), name="event-tickets"),
    path("events/stream/", stream_views.PageStreamView.as_view(), name="page-event-stream"),
    path("events/state/", stream_views.PageStateView.as_view(), name="page-event-state"),
    path("api/", include(router.urls)),
]
