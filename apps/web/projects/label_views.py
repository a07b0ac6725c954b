"""A project's labels: made, changed, merged, deleted; and their colours as a style sheet."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from apps.common.concurrency import none_match
from apps.common.errors import NotFoundError
from apps.projects.models import Project
from apps.projects.roles import Capability
from apps.tasks.labels.colors import PALETTE
from apps.tasks.labels.services import create_label, delete_label, merge_label, update_label
from apps.tasks.labels.stylesheet import stylesheet
from apps.tasks.models import Label
from apps.web.base.access import find_project
from apps.web.base.views import PageView
from apps.web.base.words import chosen_word
from apps.web.projects.forms import LabelForm, MergeForm
from apps.web.projects.settings_views import SettingsPage


class LabelsCss(PageView):
    """The colours of a project's labels, since no page has a style of its own (PG5)."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        css = stylesheet(find_project(self.actor, pk).pk)
        etag = f'"{hashlib.sha256(css.encode()).hexdigest()[:32]}"'
        response = HttpResponse(status=304) if none_match(request, etag) else HttpResponse(css, content_type="text/css")
        response["ETag"] = etag
        response["Cache-Control"] = "private, no-cache"
        return response


class LabelsPage(SettingsPage):
    """The labels with how many tasks carry them, and a new one."""

    template_name = "web/projects/labels.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.labels(find_project(self.actor, pk), None)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        project = find_project(self.actor, pk, capability=Capability.WRITE_TASKS)
        form = LabelForm(request.POST)
        label = form.submit(lambda values: create_label(actor=self.actor, project_id=pk, **values))
        if label is None:
            return self.labels(project, form)
        messages.success(request, gettext("{name} is created").format(name=label.name))
        return self.see(reverse("project-labels", args=[pk]))

    def labels(self, project: Project, form: LabelForm | None) -> HttpResponse:
        """Return the list with the form; without one, an empty one in a colour that no label has yet."""
        rows = list(Label.objects.filter(project=project).with_counts().by_name())
        if form is None:  # a browser would send black for an empty field of this type
            used = {label.color for label in rows}
            form = LabelForm(initial={"color": next((each for each in PALETTE if each not in used), PALETTE[0])})
        return self.shown(project, form=form, rows=rows, label_projects=[project.pk], status=form.http_status)


class LabelPage(SettingsPage):
    """One label: to change, to merge into another, to delete; `act` says which."""

    template_name = "web/projects/label.html"

    def get(self, request: HttpRequest, pk: int, label_pk: int) -> HttpResponse:
        project = find_project(self.actor, pk)
        label = find_label(project, label_pk)
        return self.label(project, label, form=_form_of(label))

    def post(self, request: HttpRequest, pk: int, label_pk: int) -> HttpResponse:
        act = chosen_word(request, "act", ("save", "merge", "delete"), default="save")
        needed = Capability.WRITE_TASKS if act == "save" else Capability.MANAGE_PROJECT
        project = find_project(self.actor, pk, capability=needed)
        label = find_label(project, label_pk)
        if act == "merge":
            return self.merge(project, label)
        if act == "delete":
            delete_label(actor=self.actor, label=label)
            return self.done(project, gettext("{name} is deleted").format(name=label.name))
        form = LabelForm(request.POST)
        if form.submit(lambda values: update_label(actor=self.actor, label=label, changes=values)) is None:
            return self.label(project, label, form=form, status=form.http_status)
        return self.done(project, gettext("The label is saved"))

    def merge(self, project: Project, label: Label) -> HttpResponse:
        """Give all its tasks to another label."""
        form = self.merge_form(project, label, self.request.POST)
        merged = form.submit(lambda values: merge_label(actor=self.actor, label=label, into=values["into"]))
        if merged is None:
            return self.label(project, label, form=_form_of(label), merge_form=form, status=form.http_status)
        said = ngettext(
            "{old} is {new} now, on {count} task", "{old} is {new} now, on {count} tasks", merged.tasks_changed
        )
        return self.done(project, said.format(old=label.name, new=merged.label.name, count=merged.tasks_changed))

    def merge_form(self, project: Project, label: Label, data: Any = None) -> MergeForm:
        """Return the form with the other labels."""
        return MergeForm(data, labels=Label.objects.filter(project=project).exclude(pk=label.pk).by_name())

    def label(self, project: Project, label: Label, **context: Any) -> HttpResponse:
        """Return the page of a label."""
        context = {"merge_form": self.merge_form(project, label), "label_projects": [project.pk], **context}
        return self.shown(project, label=label, **context)

    def done(self, project: Project, text: str) -> HttpResponse:
        """Say it, and lead back to all labels."""
        messages.success(self.request, text)
        return self.see(reverse("project-labels", args=[project.pk]))


def find_label(project: Project, pk: int) -> Label:
    """Return a label of the project; NotFoundError for one of another."""
    label = Label.objects.filter(project=project).with_counts().filter(pk=pk).first()
    if label is None:
        raise NotFoundError
    return label


def _form_of(label: Label) -> LabelForm:
    return LabelForm(initial={"name": label.name, "color": label.color, "description": label.description})
