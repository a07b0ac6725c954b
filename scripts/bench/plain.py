"""Yardsticks inside Django REST Framework.

- the usual ModelViewSet: page numbers, nested serializers, `distinct()` over the membership join;
- the honest one: plain DRF with this project's `visible_to`, keyset paging, filters and serializer, but model instances
  and a queryset compiled for each request;
- the empty view: this project's authentication, one query, and nothing else.

They stand below `/api/`, so that they pass by what is for pages, as the API does.
"""

from __future__ import annotations

import random
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.urls import include, path
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import filters, pagination, permissions, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from apps.common.api.views import ListMixin, RetrieveMixin, ScopedViewSet
from apps.projects.models import Project
from apps.projects.permissions import HasCapability
from apps.projects.roles import Capability
from apps.tasks.filters import TaskFilter
from apps.tasks.labels.serializers import LabelsField
from apps.tasks.models import Label, Relation, Task, TaskLabel
from apps.tasks.order.keys import MIDDLE, STEP, even_key
from apps.tasks.serializers import TaskSerializer
from apps.tasks.views import TaskViewSet
from apps.users.models import User


class PersonSerializer(serializers.ModelSerializer[User]):
    """A nested person."""

    class Meta:
        model = User
        fields = ["id", "username", "nickname", "avatar"]


class ProjectSerializer(serializers.ModelSerializer[Project]):
    """A nested project."""

    class Meta:
        model = Project
        fields = ["id", "key", "name"]


class PlainTaskSerializer(serializers.ModelSerializer[Task]):
    """A task as most projects write it."""

    assignee = PersonSerializer(source="assigned_to", read_only=True)
    creator = PersonSerializer(source="created_by", read_only=True)
    about = ProjectSerializer(source="project", read_only=True)

    class Meta:
        model = Task
        exclude = ["status_rank", "priority_rank"]
        read_only_fields = ["number"]


class PageNumbers(pagination.PageNumberPagination):
    """Pages by number, with the count of all."""

    page_size = 50


class PlainTaskViewSet(viewsets.ModelViewSet[Task]):
    """Membership by a join, made unique by DISTINCT."""

    serializer_class = PlainTaskSerializer
    pagination_class = PageNumbers
    filter_backends = [DjangoFilterBackend, filters.OrderingFilter]
    filterset_fields = {"project": ["exact"], "status": ["exact", "in"], "assigned_to": ["exact"]}
    ordering_fields = ["created_at", "due_date"]
    ordering = ["-created_at"]
    permission_classes = [permissions.IsAuthenticated]

    def get_queryset(self) -> QuerySet[Task]:
        assert isinstance(self.request.user, User)
        rows = Task.objects.filter(project__memberships__user=self.request.user)
        return rows.distinct().select_related("assigned_to", "created_by", "project")

    def perform_create(self, serializer: serializers.BaseSerializer[Task]) -> None:
        # Any number and any place that is free: this yardstick leaves the counting to those that promise it.
        place = even_key(-random.randrange(1, MIDDLE // STEP))
        serializer.save(created_by=self.request.user, number=random.randrange(2**40, 2**60), rank=place)


class PrefetchedLabels(LabelsField):
    """Labels that the queryset has fetched for all tasks of the page."""

    def get_attribute(self, instance: Task) -> list[Label]:
        return [carried.label for carried in instance.task_labels.all()]


class OrmTaskSerializer(TaskSerializer):
    """The fields of a task, read off instances, each in as few statements as the ORM allows."""

    labels = PrefetchedLabels(read_only=True)
    is_blocked = serializers.BooleanField(read_only=True)  # type: ignore[assignment]


class OrmTaskViewSet(ListMixin, RetrieveMixin, ScopedViewSet[Task]):
    """What TaskViewSet reads, without prepared statements and without JSON from PostgreSQL."""

    serializer_class = OrmTaskSerializer
    filterset_class = TaskFilter
    permission_classes = [HasCapability]
    required_capability = {"list": Capability.VIEW, "retrieve": Capability.VIEW}
    ordering_keys = TaskViewSet.ordering_keys
    default_ordering = TaskViewSet.default_ordering

    def scope(self) -> QuerySet[Task]:
        rows = Task.objects.visible_to(self.actor).select_related("project", "assigned_to", "created_by", "parent")
        carried = TaskLabel.objects.select_related("label").order_by("label__sort_name", "label_id")
        blockers = Relation.objects.open_blockers_of(OuterRef("pk"))
        return rows.prefetch_related(Prefetch("task_labels", carried)).annotate(is_blocked=Exists(blockers))


class EmptyView(APIView):
    """Authentication, and nothing else."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response({})


router = SimpleRouter()
router.register("api/plain/api/tasks", PlainTaskViewSet, basename="plain-tasks")
router.register("api/orm/api/tasks", OrmTaskViewSet, basename="orm-tasks")

urlpatterns = [path("api/empty/", EmptyView.as_view()), *router.urls, path("", include("config.urls"))]
