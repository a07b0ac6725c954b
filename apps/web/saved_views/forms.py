"""The form that keeps a filter under a name; the fields have the API's names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from apps.projects.models import Project
from apps.tasks.filtering.errors import FilterError
from apps.tasks.filtering.reader import Reader
from apps.tasks.models import VIEW_NAME_LENGTH, GroupBy, Layout
from apps.tasks.saved_views.judging import kept_filter
from apps.tasks.saved_views.serializers import SavedViewSerializer
from apps.tasks.serializers import TaskUpdateSerializer
from apps.tasks.views import TaskViewSet
from apps.web.base.forms import ServiceForm
from apps.web.base.names import names_of_projects
from apps.web.saved_views.wording import place_of

ORDERINGS = (
    ("-created_at", gettext_lazy("Newest first")),
    ("-updated_at", gettext_lazy("Last changed first")),
    ("due_date", gettext_lazy("By due date")),
    ("-priority", gettext_lazy("By priority")),
    ("status", gettext_lazy("By status")),
    ("title", gettext_lazy("By title")),
    ("rank", gettext_lazy("By hand")),
)


class ViewForm(ServiceForm):
    """Name, filter and looks of a view."""

    serializer_class = SavedViewSerializer
    serializer_context = {"orderings": TaskViewSet.ordering_keys}

    name = forms.CharField(max_length=VIEW_NAME_LENGTH)
    filter = forms.CharField(
        required=False,
        strip=False,
        max_length=20_000,  # the language has its own limit, and says what is too long
        widget=forms.TextInput(
            attrs={"class": "input code", "spellcheck": "false", "autocomplete": "off", "dir": "ltr"}
        ),
        help_text=gettext_lazy("For example: assignee = me and due < today+7d. Empty: every task."),
    )
    project = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    ordering = forms.ChoiceField(label=gettext_lazy("Order"), required=False)
    layout = forms.ChoiceField(choices=Layout.choices, initial=Layout.LIST, required=False)
    group_by = forms.TypedChoiceField(
        label=gettext_lazy("Grouped by"),
        choices=[("", gettext_lazy("Nothing")), *GroupBy.choices],
        empty_value=None,
        required=False,
    )
    is_shared = forms.BooleanField(
        label=gettext_lazy("Share with all members of the project"),
        required=False,
        help_text=gettext_lazy("Each of them finds what they may see."),
    )
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, reader: Reader, projects: Iterable[Project], **options: Any) -> None:
        super().__init__(data, **options)
        self.reader = reader
        self.place: dict[str, str] | None = None  # where the filter is wrong
        chosen = [("", gettext("Everything I can see")), *names_of_projects(projects)]
        self.fields["project"].choices = chosen  # type: ignore[attr-defined]
        kept = self.initial.get("ordering")
        known = [*ORDERINGS, *([(kept, kept)] if kept and kept not in dict(ORDERINGS) else [])]
        self.fields["ordering"].choices = known  # type: ignore[attr-defined]

    def as_body(self) -> dict[str, Any]:
        """Return what was sent; a menu left at nothing has the API's default."""
        kept = ("project", "group_by", "filter", "is_shared", "name")
        return {name: value for name, value in super().as_body().items() if name in kept or value}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            text = self.values.get("filter", "")
            try:
                self.values |= kept_filter(text, self.reader)
            except FilterError as error:
                self.reject(error)
                self.place = place_of(error, text)
        return cleaned


class ColumnForm(ServiceForm):
    """The column that a card goes to: exactly one of the fields that columns stand for."""

    serializer_class = TaskUpdateSerializer
    is_patch = True

    status = forms.CharField(required=False)
    priority = forms.CharField(required=False)
    assigned_to = forms.CharField(required=False)
    on_subtasks = forms.CharField(required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        named = [name for name in ("status", "priority", "assigned_to") if name in data]
        self.field = named[0] if len(named) == 1 else ""

    def as_body(self) -> dict[str, Any]:
        """Return the field and what is said of sub-tasks; nobody is assigned by an empty value."""
        body = super().as_body()
        sent = {self.field: body[self.field]} if self.field else {}
        if self.field == "assigned_to":
            sent = {self.field: body[self.field] or None}
        return sent | ({"on_subtasks": body["on_subtasks"]} if body["on_subtasks"] else {})

    def clean(self) -> dict[str, Any]:
        if not self.field:
            self.add_error(None, gettext("Name the column that the card goes to."))
        return super().clean()
