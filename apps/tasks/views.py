"""HTTP for tasks: scope the queryset, name the capability, call the service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.api.includes import read_include
from apps.common.api.serializers import checked
from apps.common.api.token_scopes import needs
from apps.common.api.views import CreateMixin, ScopedViewSet, UpdateMixin
from apps.common.errors import ForbiddenError, NotFoundError
from apps.common.lists.criteria import NOW, USER, Criteria, apply_filters
from apps.common.lists.kept import find_row, statement
from apps.common.lists.reads import PreparedReadsMixin, RenderedRow, rows_of
from apps.common.origin import is_narrowed
from apps.common.sql.statements import Parameter
from apps.projects.models import Activity, Membership, Project, TrashEntry
from apps.projects.permissions import HasCapability
from apps.projects.roles import Capability, allows
from apps.projects.views import ActivityViewSet, TrashMixin
from apps.tasks import schema, services
from apps.tasks.child_views import TaskChildMixin
from apps.tasks.comments.rendering import render_description
from apps.tasks.filter_routes.views import QueryMixin
from apps.tasks.filters import TaskFilter
from apps.tasks.labels.filters import LabelCriteriaMixin
from apps.tasks.models import Task
from apps.tasks.order.listing import ORDERS, require_one_order
from apps.tasks.queries.missing import task_in_trash
from apps.tasks.queries.statistics import figures, grouped
from apps.tasks.quick.views import QuickMixin
from apps.tasks.scope import TaskScopeMixin
from apps.tasks.serializers import (
    AssignTaskSerializer,
    MoveTaskSerializer,
    ParentReference,
    ProjectReference,
    SetTaskStatusSerializer,
    TaskDetailSerializer,
    TaskSerializer,
    TaskUpdateSerializer,
)
from apps.tasks.subtasks.placing import unknown_parent
from apps.tasks.subtasks.tree import rollup
from apps.tasks.subtasks.tree_view import TreeMixin
from apps.tasks.table.views import TableMixin

INCLUDES = ("html", "rollup")  # what `include=` of a single task knows
WRITES = (
    "create",
    "quick",
    "update",
    "partial_update",
    "destroy",
    "assign",
    "change_status",
    "archive",
    "unarchive",
    "move",
)


@extend_schema(tags=["tasks"])
@extend_schema_view(**schema.TASKS)
class TaskViewSet(
    QueryMixin,
    QuickMixin,
    TableMixin,
    TreeMixin,
    TaskScopeMixin,
    LabelCriteriaMixin,
    PreparedReadsMixin,
    CreateMixin,
    UpdateMixin,
    TrashMixin,
    ScopedViewSet[Task],
):
    """Tasks of the caller's projects."""

    serializer_class = TaskDetailSerializer
    filterset_class = TaskFilter
    permission_classes = [HasCapability]
    token_scopes = needs("tasks:read", "tasks:write", query="tasks:read", export="export:read")
    required_capability = {
        **dict.fromkeys(("list", "retrieve", "tree", "statistics", "metadata"), Capability.VIEW),
        **dict.fromkeys(("query", "explain_filter", "export"), Capability.VIEW),
        **dict.fromkeys(WRITES, Capability.WRITE_TASKS),
    }
    throttle_scopes = dict.fromkeys(WRITES, "write")
    ordering_keys = ORDERS
    default_ordering = "-created_at"

    def scope(self) -> QuerySet[Task]:
        return Task.objects.visible_to(self.actor)

    def find(self, pk: str) -> Task:
        return find_row(Task, Task.objects.visible_to, self.actor, pk)

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Task]]:
        return TaskSerializer if self.action in {"list", "query"} else TaskDetailSerializer

    def rendered(self, pk: int) -> RenderedRow | None:
        row: RenderedRow | None = super().rendered(pk)
        included = read_include(self.request, INCLUDES) if self.action == "retrieve" else ()
        if row is not None and "html" in included:
            site = self.request.build_absolute_uri("/")
            row.add("description_html", render_description(pk, json.loads(row.text)["description"], site=site))
        if row is not None and "rollup" in included:
            row.add("rollup", rollup(pk))
        return row

    def check_object_permissions(self, request: Request, obj: Task) -> None:
        super().check_object_permissions(request, obj)
        if self.action != "destroy" or allows(obj.role, Capability.DELETE_ANY_TASK):
            return
        if obj.created_by_id != request.user.pk:
            raise ForbiddenError("Only its creator or an admin of the project deletes a task.")

    def check_body_access(self, request: Request) -> None:
        """Judge the project that the body names, or gets from the parent: 400 when it is not visible, or 403."""
        if not isinstance(request.data, Mapping):
            return
        if "project" in request.data:
            _require_target(request, request.data["project"])
        elif self.action == "create" and request.data.get("parent") is not None:
            _require_parent(request, request.data["parent"])
        elif self.action == "create" and is_narrowed():
            _require_inbox(request)

    def check_replay(self, answer: Mapping[str, Any]) -> None:
        """Raise NotFoundError when the task in a kept answer is out of reach of the caller's API token."""
        task = answer.get("task", answer)  # quick add has it beside how its text was read
        if task is not None and not self.scope().filter(pk=task["id"]).exists():
            raise NotFoundError

    def validated(self, request: Request, row: Task | None = None, **options: Any) -> dict[str, Any]:
        """Return the body's fields; permission errors take precedence over validation errors.

        When nothing is, the service asks the same, under the project's lock.
        """
        try:
            return self.checked_body(request.data, row, **options)
        except serializers.ValidationError:
            self.check_body_access(request)
            raise

    def checked_body(self, data: Any, row: Task | None, **options: Any) -> dict[str, Any]:
        """Return the fields of a body of the right shape; one that changes a task may say more than a task has."""
        return checked(TaskDetailSerializer if row is None else TaskUpdateSerializer, data, **options)

    def create_row(self, fields: dict[str, Any]) -> Task:
        return services.create_task(actor=self.actor, **fields)

    def update_row(self, task: Task, fields: dict[str, Any]) -> Task:
        changes = {name: value for name, value in fields.items() if name != "on_subtasks"}
        return services.update_task(
            actor=self.actor,
            task=task,
            changes=changes,
            on_subtasks=fields.get("on_subtasks"),
            expected=self.expected,
        )

    def answer_written(self, row: Task, *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Return the task as it is now, with `effects` and X-Batch-ID where they apply (contract H4)."""
        batch = {} if row.batch_id is None else {"batch_id": str(row.batch_id)}
        effects = batch | (row.effects or {})
        answer: HttpResponse = self.answer_fresh(row.pk, status=status, beside={"effects": effects} if effects else {})
        if batch:
            answer["X-Batch-ID"] = batch["batch_id"]
        return answer

    def delete_row(self, task: Task) -> TrashEntry | None:
        return services.delete_task(actor=self.actor, task=task, expected=self.expected)

    def explain_missing(self) -> NotFoundError | None:
        """Return where the task is when it is in the trash."""
        return task_in_trash(self.request.user, int(self.kwargs["pk"])) if "pk" in self.kwargs else None

    @action(detail=True, methods=["patch"])
    def assign(self, request: Request, pk: str) -> HttpResponse:
        task = self.get_object()
        fields = checked(AssignTaskSerializer, request.data)
        return self.answer_write(
            lambda: services.assign_task(actor=self.actor, task=task, expected=self.expected, **fields)
        )

    @action(detail=True, methods=["patch"], url_path="status", url_name="status")
    def change_status(self, request: Request, pk: str) -> HttpResponse:
        task = self.get_object()
        fields = checked(SetTaskStatusSerializer, request.data)
        return self.answer_write(
            lambda: services.change_task_status(actor=self.actor, task=task, expected=self.expected, **fields)
        )

    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> HttpResponse:
        task = self.get_object()
        return self.answer_write(lambda: services.archive_task(actor=self.actor, task=task, expected=self.expected))

    @action(detail=True, methods=["post"])
    def unarchive(self, request: Request, pk: str) -> HttpResponse:
        task = self.get_object()
        return self.answer_write(lambda: services.unarchive_task(actor=self.actor, task=task, expected=self.expected))

    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> HttpResponse:
        task = self.get_object()
        fields = checked(MoveTaskSerializer, request.data)
        place, on_subtasks = fields.pop("place"), fields.pop("on_subtasks", None)
        return self.answer_write(
            lambda: services.move_task(
                actor=self.actor,
                task=task,
                place=place,
                changes=fields,
                on_subtasks=on_subtasks,
                expected=self.expected,
            )
        )

    def check_order(self, ordering: str, criteria: Criteria) -> None:
        """Reject an order by rank of tasks that are not in one order."""
        require_one_order(ordering, criteria)

    @action(detail=False, methods=["get"])
    def statistics(self, request: Request) -> Response:
        criteria = self.completed_criteria(request)
        values = self.parameter_values() | criteria.values
        key = (type(self), "statistics", criteria.shape)
        once = partial(criteria.names_only, "project")
        rows = rows_of(criteria, key, lambda: self.groups(criteria), values, is_planned_once=once)
        return Response(figures(rows))

    def groups(self, criteria: Criteria) -> QuerySet[Task, Any]:
        """Build the rows that the statistics are sums of."""
        return grouped(apply_filters(TaskFilter, self.template_view().scope(), criteria.cleaned), now=NOW)


@extend_schema(tags=["tasks"])
@extend_schema_view(**schema.TASK_HISTORY)
class TaskActivityViewSet(TaskChildMixin, ActivityViewSet):
    """The history of a task, as far as it happened in projects of the caller."""

    token_scopes = needs("tasks:read")

    def history(self) -> QuerySet[Activity]:
        mine = Membership.objects.of(self.actor).values("project_id")
        return Activity.objects.filter(task_id=self.kwargs["task_pk"], project__in=mine)


def _require_target(request: Request, value: Any) -> None:
    try:
        project_id = ProjectReference().run_validation(value)
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"project": error.detail}) from None
    roles = statement(("role in",), _role_in).run({"user": request.user.pk, "project": project_id})
    if not roles:
        raise services.unknown_project()
    if not allows(roles[0][0], Capability.WRITE_TASKS):
        raise ForbiddenError


def _require_inbox(request: Request) -> None:
    """Raise ValidationError unless the caller's API token reaches the Inbox, where a task without a project goes."""
    if not Project.objects.visible_to(request.user).filter(owner=request.user.pk, is_inbox=True).exists():
        raise services.unknown_project()


def _require_parent(request: Request, value: Any) -> None:
    try:
        parent_id = ParentReference().run_validation(value)
    except serializers.ValidationError as error:
        raise serializers.ValidationError({"parent": error.detail}) from None
    role = Task.objects.visible_to(request.user).filter(pk=parent_id).values_list("role", flat=True).first()  # type: ignore[misc]
    if role is None:
        raise unknown_parent()
    if not allows(role, Capability.WRITE_TASKS):
        raise ForbiddenError


def _role_in() -> QuerySet[Project, Any]:
    return Project.objects.visible_to(USER).filter(pk=Parameter("project")).values_list("role")  # type: ignore[misc]
