"""A small API over tasks, to try what every view shares without any app's own rules."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, DateTimeField, F, QuerySet
from django.urls import include, path
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from apps.common.api.parsers import StrictJSONParser, UploadParser
from apps.common.api.serializers import InstantField, StrictMixin, TextField
from apps.common.api.views import CreateMixin, DestroyMixin, ListMixin, RetrieveMixin, ScopedViewSet, UpdateMixin
from apps.common.concurrency import require_version
from apps.common.errors import ConflictError
from apps.common.lists.filters import InstantFilter, StrictBooleanFilter
from apps.common.lists.ordering import OrderKey
from apps.common.text.sorting import SortKey
from apps.common.transactions import write
from apps.projects.models import Project
from apps.tasks.models import Task
from config.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]


class CardSerializer(StrictMixin, serializers.ModelSerializer[Task]):
    title = TextField(max_length=200)
    due_date = InstantField(required=False, allow_null=True)

    class Meta:
        model = Task
        fields = ["id", "title", "due_date", "duration", "metadata", "version"]
        read_only_fields = ["version"]


class CardFilter(filters.FilterSet):
    due_after = InstantFilter(field_name="due_date", lookup_expr="gte")
    dated = StrictBooleanFilter(field_name="due_date", lookup_expr="isnull", exclude=True)
    project = filters.NumberFilter()


@write
def create_card(*, fields: dict[str, Any], user: Any) -> Task:
    """Add a card to the person's first project."""
    project = Project.objects.select_for_update(no_key=True).filter(owner=user).earliest("id")
    project.last_task_number += 1
    project.save(update_fields=["last_task_number"])
    if fields["title"] == "conflict":
        raise ConflictError("Rejected.")
    return Task.objects.create(project=project, number=project.last_task_number, created_by=user, **fields)


@write
def change_card(*, pk: int, fields: dict[str, Any], expected: Any) -> Task:
    """Write the fields if the stored version is an expected one."""
    row = Task.objects.select_for_update(no_key=True).get(pk=pk)
    require_version(row, expected)
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    return row


class CardViewSet(ListMixin, RetrieveMixin, CreateMixin, UpdateMixin, DestroyMixin, ScopedViewSet[Task]):
    serializer_class = CardSerializer
    filterset_class = CardFilter
    parser_classes = [StrictJSONParser, UploadParser]
    throttle_scopes = {"destroy": "board"}
    max_upload_bytes = 100_000
    default_ordering = "-created_at"
    ordering_keys = {
        "created_at": OrderKey(F("created_at"), kind=DateTimeField),
        "due_date": OrderKey(F("due_date"), kind=DateTimeField, nullable=True),
        "priority": OrderKey(F("priority_rank"), kind=BigIntegerField),
        "title": OrderKey(SortKey("title")),
    }

    def scope(self) -> QuerySet[Task]:
        return Task.objects.all()

    def create_row(self, fields: dict[str, Any]) -> Task:
        return create_card(fields=fields, user=self.actor)

    def update_row(self, row: Task, fields: dict[str, Any]) -> Task:
        return change_card(pk=row.pk, fields=fields, expected=self.expected)

    def delete_row(self, row: Task) -> None:
        raise NotImplementedError


router = SimpleRouter()
router.register("cards", CardViewSet, basename="card")
router.register("slips", CardViewSet, basename="slip")
urlpatterns = [path("api/", include(router.urls))]
