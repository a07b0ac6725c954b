"""The forms of API tokens; the fields have the API's names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy, ngettext

from apps.common.api.token_scopes import READ_ONLY, SCOPES
from apps.projects.models import Project
from apps.tokens.models import NAME_LENGTH
from apps.tokens.serializers import OVERLAP_DEFAULT, OVERLAP_MAX, NewApiTokenSerializer, RotateTokenSerializer
from apps.users.models import User
from apps.web.account.forms import password_field
from apps.web.base.forms import ServiceForm
from apps.web.base.names import names_of_projects

LIVES = (7, 30, 90, 180, 366)  # days that are offered
ALLOWS = {
    "tasks:read": gettext_lazy("read tasks, comments, files, labels, views, the trash"),
    "tasks:write": gettext_lazy("write tasks, relations, watches, labels; undo"),
    "comments:write": gettext_lazy("write comments"),
    "files:write": gettext_lazy("attach and delete files"),
    "projects:read": gettext_lazy("read projects, members, reports"),
    "projects:admin": gettext_lazy("write projects and members; purge the trash"),
    "views:write": gettext_lazy("write saved views"),
    "webhooks:manage": gettext_lazy("manage webhooks"),
    "export:read": gettext_lazy("export, and download reports"),
    "events:read": gettext_lazy("follow the events of projects"),
    "notifications:read": gettext_lazy("read notifications"),
    "notifications:write": gettext_lazy("mark notifications"),
    "profile:read": gettext_lazy("read the profile"),
}


class TokenForm(ServiceForm):
    """A new token: what it is called, what it may do, where, and for how long."""

    serializer_class = NewApiTokenSerializer
    beside = ServiceForm.beside | {"days"}

    name = forms.CharField(max_length=NAME_LENGTH, help_text=gettext_lazy("What uses it, such as “nightly report”."))
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("It may"),
        choices=[(scope, capfirst(ALLOWS[scope])) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    all_projects = forms.BooleanField(label=gettext_lazy("All my projects, those to come as well"), required=False)
    projects = forms.MultipleChoiceField(label=gettext_lazy("In"), widget=forms.CheckboxSelectMultiple, required=False)
    days = forms.TypedChoiceField(label=gettext_lazy("It works for"), coerce=int)
    password = password_field(gettext_lazy("Your password"), autocomplete="current-password")

    def __init__(self, person: User, *args: Any, **options: Any) -> None:
        first = {"scopes": list(READ_ONLY), "days": settings.TOKEN_DEFAULT_DAYS}
        super().__init__(*args, initial=first, **options)
        seen = Project.objects.visible_to(person).order_by("-is_inbox", "name", "pk")
        self.fields["projects"].choices = names_of_projects(seen)  # type: ignore[attr-defined]
        lives = sorted({*LIVES, settings.TOKEN_DEFAULT_DAYS})
        offered = [
            (days, ngettext("{n} day", "{n} days", days).format(n=days))
            for days in lives
            if days <= settings.TOKEN_MAX_DAYS
        ]
        self.fields["days"].choices = offered  # type: ignore[attr-defined]

    def as_body(self) -> dict[str, Any]:
        body = super().as_body()
        if "projects" in body:
            body["projects"] = [int(pk) for pk in body["projects"]]
        if days := self.cleaned_data.get("days"):
            body["expires_at"] = (timezone.now() + timedelta(days=days)).isoformat()
        return body


class RotateTokenForm(ServiceForm):
    """How long the former text goes on working."""

    serializer_class = RotateTokenSerializer

    overlap_hours = forms.IntegerField(
        label=gettext_lazy("Hours for which the former text goes on working"),
        min_value=0,
        max_value=OVERLAP_MAX,
        initial=OVERLAP_DEFAULT,
        help_text=gettext_lazy("0 ends it at once: for a token that has leaked."),
    )
    password = password_field(gettext_lazy("Your password"), autocomplete="current-password")
