"""What OpenAPI says of comments: summaries, examples, errors."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema

from apps.common.api.includes import include_parameter
from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.projects.schema import ARCHIVED, COLLEAGUE, PERSON, STALE
from apps.tasks.comments.serializers import CommentSerializer, CommentTextSerializer

COMMENT: dict[str, Any] = {
    "id": 9,
    "task": 42,
    "body": "Seen on **Android** as well, @ada.",
    "author": COLLEAGUE,
    "mentions": [PERSON],
    "version": 1,
    "edits_count": 0,
    "created_at": "2026-11-20T09:30:00Z",
    "edited_at": None,
    "is_deleted": False,
}
EDITED = COMMENT | {
    "body": "Seen on **Android 15** as well, @ada.",
    "version": 2,
    "edits_count": 1,
    "edited_at": "2026-11-20T09:40:00Z",
}
FORMER = {"number": 1, "body": COMMENT["body"], "written_at": "2026-11-20T09:30:00Z", "is_erased": False}
DELETED = "The comment was deleted."
CURRENT = "It is the present text: edit or delete the comment instead."


COMMENTS = {
    "list": extend_schema(
        summary="List the comments of a task",
        description="Oldest first. A deleted comment keeps its place; its `body` is null.",
        examples=[answer_example("A comment", COMMENT)],
    ),
    "create": extend_schema(
        summary="Comment on a task",
        description=(
            "The text is Markdown, and kept as it was sent but for blanks around it. Members named in it as "
            "`@username` are mentioned, at most 50."
        ),
        request=CommentTextSerializer,
        examples=[request_example("A comment", {"body": COMMENT["body"]}), answer_example("The comment", COMMENT)],
        responses={201: CommentSerializer} | rejections({409: {"project_archived": ARCHIVED}}),
    ),
    "retrieve": extend_schema(
        summary="Get a comment",
        description="With its `ETag`, for `If-Match` and `If-None-Match`.",
        parameters=[include_parameter("html", description="Adds `body_html`.")],
        examples=[answer_example("A comment", COMMENT)],
    ),
    "partial_update": extend_schema(
        summary="Edit a comment",
        description=(
            "Only its author edits a comment. The former text stays in its history. The same text again changes "
            "nothing."
        ),
        request=CommentTextSerializer,
        examples=[request_example("Another text", {"body": EDITED["body"]}), answer_example("The comment", EDITED)],
        responses={200: CommentSerializer}
        | rejections(STALE | {409: {"comment_deleted": DELETED, "project_archived": ARCHIVED}}),
    ),
    "destroy": extend_schema(
        summary="Delete a comment",
        description=(
            "Its author may, and admins may. The text and all former ones are erased for good; the comment keeps its "
            "place in the list. Deleting it again changes nothing."
        ),
        responses={204: None} | rejections(STALE | {409: {"project_archived": ARCHIVED}}),
    ),
}
COMMENT_HISTORY = {
    "list": extend_schema(
        operation_id="listTaskCommentVersions",
        summary="List the former texts of a comment",
        description="Oldest first, without the present one.",
        examples=[answer_example("A former text", FORMER)],
    ),
    "destroy": extend_schema(
        operation_id="eraseTaskCommentVersion",
        summary="Erase a former text of a comment",
        description="For good, such as a password pasted by mistake; the entry stays without text.",
        responses={204: None} | rejections({409: {"current_version": CURRENT, "project_archived": ARCHIVED}}),
    ),
}
