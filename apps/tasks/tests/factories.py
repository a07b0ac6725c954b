"""Tasks for tests."""

from __future__ import annotations

from typing import Any

import factory
from django.db.models import F
from django.utils import timezone

from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Status, Task
from apps.tasks.order.services import take_in_task


class TaskFactory(factory.django.DjangoModelFactory[Task]):
    """A task with the project's next number; the counts of the project and of the parent are kept."""

    class Meta:
        model = Task

    project = factory.SubFactory(ProjectFactory)
    created_by = factory.SelfAttribute("project.owner")
    title = factory.Sequence(lambda n: f"Task {n}")

    @classmethod
    def _create(cls, model_class: type[Task], *args: Any, **kwargs: Any) -> Task:
        project = kwargs["project"]
        project.refresh_from_db()
        is_done = kwargs.get("status") == Status.DONE
        slot = take_in_task(project, is_open=not is_done and not kwargs.get("archived_at"))
        if is_done:
            kwargs.setdefault("completed_at", timezone.now())
        parent = kwargs.get("parent")
        if parent is not None and not kwargs.get("archived_at"):
            steps = {"subtasks_total": F("subtasks_total") + 1, "subtasks_done": F("subtasks_done") + int(is_done)}
            Task.objects.filter(pk=parent.pk).update(**steps)
        kwargs = slot._asdict() | kwargs
        return model_class.objects.create(*args, **kwargs)
