"""HTTP for the comments of a task and their former versions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.db.models import BigIntegerField, DateTimeField, F, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.api.includes import read_include
from apps.common.api.serializers import checked
from apps.common.api.token_scopes import needs
from apps.common.api.views import CreateMixin, DestroyMixin, ListMixin, ScopedViewSet
from apps.common.errors import ForbiddenError, NotFoundError
from apps.common.lists.kept import find_row
from apps.common.lists.ordering import OrderKey
from apps.common.lists.reads import PreparedReadsMixin, RenderedRow, with_member
from apps.common.sql.statements import Parameter
from apps.projects.permissions import HasCapability
from apps.projects.roles import Capability, allows
from apps.tasks.child_views import TaskChildMixin
from apps.tasks.comments import schema, services
from apps.tasks.comments.filters import CommentFilter
from apps.tasks.comments.rendering import Text, current_mentions, render
from apps.tasks.comments.serializers import CommentSerializer, CommentTextSerializer, CommentVersionSerializer
from apps.tasks.comments.services.locking import NOT_YOURS, NOT_YOURS_TO_DELETE
from apps.tasks.models import Comment, CommentVersion, Mention

INCLUDES = ("html",)


@extend_schema(tags=["comments"])
@extend_schema_view(**schema.COMMENTS)
class CommentViewSet(TaskChildMixin, PreparedReadsMixin, CreateMixin, DestroyMixin, ScopedViewSet[Comment]):
    """The comments of one task."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    serializer_class = CommentSerializer
    filterset_class = CommentFilter
    permission_classes = [HasCapability]
    token_scopes = needs("tasks:read", "comments:write")
    required_capability = {
        **dict.fromkeys(("list", "retrieve", "metadata"), Capability.VIEW),
        **dict.fromkeys(("create", "partial_update", "destroy"), Capability.COMMENT),
    }
    throttle_scopes = dict.fromkeys(("create", "partial_update", "destroy"), "write")
    ordering_keys = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}
    default_ordering = "created_at"

    def scope(self) -> QuerySet[Comment]:
        return Comment.objects.visible_to(self.actor).filter(task=self.kwargs["task_pk"])

    def template_view(self) -> Any:
        view = super().template_view()
        view.kwargs = {"task_pk": Parameter("task")}
        return view

    def parameter_values(self) -> dict[str, Any]:
        return {**super().parameter_values(), "task": self.task.pk}

    def find(self, pk: str) -> Comment:
        comment = find_row(Comment, Comment.objects.visible_to, self.actor, pk)
        if comment.task_id != self.task.pk:
            raise NotFoundError
        return comment

    def written(self, rows: Sequence[tuple[Any, ...]]) -> Iterable[str]:
        texts = [row[0] for row in rows]
        if "html" not in read_include(self.request, INCLUDES):
            return texts
        shown = [json.loads(text) for text in texts]
        html = self.html_of(shown)
        return [with_member(text, "body_html", html.get(row["id"])) for text, row in zip(texts, shown, strict=True)]

    def rendered(self, pk: int) -> RenderedRow | None:
        row = super().rendered(pk)
        if row is not None and "html" in read_include(self.request, INCLUDES):
            row.add("body_html", self.html_of([json.loads(row.text)]).get(pk))
        return row

    def html_of(self, shown: Iterable[Mapping[str, Any]]) -> dict[int, str]:
        """Return the HTML of those of these comments that have a text, by id."""
        bodies = {row["id"]: row["body"] for row in shown if row["body"] is not None}
        named: dict[int | None, list[Mention]] = {}
        for mention in current_mentions().select_related(None).filter(comment__in=bodies):
            named.setdefault(mention.comment_id, []).append(mention)
        texts = {pk: Text(body, named.get(pk, ())) for pk, body in bodies.items()}
        return render(texts, task_id=self.task.pk, site=self.request.build_absolute_uri("/"))

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        super().check_object_permissions(request, obj)
        if self.action not in {"partial_update", "destroy"}:
            return
        is_author = obj.author_id == request.user.pk
        if self.action == "partial_update" and not is_author:
            raise ForbiddenError(NOT_YOURS)
        if self.action == "destroy" and not is_author and not allows(obj.role, Capability.DELETE_ANY_TASK):
            raise ForbiddenError(NOT_YOURS_TO_DELETE)

    def validated(self, request: Request, row: Comment | None = None, **options: Any) -> dict[str, Any]:
        """Return the body's fields; what is read and what is written have serializers of their own."""
        return checked(CommentTextSerializer, request.data, **options)

    def create_row(self, fields: dict[str, Any]) -> Comment:
        return services.create_comment(actor=self.actor, task=self.task, **fields)

    def partial_update(self, request: Request, **kwargs: str) -> HttpResponse:
        comment = self.get_object()
        fields = self.validated(request, comment, partial=True)
        return self.answer_write(
            lambda: services.edit_comment(actor=self.actor, comment=comment, expected=self.expected, **fields)
        )

    def delete_row(self, comment: Comment) -> None:
        services.delete_comment(actor=self.actor, comment=comment, expected=self.expected)


@extend_schema(tags=["comments"])
@extend_schema_view(**schema.COMMENT_HISTORY)
class CommentHistoryViewSet(TaskChildMixin, ListMixin, ScopedViewSet[CommentVersion]):
    """The former texts of one comment, found by their number."""

    http_method_names = ["get", "delete", "head", "options"]
    lookup_field = "number"
    serializer_class = CommentVersionSerializer
    permission_classes = [HasCapability]
    token_scopes = needs("tasks:read", "comments:write")
    required_capability = {
        **dict.fromkeys(("list", "metadata"), Capability.VIEW),
        "destroy": Capability.COMMENT,
    }
    throttle_scopes = {"destroy": "write"}
    ordering_keys = {"number": OrderKey(F("number"), kind=BigIntegerField)}
    default_ordering = "number"
    comment: Comment

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        comments = Comment.objects.visible_to(request.user).filter(task=self.task)
        self.comment = get_object_or_404(comments, pk=self.kwargs["comment_pk"])
        is_allowed = self.comment.author_id == request.user.pk or allows(self.comment.role, Capability.DELETE_ANY_TASK)
        if self.action == "destroy" and not is_allowed:
            raise ForbiddenError(NOT_YOURS_TO_DELETE)

    def scope(self) -> QuerySet[CommentVersion]:
        # Lists end their order in an id; a version's is its number.
        return CommentVersion.objects.filter(comment=self.comment).annotate(id=F("number"))

    def destroy(self, request: Request, **kwargs: str) -> Response:
        services.erase_version(actor=self.actor, comment=self.comment, number=int(self.kwargs["number"]))
        return Response(status=HTTPStatus.NO_CONTENT)
