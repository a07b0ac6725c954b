"""What OpenAPI says of tasks by what they are elsewhere."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from apps.common.api.includes import include_parameter
from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.projects.schema import ARCHIVED, STALE
from apps.tasks.external.keys import ID_LENGTH, SOURCE
from apps.tasks.external.serializers import ExternalTaskSerializer
from apps.tasks.schema import DETAIL, FULL, OPEN_SUBTASKS, PLACED
from apps.tasks.serializers import TaskDetailSerializer

KEY = [
    OpenApiParameter(
        "source",
        {"type": "string", "pattern": f"^{SOURCE}$"},
        OpenApiParameter.PATH,
        description="Where the task is known under the id, such as `jira`.",
    ),
    OpenApiParameter(
        "external_id",
        {"type": "string", "minLength": 1, "maxLength": ID_LENGTH},
        OpenApiParameter.PATH,
        description="The task's id there, percent-encoded (`/` as `%2F`).",
    ),
]
TASK = DETAIL | {"title": "Fix the login page", "external": {"source": "jira", "id": "PROJ-9"}}
WRITTEN = rejections(
    STALE
    | {
        409: {
            "project_archived": ARCHIVED,
            "too_many_labels": FULL,
            "open_subtasks": OPEN_SUBTASKS,
            "blocked": "An open task blocks it, and its project rejects setting it to `done` then.",
            **PLACED,
        }
    }
)
EXTERNAL = {
    "retrieve": extend_schema(
        operation_id="getTaskByExternal",
        summary="Get a task by its id elsewhere",
        description="The task of the project that an import or a client has made under this source and id.",
        parameters=[
            *KEY,
            include_parameter("html", "rollup", description="Adds `description_html`, or figures of all below it."),
        ],
        examples=[answer_example("A task", TASK)],
        responses={200: TaskDetailSerializer},
    ),
    "update": extend_schema(
        operation_id="putTaskByExternal",
        summary="Create or update a task by its id elsewhere",
        description=(
            "Creates the task, which needs a `title`, or sets the fields that are sent. The same request again changes "
            "nothing, so it may be repeated at will. With `If-Match` nothing is created, and while the task is in the "
            "trash nothing is written: 404 `in_trash`."
        ),
        parameters=KEY,
        request=ExternalTaskSerializer,
        examples=[
            request_example("A task", {"title": "Fix the login page", "status": "in_progress"}),
            answer_example("The task", TASK, statuses=(200, 201)),
        ],
        responses={
            200: OpenApiResponse(TaskDetailSerializer, description="The task was there."),
            201: TaskDetailSerializer,
        }
        | WRITTEN,
    ),
}
