"""Routes of imports."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from apps.imports import views

router = SimpleRouter()
router.register("imports", views.ImportViewSet, basename="import")
router.register(r"imports/(?P<import_pk>[0-9]{1,18})/results", views.ImportRowViewSet, basename="import-result")

urlpatterns = router.urls
