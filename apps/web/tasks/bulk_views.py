"""The selected tasks of a list, changed together: first what would happen, then the act, with its undo."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from apps.batches.models import Action, Mode, Outcome
from apps.common.api.problems import field_errors
from apps.common.errors import ValidationError
from apps.common.language.problems import translated
from apps.projects.roles import Capability
from apps.tasks.bulk.access import count_tasks
from apps.tasks.bulk.bodies import read_order
from apps.tasks.bulk.running import change_tasks
from apps.tasks.bulk.serializers import BulkSerializer
from apps.tasks.bulk.work import Options, Report
from apps.users.models import User
from apps.web.base.access import find_project
from apps.web.base.forms import UNPROCESSABLE
from apps.web.base.names import names_of_projects
from apps.web.base.paths import own_path
from apps.web.base.words import chosen_word
from apps.web.tasks.forms import QuickForm, members_of, writable_projects
from apps.web.tasks.outcomes import outcome_rows
from apps.web.tasks.project_views import ProjectPage, frame_of
from apps.web.tasks.undo_views import with_details

# The fields of the bar, each of which is an `update` of itself
FIELDS = ("status", "priority", "assigned_to")
WORDS = {
    Action.COMPLETE: gettext_lazy("Finish"),
    Action.ARCHIVE: gettext_lazy("Archive"),
    Action.UNARCHIVE: gettext_lazy("Take out of the archive"),
    Action.DELETE: gettext_lazy("Put into the trash"),
    Action.MOVE: gettext_lazy("Move"),
    Action.UPDATE: gettext_lazy("Change"),
}


class BulkPage(ProjectPage):
    """POST shows what would happen; with `confirm` it happens."""

    http_method_names = ["post"]
    throttle_scope = "bulk"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        project = find_project(self.actor, pk, capability=Capability.WRITE_TASKS)
        back = own_path(request.POST.get("next"), default=reverse("project", args=[pk]))
        is_confirmed = bool(chosen_word(request, "confirm", ("1",), default=""))
        body = read_body(request)
        try:
            report = run_bulk(request, body, actor=self.actor, is_dry=not is_confirmed)
        except ValidationError as error:
            details = " ".join(translated(each.detail) for each in error.errors) or translated(error.detail)
            return self.shown(project, QuickForm(), fault=details, status=UNPROCESSABLE)
        if report.options.dry_run:
            return self.preview(report, body, back=back, **frame_of(project, people=members_of(project)))
        say_report(request, report)
        return self.see(back)

    def preview(self, report: Report, body: dict[str, Any], **context: Any) -> HttpResponse:
        """Return the page that says what would happen, with the button that does it."""
        self.template_name = "web/tasks/bulk.html"
        changed = sum(item.result == Outcome.CHANGED for item in report.items)
        rows = outcome_rows(report.items, reader=self.actor)
        target = self._project_named(body["changes"].get("project", ""))
        verb = WORDS[Action(body["action"])]
        return self.page(rows=rows, body=body, verb=verb, changed=changed, target=target, **context)

    def _project_named(self, sent: str) -> str:
        """Return the name of the project that tasks would move to, empty without one."""
        if not sent:
            return ""
        names = {str(pk): name for pk, name in names_of_projects(writable_projects(self.actor))}
        return names.get(sent, "")


def run_bulk(request: HttpRequest, body: dict[str, Any], *, actor: User, is_dry: bool = False) -> Report:
    """Do what the API's bulk route would for this body, or try it; each task that cannot be changed stays.

    Raises ValidationError, and RateLimitedError for more tasks than a person may change in a minute.
    """
    made = BulkSerializer(data=body)
    if not made.is_valid():
        raise ValidationError(*field_errors(made.errors))
    checked = made.validated_data
    order = read_order(checked, {"request": request})
    if order.fault:
        raise order.fault
    count_tasks(actor, len(checked["ids"]))
    return change_tasks(actor=actor, ids=checked["ids"], order=order, options=Options(Mode.BEST_EFFORT, dry_run=is_dry))


def say_report(request: HttpRequest, report: Report) -> None:
    """Say how many were changed, with the undo."""
    answer = report.as_json()
    changed = answer["counts"].get(Outcome.CHANGED, 0)
    left = len(report.items) - changed
    undo = reverse("batch-undo", args=[answer["batch_id"]]) if answer["batch_id"] and changed else ""
    text = ngettext("{count} task changed", "{count} tasks changed", changed).format(count=changed)
    if left:
        stay = ngettext("{count} stays as it is", "{count} stay as they are", left).format(count=left)
        text = f"{text}, {stay}"
        text = with_details(text, answer["batch_id"]) if answer["batch_id"] else text
    messages.success(request, text, extra_tags=undo)


def read_body(request: HttpRequest) -> dict[str, Any]:
    """Return the body that the API's bulk route would be sent for what the bar sends."""
    sent = request.POST
    ids = [int(each) if each.isdecimal() else each for each in sent.getlist("ids")]
    changes: dict[str, Any] = {name: sent[name] for name in FIELDS if name in sent}
    if "assigned_to" in changes:
        changes["assigned_to"] = changes["assigned_to"] or None
    action = sent.get("action", Action.UPDATE.value)
    if "project" in sent:
        action, changes = Action.MOVE.value, {"project": sent["project"]}
    return {"ids": ids, "action": action, "changes": changes}
