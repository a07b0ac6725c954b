"""What every view below `tasks/{task_pk}/` does first."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from apps.common.errors import NotFoundError
from apps.common.lists.kept import find_row
from apps.tasks.models import Task
from apps.tasks.queries.missing import task_in_trash


class TaskChildMixin(GenericViewSet[Any]):
    """Resolves `self.task`, with the caller's `role`, before the throttle and before the body is read.

    404 for a task that the caller does not see, `in_trash` for a member whose task is there, 403 without the
    capability. Stands first among a view's bases.
    """

    task: Task

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        self.task = find_row(Task, Task.objects.visible_to, request.user, self.kwargs["task_pk"])
        super().check_object_permissions(request, self.task)

    def explain_missing(self) -> NotFoundError | None:
        """Return where the task is when it is in the trash."""
        return task_in_trash(self.request.user, int(self.kwargs["task_pk"]))
