"""A task: written, read, changed, archived, deleted."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext

from apps.common.lists.criteria import USER
from apps.common.lists.kept import find_rows
from apps.common.sql.statements import Parameter
from apps.projects.models import OnParentDone
from apps.projects.roles import Capability, allows
from apps.tasks.comments.rendering import render_description
from apps.tasks.models import Attachment, Priority, Status, Task
from apps.tasks.services import archive_task, create_task, delete_task, unarchive_task, update_task
from apps.web.base.access import find_task
from apps.web.base.forms import ServiceForm
from apps.web.base.instants import as_shown
from apps.web.base.paths import own_path
from apps.web.base.views import PageView
from apps.web.base.words import chosen_word
from apps.web.tasks.around import surroundings_of
from apps.web.tasks.conflicts import Difference, differences
from apps.web.tasks.forms import (
    AttachForm,
    CommentForm,
    RelationForm,
    SubtaskForm,
    TaskForm,
    WatcherForm,
    initial_of,
    labels_of,
    labels_on,
    members_of,
    writable_projects,
)
from apps.web.tasks.steps import steps_of
from apps.web.tasks.talk import talk_about
from apps.web.tasks.undo_views import undo_of

# The forms of the page beside that of the task's own fields; one that was rejected is shown again instead
OTHER_FORMS: dict[str, type[ServiceForm]] = {
    "comment_form": CommentForm,
    "file_form": AttachForm,
    "subtask_form": SubtaskForm,
    "relation_form": RelationForm,
    "watcher_form": WatcherForm,
}
SHOWS = ("all", "comments", "history")
CHANGED = 412  # somebody was faster


class NewTaskPage(PageView):
    """Writes a task down, with everything that is known of it."""

    template_name = "web/tasks/new.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        wanted = {name: request.GET[name] for name in ("project", "status") if name in request.GET}
        return self.page(form=self.form(None, initial=wanted))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        task = form.submit(lambda values: create_task(actor=self.actor, **values))
        if task is None:
            return self.page(form=form, status=form.http_status)
        messages.success(request, gettext("{key} is created").format(key=task.key))
        return self.see(reverse("task-page", args=[task.pk]))

    def form(self, data: Any, **options: Any) -> TaskForm:
        """Return the form; it offers the members of the project that is chosen."""
        projects = writable_projects(self.actor)
        chosen = str((data or options.get("initial", {})).get("project", ""))
        target = next((each for each in projects if str(each.pk) == chosen), None)
        people = members_of(target) if target else []
        labels = labels_of(target.pk) if target else []
        return TaskForm(
            data, reader=self.actor, projects=projects, people=people, labels=labels, is_patch=False, **options
        )


class TaskView(PageView):
    """What shows a task with all that belongs to it."""

    template_name = "web/tasks/task.html"

    def form(self, task: Task, data: Any, **options: Any) -> TaskForm:
        """Return the form of the task: its own project and the others that it could be moved to."""
        projects = writable_projects(self.actor)
        if all(each.pk != task.project_id for each in projects):
            projects.append(task.project)
        shown: dict[str, Any] = {"people": members_of(task.project), "labels": labels_of(task.project_id)}
        return TaskForm(data, reader=self.actor, projects=projects, is_patch=True, **shown, **options)

    def shown(
        self,
        task: Task,
        *,
        form: TaskForm | None = None,
        is_edited: bool = False,
        differences: list[Difference] | None = None,
        status: int = 200,
        **more: Any,
    ) -> HttpResponse:
        """Return the page."""
        show = self.request.GET.get("show", "all")
        show = show if show in SHOWS else "all"
        site = self.request.build_absolute_uri("/")
        html = render_description(task.pk, task.description, site=site)
        return self.page(
            status=status,
            task=task,
            project=task.project,
            people=members_of(task.project),
            description=mark_safe(html),  # noqa: S308 - it has passed nh3 (PG15)
            files=find_rows("files of a task", _files, {"user": self.actor.pk, "task": task.pk}),
            talk=talk_about(self.request, task, self.actor, show=show),
            show=show,
            form=form,
            statuses=Status.choices,
            priorities=Priority.choices,
            task_labels=labels_on(task),
            label_projects=[task.project_id],
            around=surroundings_of(task, self.actor),
            steps=steps_of(self.request, task),
            is_edited=is_edited,
            differences=differences or [],
            may_write=may_write(task),
            may_comment=allows(task.role, Capability.COMMENT) and not task.project.is_archived,
            may_delete=may_write(task) and may_delete(task, self.actor.pk),
            may_delete_any=allows(task.role, Capability.DELETE_ANY_TASK),
            **{name: kind() for name, kind in OTHER_FORMS.items()} | more,
        )


class TaskPage(TaskView):
    """One task with all that belongs to it. POST changes the fields that it has."""

    def without_pages(self) -> HttpResponseBase:
        """Lead to the front end, where it has the task: mails link here."""
        if settings.FRONTEND_URL:
            return HttpResponseRedirect(f"{settings.FRONTEND_URL}{self.request.path_info}")
        return super().without_pages()

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = find_task(self.actor, pk)
        is_edited = "edit" in request.GET and may_write(task)
        form = self.form(task, None, initial=initial_of(task)) if is_edited else None
        return self.shown(task, form=form, is_edited=is_edited)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = find_task(self.actor, pk, capability=Capability.WRITE_TASKS)
        form = self.form(task, request.POST)
        below = chosen_word(request, "on_subtasks", (*OnParentDone.values, ""), default="") or None
        changed = form.submit(lambda values: self.change(task, values, form.cleaned_data.get("version"), below))
        if changed is not None:
            say(request, changed)
            return self.see(own_path(request.POST.get("next"), default=reverse("task-page", args=[pk])))
        fresh = find_task(self.actor, pk)
        found: list[Difference] = (
            differences(fresh, form.values, actor=self.actor) if form.http_status == CHANGED else []
        )
        again = self.form(fresh, data_again(fresh, request.POST))
        again.say_again(form)
        return self.shown(fresh, form=again, is_edited=True, differences=found, status=form.http_status)

    def change(self, task: Task, values: dict[str, Any], version: int | None, below: str | None) -> Task:
        """Set what the form holds; the version that the edit began with must still be the present one."""
        values = {name: value for name, value in values.items() if not _is_same_day(task, name, value)}
        if values.get("project", task.project_id) != task.project_id and values.get("parent") == task.parent_id:
            values = {name: value for name, value in values.items() if name != "parent"}  # it stays behind
        if values.get("project", task.project_id) != task.project_id:
            values.pop("labels", None)  # they are found by name where it goes
        expected = None if version is None else frozenset({version})
        return update_task(actor=self.actor, task=task, changes=values, expected=expected, on_subtasks=below)


class ArchiveTask(PageView):
    """Takes a task out of the lists, or brings it back."""

    http_method_names = ["post"]
    is_archiving = True

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = find_task(self.actor, pk, capability=Capability.WRITE_TASKS)
        act = archive_task if self.is_archiving else unarchive_task
        changed = act(actor=self.actor, task=task)
        said = gettext("{key} is in the archive") if self.is_archiving else gettext("{key} is out of the archive")
        messages.success(request, said.format(key=task.key), extra_tags=undo_of(changed))
        return self.see(own_path(request.POST.get("next"), default=reverse("task-page", args=[pk])))


class DeleteTask(PageView):
    """Puts a task into the trash."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = find_task(self.actor, pk, capability=Capability.WRITE_TASKS)
        entry = delete_task(actor=self.actor, task=task)
        undo = reverse("trash-restore", args=[entry.pk]) if entry else ""
        said = gettext("{name} is in the trash") if entry else gettext("{name} is deleted")
        messages.success(request, said.format(name=task.key), extra_tags=undo)
        return self.see(own_path(request.POST.get("next"), default=reverse("project", args=[task.project_id])))


def _files() -> QuerySet[Attachment]:
    found = Attachment.objects.visible_to(USER).filter(task=Parameter("task")).select_related("uploaded_by")
    return found.order_by("-uploaded_at", "-pk")


def say(request: HttpRequest, task: Task) -> None:
    """Name what an edit did beside its own task, with its undo where there is one."""
    effects = task.effects or {}
    beside = []
    if count := effects.get("subtasks_changed"):
        beside.append(
            ngettext("{n} sub-task was moved with it", "{n} sub-tasks were moved with it", count).format(n=count)
        )
    if count := effects.get("blocked_by_open"):
        waits = ngettext("it still waits for {n} open task", "it still waits for {n} open tasks", count)
        beside.append(waits.format(n=count))
    if effects.get("parent_is_done"):
        beside.append(gettext("its parent is done already"))
    if effects.get("detached"):
        beside.append(gettext("it has no parent any more"))
    undo = undo_of(task)
    if beside or undo:
        said = gettext("{key} is saved").format(key=task.key)
        messages.success(request, f"{said}; {', '.join(beside)}" if beside else said, undo)


def may_write(task: Task) -> bool:
    """Return whether the reader may change the task now."""
    return allows(task.role, Capability.WRITE_TASKS) and not task.project.is_archived


def may_delete(task: Task, person_id: int) -> bool:
    """Return whether the reader may delete it: what they wrote themselves, or anything."""
    return task.created_by_id == person_id or allows(task.role, Capability.DELETE_ANY_TASK)


def data_again(task: Task, sent: Any) -> dict[str, Any]:
    """Return what a form shown once more holds: the stored values, what was sent, and the present version."""
    stored = initial_of(task)
    if stored["due_on"]:
        stored["due_on"] = stored["due_on"].isoformat()
    if stored["due_date"]:
        stored["due_date"] = as_shown(stored["due_date"])
    filled = {name: "" if value is None else value for name, value in stored.items()}
    again = filled | {name: sent[name] for name in filled if name in sent} | {"version": task.version}
    return again | ({"labels": sent.getlist("labels")} if "labels" in sent else {})


def _is_same_day(task: Task, name: str, value: Any) -> bool:
    """Return whether a date of the form is the stored one: a picker shows no seconds, and a whole day has no time."""
    if name == "due_on":
        return bool(value == task.due_on)
    return name == "due_date" and as_shown(value) == as_shown(None if task.due_on else task.due_date)
