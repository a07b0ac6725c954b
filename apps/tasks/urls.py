"""Routes of tasks."""

from __future__ import annotations

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from apps.projects.urls import PROJECT
from apps.tasks import views
from apps.tasks.attachments.views import AttachmentViewSet
from apps.tasks.bulk.views import UUID_PATTERN, BatchItemViewSet, BatchViewSet, BulkViewSet
from apps.tasks.comments.views import CommentHistoryViewSet, CommentViewSet
from apps.tasks.external.views import ExternalTaskViewSet
from apps.tasks.labels.views import LabelViewSet
from apps.tasks.relations.views import RelationViewSet
from apps.tasks.saved_views.views import SavedViewViewSet
from apps.tasks.subtasks.views import SubtaskViewSet
from apps.tasks.trash.views import TrashViewSet
from apps.tasks.watching.views import ProjectWatchViewSet, TaskWatchViewSet, WatcherViewSet

TASK = r"tasks/(?P<task_pk>[0-9]{1,18})"
EXTERNAL = rf"{PROJECT}/tasks/by-external/(?P<source>[^/]+)/(?P<external_id>[\s\S]+)"
COMMENT = rf"{TASK}/comments/(?P<comment_pk>[0-9]{{1,18}})"

router = SimpleRouter()
router.register("tasks", views.TaskViewSet, basename="task")
router.register(rf"{TASK}/activity", views.TaskActivityViewSet, basename="task-activity")
router.register(rf"{TASK}/attachments", AttachmentViewSet, basename="task-attachment")
router.register(rf"{TASK}/comments", CommentViewSet, basename="task-comment")
router.register(rf"{COMMENT}/history", CommentHistoryViewSet, basename="task-comment-history")
router.register(rf"{TASK}/relations", RelationViewSet, basename="task-relation")
router.register(rf"{TASK}/subtasks", SubtaskViewSet, basename="task-subtask")
router.register("batches", BatchViewSet, basename="batch")
router.register(rf"batches/(?P<batch_pk>{UUID_PATTERN})/results", BatchItemViewSet, basename="batch-result")
router.register(rf"{TASK}/watchers", WatcherViewSet, basename="task-watcher")
router.register(r"projects/(?P<project_pk>[0-9]{1,18})/labels", LabelViewSet, basename="project-label")
router.register("views", SavedViewViewSet, basename="view")
router.register("trash", TrashViewSet, basename="trash")

task_watch = TaskWatchViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"})
by_external = ExternalTaskViewSet.as_view({"get": "retrieve", "put": "update"}, detail=True)
project_watch = ProjectWatchViewSet.as_view({"get": "retrieve", "put": "update"})

urlpatterns = [
    path("api/tasks/bulk/", BulkViewSet.as_view({"post": "bulk"}), name="task-bulk"),
    path("api/tasks/bulk-create/", BulkViewSet.as_view({"post": "bulk_create"}), name="task-bulk-create"),
    path("api/", include(router.urls)),
    re_path(rf"^api/{TASK}/watch/$", task_watch, name="task-watch"),
    re_path(rf"^api/{EXTERNAL}/$", by_external, name="task-by-external"),
    re_path(rf"^api/{PROJECT}/watch/$", project_watch, name="project-watch"),
]
