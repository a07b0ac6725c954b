"""The object of an event as its GET shows it to an admin who watches nothing and sees this project alone (WH3)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import CharField, QuerySet, Value

from apps.common.lists.kept import statement
from apps.common.sql.json import AsText, json_of
from apps.common.sql.statements import AnyOf, Parameter
from apps.projects.models import Activity, Membership, Project
from apps.projects.roles import Role
from apps.projects.serializers import MemberSerializer, ProjectDetailSerializer
from apps.reports.models import Report
from apps.reports.serializers import ReportSerializer
from apps.tasks.attachments.serializers import AttachmentSerializer
from apps.tasks.comments.serializers import CommentSerializer
from apps.tasks.filtering.reader import reader_of_project
from apps.tasks.labels.serializers import LabelSerializer
from apps.tasks.models import Attachment, Comment, Label, Relation, SavedView, Task
from apps.tasks.relations.serializers import RelationSerializer
from apps.tasks.saved_views.reading import present
from apps.tasks.saved_views.serializers import SavedViewSerializer
from apps.tasks.serializers import TaskDetailSerializer

NOBODY = 0  # the caller's id, where a shape has something of the caller's


def shown_objects(events: Iterable[Activity], projects: Mapping[int, Project]) -> dict[int, Any]:
    """Return {event id: its object as it is now}; None for one that is gone, in the trash or no longer in the project.

    Tasks and comments, of which most events are, are read together. `projects` holds those of the events.
    """
    found: dict[int, Any] = {}
    for name, group in _by_type(events).items():
        if name in TOGETHER:
            found |= _read_together(name, group)
        else:
            found |= {event.pk: _read(event, projects[event.project_id]) for event in group}
    return found


def _by_type(events: Iterable[Activity]) -> dict[str, list[Activity]]:
    groups: dict[str, list[Activity]] = {}
    for event in events:
        groups.setdefault(event.object_type, []).append(event)
    return groups


def _read_together(name: str, events: Sequence[Activity]) -> dict[int, Any]:
    ids = {event.object_id for event in events if event.object_id is not None}
    rows = statement(("webhook", name), TOGETHER[name]).run({"ids": sorted(ids), "user": NOBODY})
    texts = {(pk, project): text for pk, project, text in rows}
    read = {event.pk: texts.get((event.object_id, event.project_id)) for event in events}
    return {pk: None if text is None else json.loads(text) for pk, text in read.items()}


def _read(event: Activity, project: Project) -> Any:
    show = OBJECTS.get(event.object_type)
    if show is None or event.object_id is None:
        return None
    return show(event.object_id, event, project)


def _tasks() -> QuerySet[Task, Any]:
    kept = Task.objects.kept().filter(AnyOf("pk", "ids"))
    return kept.annotate(_json=AsText(json_of(TaskDetailSerializer()))).values_list("pk", "project", "_json")


def _comments() -> QuerySet[Comment, Any]:
    found = Comment.objects.filter(AnyOf("pk", "ids"), task__in=Task.objects.kept())
    return found.annotate(_json=AsText(json_of(CommentSerializer()))).values_list("pk", "task__project", "_json")


def _project(pk: int, event: Activity, project: Project) -> Any:
    if project.trash_id is not None:
        return None
    rows = statement(("webhook", "project"), _projects).run({"pk": project.pk, "user": NOBODY})
    return json.loads(rows[0][0]) if rows else None


def _projects() -> QuerySet[Project, Any]:
    admin = Value(Role.ADMIN.value, output_field=CharField())
    found = Project.objects.kept().filter(pk=Parameter("pk")).annotate(role=admin)  # type: ignore[no-redef]
    return found.annotate(_json=AsText(json_of(ProjectDetailSerializer()))).values_list("_json")


def _member(pk: int, event: Activity, project: Project) -> Any:
    found = Membership.objects.filter(project=project, user=pk).select_related("user").first()
    return MemberSerializer(found).data if found else None


def _attachment(pk: int, event: Activity, project: Project) -> Any:
    ready = Attachment.objects.ready().filter(pk=pk, task__in=_kept_tasks(project))
    found = ready.select_related("uploaded_by").first()
    return AttachmentSerializer(found).data if found else None


def _label(pk: int, event: Activity, project: Project) -> Any:
    found = Label.objects.filter(project=project).with_counts().filter(pk=pk).first()
    return LabelSerializer(found).data if found else None


def _relation(pk: int, event: Activity, project: Project) -> Any:
    """Return a relation as it reads from the event's task; of an end in another project nothing but that it is."""
    task = _kept_tasks(project).select_related("project").filter(pk=event.task_id or 0).first()
    if task is None:
        return None
    task.role = Role.ADMIN.value
    found = Relation.objects.read_from(task).filter(pk=pk).select_related("created_by").first()
    if found is None or task.pk not in (found.from_task_id, found.to_task_id):
        return None
    others = _kept_tasks(project).select_related("project").in_bulk([found.other_end(task.pk)])
    return RelationSerializer(found, context={"task": task, "others": others}).data


def _view(pk: int, event: Activity, project: Project) -> Any:
    found = SavedView.objects.filter(pk=pk, project=project, is_shared=True).select_related("owner").first()
    if found is None:
        return None
    found.role, found.is_favourite = Role.ADMIN.value, False
    present([found], reader_of_project(project.pk))
    return SavedViewSerializer(found).data


def _report(pk: int, event: Activity, project: Project) -> Any:
    found = Report.objects.filter(pk=pk, project=project).defer("content").select_related("created_by")
    report = found.first()
    return ReportSerializer(report).data if report else None


def _kept_tasks(project: Project) -> QuerySet[Task]:
    return Task.objects.kept().filter(project=project)


# Rows of (id, project, JSON) for the parameter `ids`
TOGETHER: Mapping[str, Callable[[], QuerySet[Any, Any]]] = {"task": _tasks, "comment": _comments}
OBJECTS: Mapping[str, Callable[[int, Activity, Project], Any]] = {
    "project": _project,
    "member": _member,
    "attachment": _attachment,
    "label": _label,
    "relation": _relation,
    "view": _view,
    "report": _report,
}
