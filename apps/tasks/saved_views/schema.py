"""What the OpenAPI schema says about saved views."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema

from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.projects.schema import ARCHIVED, PERSON, STALE
from apps.tasks.saved_views.serializers import SavedViewSerializer, ViewCountsSerializer

VIEW = {
    "id": 5,
    "name": "Due this week",
    "project": 12,
    "filter": "assignee = me and due < today+7d",
    "ordering": "due_date",
    "layout": "board",
    "group_by": "status",
    "columns": ["key", "title", "due_date"],
    "is_shared": True,
    "is_favourite": False,
    "is_broken": False,
    "owner": PERSON,
    "version": 1,
    "created_at": "2026-11-20T08:00:00Z",
    "updated_at": "2026-11-20T08:00:00Z",
}
WRITTEN = {
    name: VIEW[name] for name in ("name", "project", "filter", "ordering", "layout", "group_by", "columns", "is_shared")
}
INVALID = {400: {"filter_invalid": "The filter is not valid; `errors` says what is wrong with it, and where."}}
FULL = {409: {"project_archived": ARCHIVED, "too_many_views": "There are `limit` views already."}}
NOT_MINE = {403: {"permission_denied": "A shared view is changed by its owner while a member, or by an admin."}}
IDS = OpenApiParameter(
    "ids",
    {"type": "array", "items": {"type": "integer", "format": "int64"}},
    description="Up to 50 ids; repeatable. Default: the caller's favourites.",
)

VIEWS = {
    "list": extend_schema(
        summary="List views",
        description="The caller's own views and those that are shared in their projects, by name.",
        examples=[answer_example("A view", VIEW)],
    ),
    "create": extend_schema(
        operation_id="createView",
        summary="Create a view",
        description=(
            "Keeps a filter under a name. A shared view needs a project and the role member; all members of the "
            "project see it, and each finds what they may see, with their own days and their own `me`."
        ),
        examples=[
            request_example("A name is enough", {"name": "Everything"}),
            request_example("Shared in a project", WRITTEN),
            answer_example("The view", VIEW),
        ],
        responses={201: SavedViewSerializer} | rejections(INVALID | FULL),
    ),
    "retrieve": extend_schema(
        summary="Get a view",
        description="With its `ETag`. The filter has the present names of people, projects and tasks.",
        examples=[answer_example("A view", VIEW)],
    ),
    "partial_update": extend_schema(
        summary="Update a view",
        description=(
            "Changes the fields that are sent. A shared view is changed by its owner while a member, or by an admin, "
            "and stays in its project."
        ),
        responses={200: SavedViewSerializer} | rejections(NOT_MINE | STALE),
        examples=[
            request_example("Rename", {"name": "Due soon"}),
            answer_example("The view", VIEW | {"name": "Due soon", "version": 2}),
        ],
    ),
    "destroy": extend_schema(
        summary="Delete a view",
        description="Tasks stay as they are.",
        responses={204: None} | rejections(NOT_MINE | STALE | {409: {"project_archived": ARCHIVED}}),
    ),
    "counts": extend_schema(
        operation_id="getViewCounts",
        summary="Count the tasks of views",
        description="How many tasks the caller finds with each view, up to 1,000.",
        filters=False,
        parameters=[IDS],
        examples=[answer_example("Counts", {"counts": {"5": 12, "9": None}})],
        responses={200: ViewCountsSerializer},
    ),
}
ADD_FAVOURITE = extend_schema(
    operation_id="addViewToFavourites",
    summary="Add a view to the favourites",
    description="Of the caller; doing it again changes nothing.",
    request=None,
    responses={204: None},
)
REMOVE_FAVOURITE = extend_schema(
    operation_id="removeViewFromFavourites",
    summary="Remove a view from the favourites",
    description="Of the caller; doing it again changes nothing.",
    responses={204: None},
)
