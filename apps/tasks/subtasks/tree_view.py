"""HTTP for everything below a task, in one answer."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.common.lists.criteria import USER
from apps.common.lists.filters import require_known_parameters
from apps.common.lists.kept import statement
from apps.common.lists.reads import JsonAnswer
from apps.common.sql.json import AsText, json_of
from apps.common.sql.statements import AnyOf
from apps.tasks.models import Task
from apps.tasks.serializers import TaskSerializer
from apps.tasks.subtasks.tree import Below, Node, nodes_below

SHOWN = 500  # tasks of a tree, its root included; contract ST12


class TreeMixin:
    """GET of everything below one task."""

    @action(detail=True, methods=["get"])
    def tree(self: Any, request: Request, pk: str) -> JsonAnswer:
        require_known_parameters(request, set())
        task = self.get_object()
        below = nodes_below(task.pk, Below.KEPT, limit=SHOWN)
        nodes = [Node(task.pk, 0), *below[: SHOWN - 1]]
        rows = statement(("tree",), _rows).run({"user": self.actor.pk, "ids": [node.id for node in nodes]})
        texts = dict(rows)
        results = ",".join(f'{texts[pk][:-1]}, "depth": {depth}}}' for pk, depth in nodes if pk in texts)
        return JsonAnswer(f'{{"results":[{results}],"truncated":{json.dumps(len(below) >= SHOWN)}}}')


def _rows() -> QuerySet[Task, Any]:
    tasks = Task.objects.visible_to(USER).filter(AnyOf("pk", "ids"))
    return tasks.annotate(_json=AsText(json_of(TaskSerializer()))).values_list("pk", "_json")
