"""Routes of tasks."""

from __future__ import annotations

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from apps.tasks import attachment_views, pages, views

TASK = r"tasks/(?P<task_pk>[0-9]{1,18})"

router = SimpleRouter()
router.register("tasks", views.TaskViewSet, basename="task")
router.register(rf"{TASK}/activity", views.TaskActivityViewSet, basename="task-activity")
router.register(rf"{TASK}/attachments", attachment_views.AttachmentViewSet, basename="task-attachment")

urlpatterns = [
    path("api/", include(router.urls)),
    re_path(r"^tasks/(?P<pk>[0-9]{1,18})/$", pages.task_page, name="task-page"),
]
