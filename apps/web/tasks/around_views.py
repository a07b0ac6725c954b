"""Acts on what stands around a task: sub-tasks, relations, watching."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from apps.common.errors import NotFoundError
from apps.projects.roles import Capability
from apps.tasks.models import Relation, Task
from apps.tasks.relations.services import create_relation, delete_relation
from apps.tasks.services import create_task
from apps.tasks.watching.services import add_watcher, remove_watcher, set_task_level
from apps.web.base.access import find_task
from apps.web.base.views import PageView
from apps.web.tasks.forms import RelationForm, SubtaskForm, WatcherForm, WatchForm
from apps.web.tasks.task_views import TaskView


class SubtasksPage(TaskView):
    """Adds a sub-task by its title."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = find_task(self.actor, pk, capability=Capability.WRITE_TASKS)
        form = SubtaskForm(request.POST)

        def add(values: dict[str, Any]) -> Task:
            return create_task(actor=self.actor, project=task.project_id, parent=pk, **values)

        if form.submit(add) is None:
            return self.shown(task, subtask_form=form, status=form.http_status)
        return self.see(f"{reverse('task-page', args=[pk])}#subtasks")


class RelationsPage(TaskView):
    """Relates the task to another one, named by its key."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = find_task(self.actor, pk, capability=Capability.WRITE_TASKS)
        form = RelationForm(request.POST)

        def relate(values: dict[str, Any]) -> Any:
            return create_relation(actor=self.actor, task=task, kind=values["kind"], other=values["task"])

        if form.submit(relate) is None:
            return self.shown(task, relation_form=form, status=form.http_status)
        return self.see(f"{reverse('task-page', args=[pk])}#relations")


class DeleteRelation(PageView):
    """Removes a relation, whatever its other end is."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, relation_pk: int) -> HttpResponse:
        task = find_task(self.actor, pk, capability=Capability.WRITE_TASKS)
        relation = Relation.objects.of(task.pk).filter(pk=relation_pk).first()
        if relation is None:
            raise NotFoundError
        delete_relation(actor=self.actor, task=task, relation=relation)
        return self.see(f"{reverse('task-page', args=[pk])}#relations")


class WatchPage(TaskView):
    """Sets what the reader hears of the task."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = find_task(self.actor, pk)
        form = WatchForm(request.POST)
        form.submit(lambda values: set_task_level(actor=self.actor, task=task, **values))
        if form.errors:
            return self.shown(task, status=form.http_status, watch_form=form)
        return self.see(f"{reverse('task-page', args=[pk])}#watching")


class WatchersPage(TaskView):
    """Has somebody else watch the task."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = find_task(self.actor, pk, capability=Capability.WRITE_TASKS)
        form = WatcherForm(request.POST)
        if form.submit(lambda values: add_watcher(actor=self.actor, task=task, **values)) is None:
            return self.shown(task, watcher_form=form, status=form.http_status)
        return self.see(f"{reverse('task-page', args=[pk])}#watching")


class RemoveWatcher(PageView):
    """Ends somebody's watching: one's own, or that of a person whom one added."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, user_pk: int) -> HttpResponse:
        task = find_task(self.actor, pk)
        remove_watcher(actor=self.actor, task=task, user_id=user_pk)
        messages.success(request, gettext("The person no longer watches {key}").format(key=task.key))
        return self.see(f"{reverse('task-page', args=[pk])}#watching")
