"""Forms that make and change tasks; the fields have the API's names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from apps.common.lists.criteria import USER
from apps.common.lists.kept import find_rows
from apps.common.sql.statements import Parameter
from apps.projects.models import NewTasks, OnParentDone, Project
from apps.projects.roles import Capability, allows
from apps.tasks.comments.serializers import CommentTextSerializer
from apps.tasks.models import (
    COMMENT_LENGTH,
    DESCRIPTION_LENGTH,
    KEY,
    TASK_LEVELS,
    TITLE_LENGTH,
    Label,
    Priority,
    Status,
    Task,
    task_key,
)
from apps.tasks.quick.serializers import TEXT_LENGTH, QuickSerializer
from apps.tasks.relations.serializers import NewRelationSerializer
from apps.tasks.serializers import DURATION_MAX, MoveTaskSerializer, TaskSerializer
from apps.tasks.watching.serializers import NewWatcherSerializer
from apps.users.models import User
from apps.web.base.forms import ServiceForm
from apps.web.base.instants import LocalInstantField
from apps.web.base.names import names_of_people, names_of_projects
from apps.web.tasks.around import KINDS

ID_DIGITS = 19


class DayField(forms.DateField):
    """A day, from the browser's own picker; as YYYY-MM-DD in the body."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self, value: Any) -> str | None:
        day = super().clean(value)
        return day.isoformat() if day else None


class LabelsField(forms.TypedMultipleChoiceField):
    """Labels of the project; an empty value beside them says that they were all shown."""

    def clean(self, value: Any) -> Any:
        return super().clean([each for each in value or [] if each])


class PositionsField(forms.Field):
    """Positions in a text, one for each box that is ticked."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        return list(value or [])


class QuickForm(ServiceForm):
    """A new task from one line: its title, and what the grammar of quick add finds in it."""

    serializer_class = QuickSerializer
    is_same_for_everybody = True

    text = forms.CharField(
        label=gettext_lazy("New task"),
        strip=False,
        max_length=TEXT_LENGTH,
        widget=forms.TextInput(
            attrs={
                "class": "line",
                "autocomplete": "off",
                "placeholder": "Pay rent tomorrow 9:00 #bills !high",
            }
        ),
    )
    ignore = PositionsField(required=False)


class TaskForm(ServiceForm):
    """All fields of a task that people write.

    As in a PATCH, a field that is not sent keeps its value: a menu sends the one field that it is for. `version` is
    the one that the edit began with.
    """

    serializer_class = TaskSerializer

    title = forms.CharField(max_length=TITLE_LENGTH)
    description = forms.CharField(
        required=False,
        strip=False,
        max_length=DESCRIPTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("Markdown works. @name mentions a member."),
    )
    status = forms.ChoiceField(choices=Status.choices, initial=Status.TODO, required=False)
    priority = forms.ChoiceField(choices=Priority.choices, initial=Priority.MEDIUM, required=False)
    project = forms.TypedChoiceField(coerce=int, required=False)
    assigned_to = forms.TypedChoiceField(label=gettext_lazy("Assignee"), coerce=int, empty_value=None, required=False)
    due_on = DayField(label=gettext_lazy("Due on"), required=False, help_text=gettext_lazy("The whole day."))
    due_date = LocalInstantField(
        label=gettext_lazy("Or due at"), required=False, help_text=gettext_lazy("A day and a time.")
    )
    duration = forms.IntegerField(
        label=gettext_lazy("Estimate"),
        min_value=0,
        max_value=DURATION_MAX,
        required=False,
        help_text=gettext_lazy("In minutes."),
    )
    parent = forms.CharField(
        required=False, max_length=40, help_text=gettext_lazy("The key of a task of the same project.")
    )
    labels = LabelsField(coerce=int, required=False)
    on_subtasks = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    beside = ServiceForm.beside | {"on_subtasks"}

    def __init__(
        self,
        data: Any = None,
        *,
        reader: User,
        projects: Iterable[Project],
        people: Iterable[User],
        labels: Iterable[Label] = (),
        is_patch: bool,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self.reader = reader
        self.is_patch = is_patch
        self.fields["project"].choices = names_of_projects(projects)  # type: ignore[attr-defined]
        self.fields["assigned_to"].choices = [("", gettext("Nobody")), *names_of_people(people)]  # type: ignore[attr-defined]
        self.fields["labels"].choices = [(each.pk, each.name) for each in labels]  # type: ignore[attr-defined]
        if data is not None:
            for name in [name for name in self.fields if name not in data and (is_patch or name != "title")]:
                del self.fields[name]

    @property
    def chosen_labels(self) -> set[str]:
        """Return the ids of the labels whose boxes are ticked."""
        sent = self.data.getlist("labels") if hasattr(self.data, "getlist") else self.data.get("labels", ())
        return {str(each) for each in (sent if self.is_bound else self.initial.get("labels", ()))}

    def clean_parent(self) -> int | None:
        """Return the id of the task that a key, or an id, names among those that the reader sees."""
        named = self.cleaned_data["parent"].strip()
        if not named:
            return None
        visible = Task.objects.visible_to(self.reader)
        if key := KEY.match(named):
            found = visible.filter(project__key=key[1].upper(), number=int(key[2]))
            wanted = self.cleaned_data.get("project") or self.initial.get("project") or None
            ids = [each.pk for each in found if wanted in (None, each.project_id)] or [each.pk for each in found]
        else:
            ids = [int(named)] if named.isdecimal() and len(named) < ID_DIGITS else []
        if len(ids) != 1:
            raise forms.ValidationError(gettext("There is no such task."))
        return ids[0]

    def as_body(self) -> dict[str, Any]:
        """Return what was sent; a menu left at nothing is not sent, but for the assignee, date and estimate."""
        clearable = ("assigned_to", "due_on", "due_date", "duration", "description", "parent", "labels")
        body = super().as_body()
        kept = clearable if self.is_patch else ()
        return {name: value for name, value in body.items() if name in kept or value not in ("", None)}


class MoveForm(ServiceForm):
    """A place in the project's order, perhaps with another status."""

    serializer_class = MoveTaskSerializer

    after = forms.IntegerField(required=False)
    before = forms.IntegerField(required=False)
    position = forms.ChoiceField(choices=NewTasks.choices, required=False)
    status = forms.ChoiceField(choices=Status.choices, required=False)
    on_subtasks = forms.ChoiceField(choices=OnParentDone.choices, required=False)

    def as_body(self) -> dict[str, Any]:
        return {name: value for name, value in super().as_body().items() if value not in ("", None)}


class CommentForm(ServiceForm):
    """The text of a comment."""

    serializer_class = CommentTextSerializer
    is_same_for_everybody = True

    body = forms.CharField(
        label=gettext_lazy("Comment"),
        max_length=COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Markdown works. @name mentions a member."),
    )
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)


class SubtaskForm(ServiceForm):
    """A sub-task by its title."""

    serializer_class = TaskSerializer
    is_same_for_everybody = True

    title = forms.CharField(
        label=gettext_lazy("New sub-task"),
        max_length=TITLE_LENGTH,
        widget=forms.TextInput(
            attrs={
                "class": "line",
                "autocomplete": "off",
                "placeholder": gettext_lazy("Add a sub-task"),
                "id": "id_subtask",
            }
        ),
    )


class RelationForm(ServiceForm):
    """Another task, and what this one is to it."""

    serializer_class = NewRelationSerializer
    is_same_for_everybody = True

    kind = forms.ChoiceField(choices=list(KINDS.items()), widget=forms.Select(attrs={"class": "input small"}))
    task = forms.CharField(
        label=gettext_lazy("Key of the other task"),
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": "WEB-12", "autocomplete": "off", "spellcheck": "false"}),
    )


class WatchForm(ServiceForm):
    """What the reader hears of a task."""

    level = forms.ChoiceField(choices=[(level.value, level.label) for level in TASK_LEVELS])


class WatcherForm(ServiceForm):
    """A member who is to watch."""

    serializer_class = NewWatcherSerializer
    is_same_for_everybody = True

    user = forms.CharField(
        label=gettext_lazy("Username of a member"),
        max_length=150,
        widget=forms.TextInput(attrs={"list": "members", "autocapitalize": "none", "autocomplete": "off"}),
    )


class AttachForm(ServiceForm):
    """One file."""

    is_same_for_everybody = True

    file = forms.FileField()


def writable_projects(person: User) -> list[Project]:
    """Return the active projects in which the person writes tasks; the Inbox first, then by name."""
    found = find_rows(
        "projects in forms",
        lambda: Project.objects.visible_to(USER).active().order_by("-is_inbox", "name", "pk"),
        {"user": person.pk},
    )
    return [project for project in found if allows(project.role, Capability.WRITE_TASKS)]


def members_of(project: Project) -> list[User]:
    """Return the active members of a project by name."""
    found = find_rows(
        "members in forms",
        lambda: User.objects.filter(memberships__project=Parameter("project"), is_active=True),
        {"project": project.pk},
    )
    return sorted(found, key=lambda user: user.shown_name.casefold())


def labels_of(project_id: int) -> list[Label]:
    """Return the labels of a project by name."""
    values = {"project": project_id}
    return find_rows("labels in forms", lambda: Label.objects.filter(project=Parameter("project")).by_name(), values)


def labels_on(task: Task) -> list[Label]:
    """Return the labels that a task carries by name."""
    values = {"task": task.pk}
    return find_rows(
        "labels of a task", lambda: Label.objects.filter(task_labels__task=Parameter("task")).by_name(), values
    )


def initial_of(task: Task) -> dict[str, Any]:
    """Return what a form about `task` begins with."""
    return {
        "title": task.title,
        "description": task.description,
        "status": task.status,
        "priority": task.priority,
        "project": task.project_id,
        "assigned_to": task.assigned_to_id,
        "due_on": task.due_on,
        "due_date": timezone.localtime(task.due_date) if task.due_date and not task.due_on else None,
        "duration": task.duration,
        "parent": task_key(task.project.key, task.parent.number) if task.parent else "",
        "labels": [label.pk for label in labels_on(task)],
        "version": task.version,
    }
