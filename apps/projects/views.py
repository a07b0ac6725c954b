"""HTTP for projects, their members and their history."""

from __future__ import annotations

from typing import Any

from django.db.models import DateTimeField, F, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from apps.common.api.token_scopes import NOT_FOR_TOKENS, needs
from apps.common.api.views import CreateMixin, ListMixin, ScopedViewSet, UpdateMixin
from apps.common.errors import NotFoundError
from apps.common.lists.criteria import Criteria
from apps.common.lists.kept import find_row
from apps.common.lists.ordering import OrderKey
from apps.common.lists.reads import PreparedReadsMixin
from apps.common.origin import require_all_projects
from apps.common.text.sorting import SortKey
from apps.projects import schema, services
from apps.projects.events import UNLISTED
from apps.projects.filters import MemberFilter, ProjectFilter
from apps.projects.missing import project_in_trash
from apps.projects.models import Activity, Membership, Project, TrashEntry
from apps.projects.permissions import HasCapability
from apps.projects.roles import Capability, allows
from apps.projects.serializers import (
    ActivitySerializer,
    MemberSerializer,
    NewMemberSerializer,
    ProjectDetailSerializer,
    ProjectSerializer,
    RoleSerializer,
    TransferProjectSerializer,
)
from apps.projects.token_names import token_names


class TrashMixin:
    """DELETE into the trash; the view says how in `delete_row(row) -> TrashEntry | None`."""

    def destroy(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        entry = self.delete_row(self.get_object())
        response = Response(status=status.HTTP_204_NO_CONTENT)
        if entry is not None:
            response["Location"] = reverse("trash-detail", args=[entry.pk])
            if entry.batch_id is not None:
                response["X-Batch-ID"] = str(entry.batch_id)
        return response


@extend_schema(tags=["projects"])
@extend_schema_view(**schema.PROJECTS)
class ProjectViewSet(PreparedReadsMixin, CreateMixin, UpdateMixin, TrashMixin, ScopedViewSet[Project]):
    """Projects: own and shared."""

    serializer_class = ProjectDetailSerializer
    permission_classes = [HasCapability]
    token_scopes = needs("projects:read", "projects:admin", transfer=NOT_FOR_TOKENS)
    required_capability = {
        "list": Capability.VIEW,
        "create": Capability.VIEW,
        "retrieve": Capability.VIEW,
        "metadata": Capability.VIEW,
        "update": Capability.MANAGE_PROJECT,
        "partial_update": Capability.MANAGE_PROJECT,
        "archive": Capability.MANAGE_PROJECT,
        "unarchive": Capability.MANAGE_PROJECT,
        "transfer": Capability.OWN_PROJECT,
        "destroy": Capability.OWN_PROJECT,
    }
    filterset_class = ProjectFilter
    ordering_keys = {
        "name": OrderKey(SortKey("name")),
        "created_at": OrderKey(F("created_at"), kind=DateTimeField),
        "updated_at": OrderKey(F("updated_at"), kind=DateTimeField),
    }
    default_ordering = "-created_at"

    def scope(self) -> QuerySet[Project]:
        return Project.objects.visible_to(self.actor)

    def comes_sorted(self, criteria: Criteria, ordering: str) -> bool:
        return True  # a person's projects are few

    def find(self, pk: str) -> Project:
        return find_row(Project, Project.objects.visible_to, self.actor, pk)

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if self.action == "create":
            require_all_projects()

    def get_serializer_class(self) -> type[BaseSerializer[Project]]:
        return ProjectSerializer if self.action == "list" else ProjectDetailSerializer

    def create_row(self, fields: dict[str, Any]) -> Project:
        return services.create_project(actor=self.actor, **fields)

    def update_row(self, project: Project, fields: dict[str, Any]) -> Project:
        return services.update_project(actor=self.actor, project_id=project.pk, expected=self.expected, changes=fields)

    def delete_row(self, project: Project) -> TrashEntry | None:
        return services.delete_project(actor=self.actor, project_id=project.pk, expected=self.expected)

    def explain_missing(self) -> NotFoundError | None:
        """Return where the project is when it is in the trash."""
        return project_in_trash(self.request.user, int(self.kwargs["pk"])) if "pk" in self.kwargs else None

    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> HttpResponse:
        project = self.get_object()
        return self.answer_write(
            lambda: services.archive_project(actor=self.actor, project_id=project.pk, expected=self.expected)
        )

    @action(detail=True, methods=["post"])
    def unarchive(self, request: Request, pk: str) -> HttpResponse:
        project = self.get_object()
        return self.answer_write(
            lambda: services.unarchive_project(actor=self.actor, project_id=project.pk, expected=self.expected)
        )

    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, pk: str) -> HttpResponse:
        project = self.get_object()
        body = TransferProjectSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.answer_write(
            lambda: services.transfer_project(
                actor=self.actor, project_id=project.pk, expected=self.expected, **body.validated_data
            )
        )


class ProjectChildMixin(GenericViewSet[Any]):
    """For routes below `projects/{project_pk}/`: resolves `self.project`, with the caller's `role`.

    404 for who does not see the project and 403 for who may not act there come before the throttle
    and before the body is read. Stands first among a view's bases.
    """

    project: Project

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        self.project = find_row(Project, Project.objects.visible_to, request.user, self.kwargs["project_pk"])
        self.check_object_permissions(request, self.project)

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        """Judge by the caller's role in the project, whatever row below it is asked for."""
        super().check_object_permissions(request, self.project)

    def explain_missing(self) -> NotFoundError | None:
        """Return where the project is when it is in the trash."""
        return project_in_trash(self.request.user, int(self.kwargs["project_pk"]))


class ActivityViewSet(ListMixin, ScopedViewSet[Activity]):
    """A history, newest first: the base for a project's and a task's; `history()` says whose."""

    serializer_class = ActivitySerializer
    permission_classes = [HasCapability]
    required_capability = {"list": Capability.VIEW, "metadata": Capability.VIEW}
    ordering_keys = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}
    default_ordering = "-created_at"

    def history(self) -> QuerySet[Activity]:
        """Return the entries that the actor may see."""
        raise NotImplementedError

    def get_serializer(self, *args: Any, **options: Any) -> Any:
        """Return the serializer; the API tokens of the entries it is given are named, in one query if there are any."""
        if args and options.get("many"):
            used = {event.token_id for event in args[0] if event.token_id is not None}
            options["context"] = {**self.get_serializer_context(), "token_names": token_names(used)}
        return super().get_serializer(*args, **options)

    def scope(self) -> QuerySet[Activity]:
        return self.history().exclude(type__in=UNLISTED).select_related("actor")


@extend_schema(tags=["projects"])
@extend_schema_view(**schema.PROJECT_HISTORY)
class ProjectActivityViewSet(ProjectChildMixin, ActivityViewSet):
    """The history of a project."""

    token_scopes = needs("projects:read")

    def history(self) -> QuerySet[Activity]:
        return Activity.objects.filter(project=self.project)


@extend_schema(tags=["members"])
@extend_schema_view(**schema.MEMBERS)
class MemberViewSet(ProjectChildMixin, ListMixin, CreateMixin, ScopedViewSet[Membership]):
    """Members of a project, found by the person's id."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    lookup_field = "user_id"
    permission_classes = [HasCapability]
    token_scopes = needs("projects:read", "projects:admin")
    required_capability = {
        "list": Capability.VIEW,
        "metadata": Capability.VIEW,
        "create": Capability.MANAGE_PROJECT,
        "partial_update": Capability.MANAGE_PROJECT,
        "destroy": Capability.VIEW,  # their own membership; that of others see check_permissions
    }
    throttle_scopes = {"create": "members"}
    filterset_class = MemberFilter
    ordering_keys = {"joined_at": OrderKey(F("joined_at"), kind=DateTimeField)}
    default_ordering = "joined_at"

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        of_another = self.action == "destroy" and int(self.kwargs["user_id"]) != request.user.pk
        if of_another and not allows(self.project.role, Capability.MANAGE_PROJECT):
            self.permission_denied(request)

    def scope(self) -> QuerySet[Membership]:
        return Membership.objects.filter(project=self.project).select_related("user")

    def get_serializer_class(self) -> type[BaseSerializer[Membership]]:
        by_action = {"create": NewMemberSerializer, "partial_update": RoleSerializer}
        return by_action.get(self.action or "", MemberSerializer)

    def get_object(self) -> Membership:
        return get_object_or_404(self.get_queryset(), user_id=self.kwargs["user_id"])

    def create_row(self, fields: dict[str, Any]) -> Membership:
        return services.add_member(actor=self.actor, project_id=self.project.pk, **fields)

    def partial_update(self, request: Request, **kwargs: str) -> HttpResponse:
        membership = self.get_object()
        fields = self.validated(request, membership, partial=True)
        return self.answer_write(
            lambda: services.change_role(
                actor=self.actor,
                project_id=self.project.pk,
                user_id=membership.user_id,
                role=fields.get("role", membership.role),
            )
        )

    def destroy(self, request: Request, **kwargs: str) -> Response:
        membership = self.get_object()
        services.remove_member(actor=self.actor, project_id=self.project.pk, user_id=membership.user_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
