"""Routes of webhooks."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.projects.urls import PROJECT
from apps.webhooks import views

WEBHOOK = rf"{PROJECT}/webhooks/(?P<webhook_pk>[0-9]{{1,18}})"

router = SimpleRouter()
router.register(rf"{PROJECT}/webhooks", views.WebhookViewSet, basename="project-webhook")
router.register(rf"{WEBHOOK}/deliveries", views.DeliveryViewSet, basename="webhook-delivery")

urlpatterns = router.urls
