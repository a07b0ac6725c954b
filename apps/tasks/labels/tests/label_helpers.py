"""What tests of labels share."""

from __future__ import annotations

from apps.projects.models import Activity, Project
from apps.tasks.models import Label, Task, TaskLabel


def labels_url(project: Project) -> str:
    return f"/api/projects/{project.pk}/labels/"


def label_url(label: Label) -> str:
    return f"/api/projects/{label.project_id}/labels/{label.pk}/"


def task_url(task: Task) -> str:
    return f"/api/tasks/{task.pk}/"


def make_labels(project: Project, *names: str) -> list[Label]:
    return [Label.objects.create(project=project, name=name, color="#c8473f") for name in names]


def put_on(task: Task, *labels: Label) -> None:
    TaskLabel.objects.bulk_create(TaskLabel(task=task, label=label, project_id=task.project_id) for label in labels)


def names_of(task: Task) -> list[str]:
    return [label.name for label in Label.objects.filter(task_labels__task=task).by_name()]


def events(project: Project, event_type: str) -> list[Activity]:
    return list(Activity.objects.filter(project=project, type=event_type).order_by("seq"))


def errors_of(response) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in response.json()["errors"]]
