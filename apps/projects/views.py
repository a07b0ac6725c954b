"""HTTP for projects, their members and their history."""

from __future__ import annotations

from typing import Any

from django.db.models import DateTimeField, F, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from apps.common.ordering import OrderKey
from apps.common.views import ListMixin, ScopedViewSet
from apps.projects.models import Activity, Project
from apps.projects.permissions import HasCapability
from apps.projects.roles import Capability
from apps.projects.serializers import ActivitySerializer


class ProjectChildMixin(GenericViewSet[Any]):
    """For routes below `projects/{project_pk}/`: resolves `self.project`, with the caller's `role`.

    404 for who does not see the project and 403 for who may not act there come before the throttle
    and before the body is read. Stands first among a view's bases.
    """

    project: Project

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        self.project = get_object_or_404(Project.objects.visible_to(request.user), pk=self.kwargs["project_pk"])
        self.check_object_permissions(request, self.project)


class ActivityViewSet(ListMixin, ScopedViewSet[Activity]):
    """A history, newest first: the base for a project's and a task's; `history()` says whose."""

    serializer_class = ActivitySerializer
    permission_classes = [HasCapability]
    required_capability = {"list": Capability.VIEW}
    ordering_keys = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}
    default_ordering = "-created_at"

    def history(self) -> QuerySet[Activity]:
        """Return the entries that the actor may see."""
        raise NotImplementedError

    def scope(self) -> QuerySet[Activity]:
        return self.history().select_related("actor")


class ProjectActivityViewSet(ProjectChildMixin, ActivityViewSet):
    """The history of a project."""

    def history(self) -> QuerySet[Activity]:
        return Activity.objects.filter(project=self.project)
