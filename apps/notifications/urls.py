"""Routes of what a person is notified, below `/api/`."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.notifications import views

router = SimpleRouter()
router.register("notifications", views.NotificationViewSet, basename="notification")

urlpatterns = router.urls
