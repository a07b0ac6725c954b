"""What OpenAPI says of watching: summaries, examples, errors."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema

from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.projects.schema import ARCHIVED, COLLEAGUE, PERSON
from apps.tasks.watching.serializers import (
    NewWatcherSerializer,
    ProjectWatchSerializer,
    TaskWatchSerializer,
    TaskWatchStateSerializer,
    WatcherSerializer,
)

WATCHER: dict[str, Any] = {"user": COLLEAGUE, "reason": "added", "added_by": PERSON, "since": "2026-11-20T09:30:00Z"}
STATE = {"level": None, "is_watching": True, "reason": "assigned", "project_level": "participating"}
CHOSEN = STATE | {"level": "muted", "is_watching": False, "reason": None}
DECLINED = "The person has chosen to hear less of the task or the project."

WATCHERS = {
    "list": extend_schema(
        operation_id="listTaskWatchers",
        summary="List the watchers of a task",
        description=(
            "Its creator, its assignee, and those who commented, were mentioned, were added or chose to watch; not "
            "those who watch the whole project, and nobody who does not want to."
        ),
        examples=[answer_example("Somebody who was added", WATCHER)],
    ),
    "create": extend_schema(
        operation_id="addTaskWatcher",
        summary="Have somebody watch a task",
        description=(
            "A member of the project. They are notified, once per task. 200 for who watches already. To name oneself "
            "is the same as `PUT …/watch/` with `all`."
        ),
        request=NewWatcherSerializer,
        examples=[
            request_example("By id", {"user": 8}),
            request_example("By username", {"user": "bob"}),
            answer_example("The watcher", WATCHER),
        ],
        responses={200: WatcherSerializer, 201: WatcherSerializer}
        | rejections({409: {"project_archived": ARCHIVED, "watch_declined": DECLINED}}),
    ),
    "destroy": extend_schema(
        operation_id="removeTaskWatcher",
        summary="Take a watcher away",
        description=(
            "Oneself: the same as `DELETE …/watch/`. Somebody else: only the member who added them, and the next "
            "comment or mention has them watch again."
        ),
        responses={204: None} | rejections({403: {"permission_denied": "Somebody else added the person."}}),
    ),
}
TASK_WATCH = {
    "retrieve": extend_schema(
        operation_id="getTaskWatch",
        summary="Get what the caller hears of a task",
        description="`level` is the caller's own choice, null for none; it goes before the one of the project.",
        examples=[answer_example("The assignee", STATE)],
        responses={200: TaskWatchStateSerializer},
    ),
    "update": extend_schema(
        operation_id="setTaskWatch",
        summary="Choose what to hear of a task",
        description=(
            "`all` for everything, `muted` for assignments alone. The choice lasts until the caller makes another; "
            "it works in archived projects too."
        ),
        request=TaskWatchSerializer,
        examples=[request_example("Assignments only", {"level": "muted"}), answer_example("What holds now", CHOSEN)],
        responses={200: TaskWatchStateSerializer},
    ),
    "destroy": extend_schema(
        operation_id="deleteTaskWatch",
        summary="Stop watching a task",
        description=(
            "Mentions, assignments and a task that can go on still notify the caller. Only a PUT of theirs undoes it."
        ),
        responses={204: None},
    ),
}
PROJECT_WATCH = {
    "retrieve": extend_schema(
        operation_id="getProjectWatch",
        summary="Get what the caller hears of a project",
        description="`participating` until the caller chooses.",
        examples=[answer_example("The default", {"level": "participating"})],
        responses={200: ProjectWatchSerializer},
    ),
    "update": extend_schema(
        operation_id="setProjectWatch",
        summary="Choose what to hear of a project",
        description="For all tasks of which the caller has not chosen a level.",
        request=ProjectWatchSerializer,
        examples=[request_example("Every task", {"level": "all"}), answer_example("The level", {"level": "all"})],
        responses={200: ProjectWatchSerializer},
    ),
}
