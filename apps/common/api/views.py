"""Base views: scope the queryset, check the capability, call the service, answer with an ETag."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apps.common.api.idempotency import idempotent
from apps.common.api.throttling import ScopedThrottle
from apps.common.api.token_scopes import Needed
from apps.common.concurrency import Expected, expected_versions, make_etag, none_match
from apps.common.errors import NotFoundError, PreconditionFailedError
from apps.common.transactions import run_write

M = TypeVar("M", bound=Model)


class ScopedViewSet(GenericViewSet[M], Generic[M]):
    """A view whose every look-up goes through `scope()`: what it cannot find is a 404.

    `required_capability` maps each action to what the caller's role must hold; an action that is
    missing there needs the highest one. `token_scopes` says what an API token needs, see
    `apps.common.api.token_scopes`.
    """

    required_capability: Mapping[str, Any] = {}
    token_scopes: Needed | None = None
    throttle_classes = [ScopedThrottle]
    lookup_value_regex = "[0-9]{1,18}"
    http_method_names = ["get", "post", "put", "patch", "delete", "head", "options"]

    @property
    def actor(self) -> Any:
        """Return the user the caller."""
        return self.request.user

    def scope(self) -> QuerySet[M]:
        """Return the rows that the actor may see, below the parents named in the path."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[M]:
        if getattr(self, "swagger_fake_view", False):  # the schema asks for the model, not for rows
            return self.get_serializer_class().Meta.model.objects.none()  # type: ignore[attr-defined, no-any-return]
        return self.scope()

    def get_object(self) -> M:
        """Return the row of the path, or 404; 403 when the role lacks the action's capability.

        List filters do not apply: an archived task still has its page. A route about one thing whose path has no id of
        it has no row to find either: OPTIONS asks for one wherever there is a PUT.
        """
        pk = self.kwargs.get(self.lookup_url_kwarg or self.lookup_field)
        if pk is None:
            raise Http404
        row = self.find(pk)
        self.check_object_permissions(self.request, row)
        return row

    def find(self, pk: str) -> M:
        """Return the row with the path's id in the caller's scope; raises Http404 or NotFoundError."""
        return get_object_or_404(self.get_queryset(), pk=pk)

    @property
    def expected(self) -> Expected:
        """Return the versions that If-Match accepts."""
        return expected_versions(self.request)

    def answer(self, row: M, *, status: int = HTTPStatus.OK) -> Response:
        """Return the row as this caller is shown it, with its ETag if it is versioned."""
        data = self.get_serializer(row).data
        response = Response(data, status=status)
        version = getattr(row, "version", None)
        if version is not None:
            etag = make_etag(version, JSONRenderer().render(data))
            if self.request.method in {"GET", "HEAD"} and none_match(self.request, etag):
                response = Response(status=HTTPStatus.NOT_MODIFIED)
            response["ETag"] = etag
        return response

    def answer_write(self, work: Callable[[], M], *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Run `work`, which calls a service and returns the written row, and answer with that row.

        The answer is read in the transaction of the write, under its locks: what others write a moment
        later is not shown and cannot make it fail after the commit. A deadlock repeats both, so `work`
        must not consume what it is given. Raises NotFoundError, with nothing written, when the caller
        may no longer see the row.
        """
        return run_write(lambda: self.answer_written(work(), status=status))

    def answer_written(self, row: M, *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Return the answer to a write of `row`: the row as it is now."""
        return self.answer_fresh(row.pk, status=status)

    def answer_fresh(self, pk: int, *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Return the row as it is now; for `answer_write`, which supplies the transaction."""
        return self.answer(get_object_or_404(self.get_queryset(), pk=pk), status=status)

    def handle_exception(self, exc: Exception) -> Response:
        """Answer a failed precondition with the current ETag, and say why a thing is missing to who may know."""
        if isinstance(exc, Http404) or (isinstance(exc, NotFoundError) and exc.code == NotFoundError.code):
            exc = self.explain_missing() or exc
        response: Response = super().handle_exception(exc)
        if isinstance(exc, PreconditionFailedError) and self.lookup_field in self.kwargs:
            etag = self.current_etag(int(self.kwargs[self.lookup_field]))
            if etag is not None:
                response["ETag"] = etag
        return response

    def explain_missing(self) -> NotFoundError | None:
        """Return a better answer than a plain 404 for this caller, if there is one."""
        return None

    def current_etag(self, pk: int) -> str | None:
        """Return the tag of a row as the caller would be shown it; None when they would not."""
        row = self.get_queryset().filter(pk=pk).first()
        if row is None:
            return None
        version: int = row.version  # type: ignore[attr-defined]
        return make_etag(version, JSONRenderer().render(self.get_serializer(row).data))

    def validated(self, request: Request, row: M | None = None, **options: Any) -> dict[str, Any]:
        """Return the body's fields after the serializer's checks of their shape."""
        serializer = self.get_serializer(row, data=request.data, **options)
        serializer.is_valid(raise_exception=True)
        fields: dict[str, Any] = serializer.validated_data
        return fields


class ListMixin:
    """GET of a list, paged."""

    def list(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        answer: Response = self.get_paginated_response(self.get_serializer(page, many=True).data)
        return answer


class RetrieveMixin:
    """GET of one row."""

    def retrieve(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer: Response = self.answer(self.get_object())
        return answer


class CreateMixin:
    """POST to a list; the view says how in `create_row(fields) -> row`."""

    @idempotent
    def create(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        fields = self.validated(request)
        answer: HttpResponse = self.answer_write(lambda: self.create_row(fields), status=HTTPStatus.CREATED)
        return answer


class UpdateMixin:
    """PUT and PATCH; the view says how in `update_row(row, fields) -> row`."""

    def update(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.get_object()
        fields = self.validated(request, row, partial=kwargs.get("partial", False))
        answer: HttpResponse = self.answer_write(lambda: self.update_row(row, fields))
        return answer

    def partial_update(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = self.update(request, *args, **kwargs, partial=True)
        return answer


class DestroyMixin:
    """DELETE; the view says how in `delete_row(row)`."""

    def destroy(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.delete_row(self.get_object())
        return Response(status=HTTPStatus.NO_CONTENT)
