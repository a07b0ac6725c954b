"""The writes of the manual order, each under its project's lock."""

from apps.tasks.order.services.placing import Place, find_anchor, ranking, ranks_for, require_anchor, write_ranks
from apps.tasks.order.services.taking_in import Slot, take_back_ranks, take_in_task, take_in_tasks

__all__ = [
    "Place",
    "Slot",
    "find_anchor",
    "ranking",
    "ranks_for",
    "require_anchor",
    "take_back_ranks",
    "take_in_task",
    "take_in_tasks",
    "write_ranks",
]
