"""HTTP for watching: one's own levels, and the watchers of a task."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.db.models import DateTimeField, F, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.api.idempotency import idempotent
from apps.common.api.token_scopes import needs
from apps.common.api.views import ListMixin, ScopedViewSet
from apps.common.errors import NotFoundError
from apps.common.lists.ordering import OrderKey
from apps.common.transactions import run_write
from apps.projects.models import Membership, Project
from apps.projects.permissions import HasCapability
from apps.projects.roles import Capability
from apps.projects.views import ProjectChildMixin
from apps.tasks.child_views import TaskChildMixin
from apps.tasks.models import Watch
from apps.tasks.watching import schema, services
from apps.tasks.watching.reading import project_level, watch_state, watcher_of, watchers_of
from apps.tasks.watching.serializers import (
    NewWatcherSerializer,
    ProjectWatchSerializer,
    TaskWatchSerializer,
    TaskWatchStateSerializer,
    WatcherSerializer,
)
from apps.users.models import User


@extend_schema(tags=["watching"])
@extend_schema_view(**schema.WATCHERS)
class WatcherViewSet(TaskChildMixin, ListMixin, ScopedViewSet[Membership]):
    """Those who watch one task, found by the person's id."""

    http_method_names = ["get", "post", "delete", "head", "options"]
    lookup_field = "user_id"
    serializer_class = WatcherSerializer
    permission_classes = [HasCapability]
    token_scopes = needs("tasks:read", "tasks:write")
    required_capability = {
        **dict.fromkeys(("list", "metadata"), Capability.VIEW),
        "create": Capability.WRITE_TASKS,
        "destroy": Capability.VIEW,  # the service asks who added the person
    }
    throttle_scopes = dict.fromkeys(("create", "destroy"), "write")
    ordering_keys = {"since": OrderKey(F("since"), kind=DateTimeField)}
    default_ordering = "since"

    def scope(self) -> QuerySet[Membership]:
        return watchers_of(self.task).filter(project__in=Project.objects.visible_to(self.actor).values("pk"))

    def get_serializer(self, *args: Any, **options: Any) -> Any:
        """Return the serializer; who added the people it is given is loaded for all of them at once."""
        if args:
            rows = args[0] if options.get("many") else [args[0]]
            options["context"] = {**self.get_serializer_context(), "people": _adders(rows)}
        return super().get_serializer(*args, **options)

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: str) -> HttpResponse:
        body = NewWatcherSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return run_write(lambda: self.added(body.validated_data["user"]))

    def added(self, user: int | str) -> HttpResponse:
        """Have the person watch, and return them as they are in the list now."""
        user_id, is_new = services.add_watcher(actor=self.actor, task=self.task, user=user)
        watcher = watcher_of(self.task, user_id)
        if watcher is None:
            raise NotFoundError
        return self.answer(watcher, status=HTTPStatus.CREATED if is_new else HTTPStatus.OK)

    def destroy(self, request: Request, **kwargs: str) -> Response:
        services.remove_watcher(actor=self.actor, task=self.task, user_id=int(self.kwargs["user_id"]))
        return Response(status=HTTPStatus.NO_CONTENT)


@extend_schema(tags=["watching"])
@extend_schema_view(**schema.TASK_WATCH)
class TaskWatchViewSet(TaskChildMixin, ScopedViewSet[Watch]):
    """What the caller hears of one task."""

    http_method_names = ["get", "put", "delete", "head", "options"]
    serializer_class = TaskWatchSerializer
    permission_classes = [HasCapability]
    token_scopes = needs("tasks:read", "tasks:write")
    required_capability = dict.fromkeys(("retrieve", "update", "destroy", "metadata"), Capability.VIEW)
    throttle_scopes = dict.fromkeys(("update", "destroy"), "write")

    def scope(self) -> QuerySet[Watch]:
        return Watch.objects.filter(task=self.task, user=self.actor)

    def retrieve(self, request: Request, **kwargs: str) -> Response:
        return Response(TaskWatchStateSerializer(watch_state(self.actor, self.task)).data)

    def update(self, request: Request, **kwargs: str) -> Response:
        level = self.validated(request)["level"]
        return run_write(lambda: self.chosen(level))

    def chosen(self, level: str) -> Response:
        """Set the level, and return what holds now."""
        services.set_task_level(actor=self.actor, task=self.task, level=level)
        return Response(TaskWatchStateSerializer(watch_state(self.actor, self.task)).data)

    def destroy(self, request: Request, **kwargs: str) -> Response:
        services.unwatch_task(actor=self.actor, task=self.task)
        return Response(status=HTTPStatus.NO_CONTENT)


@extend_schema(tags=["watching"])
@extend_schema_view(**schema.PROJECT_WATCH)
class ProjectWatchViewSet(ProjectChildMixin, ScopedViewSet[Watch]):
    """What the caller hears of one project."""

    http_method_names = ["get", "put", "head", "options"]
    serializer_class = ProjectWatchSerializer
    permission_classes = [HasCapability]
    token_scopes = needs("projects:read", "projects:admin")
    required_capability = dict.fromkeys(("retrieve", "update", "metadata"), Capability.VIEW)
    throttle_scopes = {"update": "write"}

    def scope(self) -> QuerySet[Watch]:
        return Watch.objects.of_projects().filter(project=self.project, user=self.actor)

    def retrieve(self, request: Request, **kwargs: str) -> Response:
        return Response({"level": project_level(self.actor, self.project.pk)})

    def update(self, request: Request, **kwargs: str) -> Response:
        level = self.validated(request)["level"]
        services.set_project_level(actor=self.actor, project=self.project, level=level)
        return Response({"level": level})


def _adders(watchers: Iterable[Any]) -> dict[int, User]:
    ids = {watcher.added_by_id for watcher in watchers} - {None}
    return User.objects.in_bulk(ids) if ids else {}
