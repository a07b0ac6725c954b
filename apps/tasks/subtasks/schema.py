"""What OpenAPI says of sub-tasks."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema

from apps.common.openapi.example_bodies import answer_example
from apps.tasks.schema import TASK

SUBTASKS = {
    "list": extend_schema(
        summary="List the sub-tasks of a task",
        description=(
            "The direct children, in the manual order of the project. The filters are those of the list of tasks; "
            "archived ones are left out, unless `archived=true`."
        ),
        examples=[answer_example("A sub-task", TASK)],
    )
}
