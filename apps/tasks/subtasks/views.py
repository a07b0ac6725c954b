"""HTTP for the direct children of a task."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from apps.common.api.token_scopes import needs
from apps.common.api.views import ScopedViewSet
from apps.common.lists.reads import PreparedListMixin
from apps.common.sql.statements import Parameter
from apps.projects.permissions import HasCapability
from apps.projects.roles import Capability
from apps.tasks.child_views import TaskChildMixin
from apps.tasks.labels.filters import LabelCriteriaMixin
from apps.tasks.models import Task
from apps.tasks.serializers import TaskSerializer
from apps.tasks.subtasks import schema
from apps.tasks.subtasks.filters import SubtaskFilter
from apps.tasks.views import TaskViewSet


@extend_schema(tags=["tasks"])
@extend_schema_view(**schema.SUBTASKS)
class SubtaskViewSet(TaskChildMixin, LabelCriteriaMixin, PreparedListMixin, ScopedViewSet[Task]):
    """The direct children of a task."""

    http_method_names = ["get", "head", "options"]
    serializer_class = TaskSerializer
    filterset_class = SubtaskFilter
    permission_classes = [HasCapability]
    token_scopes = needs("tasks:read")
    required_capability = {"list": Capability.VIEW, "metadata": Capability.VIEW}
    ordering_keys = TaskViewSet.ordering_keys
    default_ordering = "rank"

    def scope(self) -> QuerySet[Task]:
        return Task.objects.visible_to(self.actor).filter(parent=Parameter("task"))

    def parameter_values(self) -> dict[str, Any]:
        values: dict[str, Any] = super().parameter_values()
        return values | {"task": self.task.pk}
