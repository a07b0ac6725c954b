"""What OpenAPI says of relations: summaries, examples, errors."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema

from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.projects.schema import ARCHIVED, PERSON
from apps.tasks.relations.serializers import NewRelationSerializer, RelationSerializer

RELATION: dict[str, Any] = {
    "id": 3,
    "kind": "blocked_by",
    "task": {
        "visible": True,
        "id": 7,
        "key": "OPS-2",
        "title": "Renew the certificate",
        "status": "todo",
        "project": 5,
    },
    "created_by": PERSON,
    "created_at": "2026-11-20T09:30:00Z",
}
HIDDEN = {
    "id": 4,
    "kind": "blocks",
    "task": {"visible": False},
    "created_by": None,
    "created_at": "2026-11-20T09:40:00Z",
}
DUPLICATE = "The other task is a duplicate of this one already."
CYCLE = "The tasks would have to be finished before one another."
TOO_MANY = "A task has at most 100 relations."
TOO_LARGE = "Too many tasks depend on one another to look for a circle."

RELATIONS = {
    "list": extend_schema(
        summary="List the relations of a task",
        description=(
            "Oldest first. A relation to a task of a project that the caller does not see shows its `kind` alone. "
            "While the other task is archived or in the trash, the relation is left out."
        ),
        examples=[answer_example("A relation", RELATION), answer_example("To a task that is not visible", HIDDEN)],
    ),
    "create": extend_schema(
        summary="Relate a task to another",
        description=(
            "The caller is a member of the task's project and sees the other task, which may be in another project. "
            "Each end lists the relation in its own direction. A relation that exists already, made from either end, "
            "is answered with 200. A task that blocks another has to be done before it: a block or a parent that would "
            "close a circle is rejected with its `path`."
        ),
        request=NewRelationSerializer,
        examples=[
            request_example("By key", {"kind": "blocked_by", "task": "OPS-2"}),
            request_example("By id", {"kind": "blocked_by", "task": 7}),
            answer_example("The relation", RELATION),
        ],
        responses={201: RelationSerializer, 200: RelationSerializer}
        | rejections(
            {
                409: {
                    "conflict": DUPLICATE,
                    "cycle": CYCLE,
                    "graph_too_large": TOO_LARGE,
                    "project_archived": ARCHIVED,
                    "too_many_relations": TOO_MANY,
                }
            }
        ),
    ),
    "destroy": extend_schema(
        summary="Remove a relation",
        description="From either end, whatever the other one is by now: not visible, archived or in the trash.",
        responses={204: None} | rejections({409: {"project_archived": ARCHIVED}}),
    ),
}
