"""Forms that make and change projects; the fields have the API's names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from apps.projects.models import BlockedDone, NewTasks, OnParentDone
from apps.projects.roles import GRANTABLE_CHOICES, Role
from apps.projects.serializers import NewMemberSerializer, ProjectSerializer
from apps.tasks.labels.serializers import LabelSerializer, MergeLabelSerializer
from apps.tasks.models import LABEL_DESCRIPTION_LENGTH, LABEL_NAME_LENGTH, Label
from apps.web.base.forms import ServiceForm


class ProjectForm(ServiceForm):
    """Name, key and description of a project."""

    serializer_class = ProjectSerializer

    name = forms.CharField(max_length=200)
    key = forms.CharField(
        required=False,
        max_length=10,
        help_text=gettext_lazy(
            "2 to 10 capital letters; made from the name if empty. Tasks are called WEB-1, WEB-2 and so on."
        ),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    description = forms.CharField(
        label=gettext_lazy("What is it for?"),
        required=False,
        strip=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    on_parent_done = forms.ChoiceField(
        label=gettext_lazy("When a task with open sub-tasks is finished"),
        choices=OnParentDone.choices,
        initial=OnParentDone.LEAVE,
        required=False,
    )
    blocked_done = forms.ChoiceField(
        label=gettext_lazy("Finishing a task that waits for another"),
        choices=BlockedDone.choices,
        initial=BlockedDone.ALLOW,
        required=False,
    )
    new_tasks = forms.ChoiceField(
        label=gettext_lazy("Where new tasks are placed"),
        choices=NewTasks.choices,
        initial=NewTasks.LAST,
        required=False,
    )
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def as_body(self) -> dict[str, Any]:
        body = super().as_body()
        return {name: value for name, value in body.items() if value or name in {"name", "description"}}


class NewMemberForm(ServiceForm):
    """A person who becomes a member, by username or address."""

    serializer_class = NewMemberSerializer

    username = forms.CharField(
        label=gettext_lazy("Username or e-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(choices=GRANTABLE_CHOICES, initial=Role.MEMBER)

    def as_body(self) -> dict[str, Any]:
        body = super().as_body()
        if "@" in body.get("username", ""):
            body["email"] = body.pop("username")
        return body


class RoleForm(ServiceForm):
    """The new role of a member."""

    user_id = forms.IntegerField(min_value=1)
    role = forms.ChoiceField(choices=GRANTABLE_CHOICES)


class LabelForm(ServiceForm):
    """A label of a project."""

    serializer_class = LabelSerializer

    name = forms.CharField(max_length=LABEL_NAME_LENGTH)
    color = forms.CharField(
        label=gettext_lazy("Colour"),
        required=False,
        max_length=7,
        widget=forms.TextInput(attrs={"type": "color", "class": "input"}),
    )
    description = forms.CharField(required=False, max_length=LABEL_DESCRIPTION_LENGTH)

    def as_body(self) -> dict[str, Any]:
        return {name: value for name, value in super().as_body().items() if value or name != "color"}


class MergeForm(ServiceForm):
    """The label that is left of two."""

    serializer_class = MergeLabelSerializer

    into = forms.TypedChoiceField(label=gettext_lazy("Merge into"), coerce=int)

    def __init__(self, *args: Any, labels: Iterable[Label], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["into"].choices = [("", gettext("Choose a label")), *((each.pk, each.name) for each in labels)]  # type: ignore[attr-defined]
