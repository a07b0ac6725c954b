"""HTTP for a task by what it is elsewhere."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request

from apps.common.errors import NotFoundError, ValidationError
from apps.common.transactions import run_write
from apps.projects.views import ProjectChildMixin
from apps.tasks.external.keys import ExternalKey, find_task, read_key
from apps.tasks.external.schema import EXTERNAL
from apps.tasks.external.serializers import ExternalTaskSerializer
from apps.tasks.external.services import put_task
from apps.tasks.models import Task
from apps.tasks.views import TaskViewSet


@extend_schema(tags=["tasks"])
@extend_schema_view(**EXTERNAL)
class ExternalTaskViewSet(ProjectChildMixin, TaskViewSet):
    """The task of a project that has this source and id."""

    http_method_names = ["get", "put", "head", "options"]

    def checked_body(self, data: Any, row: Task | None, **options: Any) -> dict[str, Any]:
        """Return the fields of a body, whose rules look at the project and at whether it makes a new task."""
        context = {**self.get_serializer_context(), "is_new": row is None}
        serializer = ExternalTaskSerializer(row, data=data, context=context, **options)
        serializer.is_valid(raise_exception=True)
        fields: dict[str, Any] = serializer.validated_data
        return fields

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            found = self.find_by_key(self.key())
        except ValidationError:  # no task has such a key
            raise NotFoundError from None
        if found is None:
            raise NotFoundError
        answer: HttpResponse = super().retrieve(request, pk=found.pk)
        return answer

    def update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        key = self.key()
        found = self.find_by_key(key)
        fields = self.validated(request, found)
        fields.pop("project", None)
        options = {"on_subtasks": fields.pop("on_subtasks", None), "expected": self.expected}
        must_exist = bool(request.headers.get("If-Match", "").strip())

        def work() -> HttpResponse:
            written, is_new = put_task(
                actor=self.actor,
                project_id=self.project.pk,
                key=key,
                fields=fields,
                must_exist=must_exist,
                **options,
            )
            return self.answer_written(written, status=HTTPStatus.CREATED if is_new else HTTPStatus.OK)

        return run_write(work)

    def key(self) -> ExternalKey:
        """Return the key in the path; ValidationError where there cannot be such a one."""
        return read_key(self.kwargs["source"], self.kwargs["external_id"])

    def find_by_key(self, key: ExternalKey) -> Task | None:
        """Return the task with the key, and note its id as that of the path.

        Raises NotFoundError `in_trash` (contract TR3): until it is restored or purged its key is taken.
        """
        found = find_task(self.project.pk, key)
        if found is not None:
            self.kwargs["pk"] = str(found.pk)
            if found.trash_id is not None:
                raise NotFoundError
        return found

    def explain_missing(self) -> NotFoundError | None:
        """Return where the project or the task is when it is in the trash."""
        return super().explain_missing() or TaskViewSet.explain_missing(self)
