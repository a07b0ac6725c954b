"""HTTP for saved views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import DateTimeField, F, Q, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.api.token_scopes import needs
from apps.common.api.views import CreateMixin, ListMixin, RetrieveMixin, ScopedViewSet
from apps.common.errors import NotFoundError, ValidationError
from apps.common.lists.filters import require_known_parameters
from apps.common.lists.ordering import OrderKey
from apps.common.text.sorting import SortKey
from apps.tasks.filtering.reader import reader_of
from apps.tasks.models import SavedView
from apps.tasks.saved_views import schema, services
from apps.tasks.saved_views.counting import count_of
from apps.tasks.saved_views.filters import SavedViewFilter
from apps.tasks.saved_views.judging import kept_filter
from apps.tasks.saved_views.reading import present
from apps.tasks.saved_views.serializers import SavedViewSerializer
from apps.tasks.views import TaskViewSet

IDS_MAX = 50


@extend_schema(tags=["views"])
@extend_schema_view(**schema.VIEWS)
class SavedViewViewSet(ListMixin, CreateMixin, RetrieveMixin, ScopedViewSet[SavedView]):
    """The views that the caller sees."""

    http_method_names = ["get", "post", "put", "patch", "delete", "head", "options"]
    serializer_class = SavedViewSerializer
    filterset_class = SavedViewFilter
    permission_classes = [IsAuthenticated]
    token_scopes = needs("tasks:read", "views:write")
    throttle_scopes = dict.fromkeys(("create", "partial_update", "destroy", "favourite", "unfavourite"), "write")
    ordering_keys = {
        "name": OrderKey(SortKey("name")),
        "created_at": OrderKey(F("created_at"), kind=DateTimeField),
    }
    default_ordering = "name"

    def scope(self) -> QuerySet[SavedView]:
        return SavedView.objects.visible_to(self.actor).select_related("owner")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "orderings": TaskViewSet.ordering_keys}

    def paginate_queryset(self, queryset: Any) -> Any:
        """Return a page whose filters are shown with present names."""
        page = super().paginate_queryset(queryset)
        present(page or [], reader_of(self.actor))
        return page

    def validated(self, request: Request, row: SavedView | None = None, **options: Any) -> dict[str, Any]:
        """Return the body's fields, with the filter as it is kept; FilterError for a wrong one."""
        fields = super().validated(request, row, **options)
        if "filter" in fields:
            fields |= kept_filter(fields["filter"], reader_of(self.actor))
        return fields

    def check_replay(self, answer: dict[str, Any]) -> None:
        """Raise NotFoundError when the view in a kept answer is out of reach of the caller's API token."""
        if not self.scope().filter(pk=answer["id"]).exists():
            raise NotFoundError

    def create_row(self, fields: dict[str, Any]) -> SavedView:
        return services.create_view(actor=self.actor, **fields)

    def partial_update(self, request: Request, **kwargs: str) -> HttpResponse:
        view = self.get_object()
        fields = self.validated(request, view, partial=True)
        return self.answer_write(
            lambda: services.update_view(actor=self.actor, view=view, changes=fields, expected=self.expected)
        )

    def destroy(self, request: Request, **kwargs: str) -> Response:
        services.delete_view(actor=self.actor, view=self.get_object(), expected=self.expected)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @schema.ADD_FAVOURITE
    @action(detail=True, methods=["put"])
    def favourite(self, request: Request, pk: str) -> Response:
        services.set_favourite(actor=self.actor, view=self.get_object(), is_favourite=True)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @schema.REMOVE_FAVOURITE
    @favourite.mapping.delete
    def unfavourite(self, request: Request, pk: str) -> Response:
        services.set_favourite(actor=self.actor, view=self.get_object(), is_favourite=False)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=False, methods=["get"])
    def counts(self, request: Request) -> Response:
        require_known_parameters(request, {"ids"}, several={"ids"})
        ids = _read_ids(request.query_params.getlist("ids"))
        scope = SavedView.objects.visible_to(self.actor)
        views = scope.filter(Q(pk__in=ids) if ids else Q(is_favourite=True)).order_by("pk")[:IDS_MAX]
        found = {view.pk: view for view in views}
        if missing := [pk for pk in ids if pk not in found]:
            raise ValidationError.at("/ids", "does_not_exist", f"There is no view {missing[0]}, or you do not see it.")
        return Response({"counts": {str(view.pk): count_of(view, self.actor) for view in found.values()}})


def _read_ids(texts: Sequence[str]) -> list[int]:
    texts = [text for text in texts if text]
    if len(texts) > IDS_MAX:
        raise ValidationError.at("/ids", "too_many", f"Name at most {IDS_MAX} views.")
    if not all(text.isascii() and text.isdigit() and len(text) < 19 for text in texts):
        raise ValidationError.at("/ids", "invalid", "Give ids of views.")
    return list(dict.fromkeys(map(int, texts)))
