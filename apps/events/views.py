"""HTTP for the events of a project."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.encoding import iri_to_uri
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.api.token_scopes import needs
from apps.common.api.views import ScopedViewSet
from apps.events import schema
from apps.events.envelope import cloud_events
from apps.events.feed import events_after
from apps.events.parameters import FeedParameters, read_parameters
from apps.events.renderers import CloudEventsBatchRenderer
from apps.projects.models import Activity
from apps.projects.permissions import HasCapability
from apps.projects.roles import Capability
from apps.projects.serializers import ActivitySerializer
from apps.projects.views import ProjectChildMixin


@extend_schema(tags=["events"])
@extend_schema_view(**schema.PROJECT_EVENTS)
class ProjectEventViewSet(ProjectChildMixin, ScopedViewSet[Activity]):
    """The log of a project, in its order."""

    http_method_names = ["get", "head", "options"]
    serializer_class = ActivitySerializer  # of the log's rows; what is answered is made by `cloud_events`
    renderer_classes = [CloudEventsBatchRenderer, JSONRenderer]
    pagination_class = None
    filter_backends = []
    permission_classes = [HasCapability]
    token_scopes = needs("events:read")
    required_capability = {"list": Capability.VIEW, "metadata": Capability.VIEW}

    def scope(self) -> QuerySet[Activity]:
        return Activity.objects.filter(project=self.project)

    def list(self, request: Request, **kwargs: Any) -> Response:
        asked = read_parameters(request)
        events = events_after(self.project, after=asked.after, types=asked.types, limit=asked.limit)
        response = Response(cloud_events(events.rows, project_keys={self.project.pk: self.project.key}))
        if events.has_more:
            response["Link"] = f'<{_address(request, asked, after=events.rows[-1].seq)}>; rel="next"'
        return response


def _address(request: Request, asked: FeedParameters, *, after: int) -> str:
    query = urlencode([("after", after), *(("types", one) for one in asked.types), ("limit", asked.limit)])
    return f"{request.scheme}://{request.get_host()}{iri_to_uri(request.path)}?{query}"
