"""HTTP for apps that keep a copy."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.serializers import checked
from apps.common.api.throttling import ScopedThrottle
from apps.common.api.token_scopes import needs
from apps.common.concurrency import none_match
from apps.common.lists.filters import require_known_parameters
from apps.common.lists.reads import JsonAnswer
from apps.common.monitoring.metrics import sync_requests_total
from apps.sync import schema
from apps.sync.pages import read_page
from apps.sync.parameters import read_projects
from apps.sync.serializers import SyncSerializer
from apps.sync.state import state_of


class SyncView(APIView):
    """The next page of a copy."""

    throttle_classes = [ScopedThrottle]
    throttle_scope = "sync"
    token_scopes = needs(post="tasks:read")

    @schema.SYNC
    def post(self, request: Request) -> JsonAnswer:
        require_known_parameters(request, frozenset())
        caller: Any = request.user
        page = read_page(user=caller, **checked(SyncSerializer, request.data))
        sync_requests_total.labels(page.kind).inc()
        return JsonAnswer(page.text)


class SyncStateView(APIView):
    """Whether there is something new."""

    throttle_classes = [ScopedThrottle]
    throttle_scope = "sync"
    has_etag = True
    token_scopes = needs("tasks:read")

    @schema.STATE
    def get(self, request: Request) -> Response:
        caller: Any = request.user
        state = state_of(caller).of_projects(read_projects(request))
        etag = f'"{state.digest}"'
        if none_match(request, etag):
            return Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
        projects = {str(pk): seq for pk, seq in sorted(state.projects.items())}
        return Response({"projects": projects, "me": state.me}, headers={"ETag": etag})
