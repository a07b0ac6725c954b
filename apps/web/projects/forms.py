"""Forms that make and change projects; the fields have the API's names."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.projects.models import BlockedDone, NewTasks, OnParentDone
from apps.projects.roles import GRANTABLE_CHOICES, Role
from apps.projects.serializers import NewMemberSerializer, ProjectSerializer
from apps.web.base.forms import ServiceForm


class ProjectForm(ServiceForm):
    """Name, key and description of a project."""

    serializer_class = ProjectSerializer

    name = forms.CharField(max_length=200)
    key = forms.CharField(
        required=False,
        max_length=10,
        help_text="2 to 10 capital letters; made from the name if empty. Tasks are called WEB-1, WEB-2 and so on.",
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    description = forms.CharField(
        label="What is it for?",
        required=False,
        strip=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    on_parent_done = forms.ChoiceField(
        label="When a task with open sub-tasks is finished",
        choices=OnParentDone.choices,
        initial=OnParentDone.LEAVE,
        required=False,
    )
    blocked_done = forms.ChoiceField(
        label="Finishing a task that waits for another",
        choices=BlockedDone.choices,
        initial=BlockedDone.ALLOW,
        required=False,
    )
    new_tasks = forms.ChoiceField(
        label="Where new tasks stand", choices=NewTasks.choices, initial=NewTasks.LAST, required=False
    )
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def as_body(self) -> dict[str, Any]:
        body = super().as_body()
        return {name: value for name, value in body.items() if value or name in {"name", "description"}}


class NewMemberForm(ServiceForm):
    """A person who becomes a member, by username or address."""

    serializer_class = NewMemberSerializer

    username = forms.CharField(
        label="Username or e-mail address",
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
