"""What the list of a task's children can be narrowed by."""

from __future__ import annotations

from apps.tasks.filters import TaskFilter


class SubtaskFilter(TaskFilter):
    """The filters of the list of tasks."""

    def names_a_place(self) -> bool:
        """Return that all are in one project: that it is archived hides none of them."""
        return True
