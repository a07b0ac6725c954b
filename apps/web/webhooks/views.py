"""A project's webhooks: made, changed, switched, given another secret, deleted; for its admins.

A secret is on the page that answers the act, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import DateTimeField, F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext_lazy

from apps.common.errors import DomainError, NotFoundError
from apps.common.language.problems import translated
from apps.common.lists.ordering import OrderKey
from apps.projects.models import Project
from apps.projects.roles import Capability
from apps.tasks.filtering.reader import reader_of_project
from apps.tasks.saved_views.reading import present
from apps.web.base.access import find_project
from apps.web.base.listing import read_list
from apps.web.base.words import chosen_word
from apps.web.projects.settings_views import SettingsPage
from apps.web.webhooks.forms import RedeliverForm, WebhookForm
from apps.webhooks import services
from apps.webhooks.filters import DeliveryFilter
from apps.webhooks.models import Delivery, DeliveryState, Webhook

# How far a delivery is, in a word
STATES = {
    DeliveryState.PENDING.value: pgettext_lazy("delivery", "pending"),
    DeliveryState.SENT.value: pgettext_lazy("delivery", "sent"),
    DeliveryState.FAILED.value: pgettext_lazy("delivery", "failed"),
    DeliveryState.BLOCKED.value: pgettext_lazy("delivery", "blocked"),
}
NEWEST_FIRST = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}


class WebhookPageView(SettingsPage):
    """What the pages of webhooks share."""

    def managed(self, pk: int) -> Project:
        """Return the project, for its admins."""
        return find_project(self.actor, pk, capability=Capability.MANAGE_PROJECT)

    def found(self, project: Project, pk: int) -> Webhook:
        """Return a webhook of the project with its filter in present names; NotFoundError for one of another."""
        webhook = Webhook.objects.filter(project=project).select_related("created_by").filter(pk=pk).first()
        if webhook is None:
            raise NotFoundError
        present([webhook], reader_of_project(project.pk))
        return webhook

    def secret(self, project: Project, webhook: Webhook, *, status: int) -> HttpResponse:
        """Return the page with the new secret. Not by another request (PG3): it would have to be kept for that one."""
        self.template_name = "web/webhooks/secret.html"
        return self.shown(project, webhook=webhook, secret=webhook.secret, status=status)


class WebhooksPage(WebhookPageView):
    """The webhooks of a project, and the form of a new one."""

    template_name = "web/webhooks/list.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.webhooks(self.managed(pk), WebhookForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        project = self.managed(pk)
        form = WebhookForm(request.POST)
        made = form.submit(lambda values: services.create_webhook(actor=self.actor, project_id=pk, **values))
        return self.webhooks(project, form) if made is None else self.secret(project, made, status=HTTPStatus.CREATED)

    def webhooks(self, project: Project, form: WebhookForm) -> HttpResponse:
        """Return the list with the form."""
        rows = Webhook.objects.filter(project=project).order_by("-created_at", "-pk")
        return self.shown(project, form=form, rows=rows, status=form.http_status)


class WebhookPage(WebhookPageView):
    """One webhook: to change, to switch, to give another secret, to delete (`act` says which), and its log."""

    template_name = "web/webhooks/webhook.html"

    def get(self, request: HttpRequest, pk: int, hook_pk: int) -> HttpResponse:
        project = self.managed(pk)
        return self.webhook(project, self.found(project, hook_pk))

    def post(self, request: HttpRequest, pk: int, hook_pk: int) -> HttpResponse:
        project = self.managed(pk)
        webhook = self.found(project, hook_pk)
        acts: dict[str, Callable[[Project, Webhook], HttpResponse]] = {
            "rotate": self.rotate,
            "enable": self.enable,
            "disable": self.disable,
            "delete": self.delete,
            "redeliver": self.redeliver,
            "save": self.save,
        }
        act = acts[chosen_word(request, "act", acts, default="save")]
        try:
            return act(project, webhook)
        except DomainError as error:
            if error.status != HTTPStatus.CONFLICT:
                raise
            return self.webhook(project, webhook, fault=translated(error.detail), status=error.status)

    def save(self, project: Project, webhook: Webhook) -> HttpResponse:
        """Change what the form has."""
        form = WebhookForm(self.request.POST)

        def change(values: dict[str, Any]) -> Webhook:
            version = form.cleaned_data["version"]
            expected = None if version is None else frozenset({version})
            return services.update_webhook(actor=self.actor, webhook=webhook, changes=values, expected=expected)

        if form.submit(change) is not None:
            return self.done(project, webhook, gettext("The webhook is saved"))
        if form.http_status == HTTPStatus.PRECONDITION_FAILED:
            again = WebhookForm(self.request.POST.dict() | _lists(self.request) | {"version": webhook.version})
            again.say_again(form)
            return self.webhook(project, webhook, form=again, stored=webhook, status=form.http_status)
        return self.webhook(project, webhook, form=form, status=form.http_status)

    def rotate(self, project: Project, webhook: Webhook) -> HttpResponse:
        """Give it a new secret; the old one signs along for a day."""
        rotated = services.rotate_secret(actor=self.actor, webhook=webhook)
        return self.secret(project, rotated, status=HTTPStatus.OK)

    def enable(self, project: Project, webhook: Webhook) -> HttpResponse:
        """Deliver events from now on."""
        missed = services.enable_webhook(actor=self.actor, webhook=webhook).missed
        if not missed:
            return self.done(project, webhook, gettext("The webhook is enabled"))
        said = ngettext(
            "The webhook is enabled; {count} event came in the meantime, and can be sent below",
            "The webhook is enabled; {count} events came in the meantime, and can be sent below",
            missed,
        )
        return self.done(project, webhook, said.format(count=missed))

    def disable(self, project: Project, webhook: Webhook) -> HttpResponse:
        """Deliver nothing any more."""
        services.disable_webhook(actor=self.actor, webhook=webhook)
        return self.done(project, webhook, gettext("The webhook is disabled"))

    def delete(self, project: Project, webhook: Webhook) -> HttpResponse:
        """Delete it with its log."""
        services.delete_webhook(actor=self.actor, webhook=webhook)
        messages.success(self.request, gettext("The webhook is deleted"))
        return self.see(reverse("project-webhooks", args=[project.pk]))

    def redeliver(self, project: Project, webhook: Webhook) -> HttpResponse:
        """Send the events of a span of time again."""
        form = RedeliverForm(self.request.POST)
        count = form.submit(lambda values: services.redeliver_events(actor=self.actor, webhook=webhook, **values))
        if count is None:
            return self.webhook(project, webhook, again=form, status=form.http_status)
        said = ngettext("{count} event is sent", "{count} events are sent", count).format(count=count)
        return self.done(project, webhook, said if count else gettext("There was nothing to send"))

    def webhook(self, project: Project, webhook: Webhook, **context: Any) -> HttpResponse:
        """Return the page of a webhook with its log."""
        log = read_list(
            self.request,
            Delivery.objects.filter(webhook=webhook).defer("request_body", "response_body"),
            ordering_keys=NEWEST_FIRST,
            default_ordering="-created_at",
            filterset_class=DeliveryFilter,
        )
        context = {"form": WebhookForm.of(webhook), "again": RedeliverForm(), **context}
        return self.shown(project, webhook=webhook, log=log, states=STATES, **context)

    def done(self, project: Project, webhook: Webhook, text: str) -> HttpResponse:
        """Say it, and lead back to the webhook."""
        messages.success(self.request, text)
        return self.see(reverse("project-webhook", args=[project.pk, webhook.pk]))


class SendTest(WebhookPageView):
    """Sends a test."""

    http_method_names = ["post"]
    throttle_scope = "webhook_test"

    def post(self, request: HttpRequest, pk: int, hook_pk: int) -> HttpResponse:
        project = self.managed(pk)
        webhook = self.found(project, hook_pk)
        delivery = services.send_test(actor=self.actor, webhook=webhook)
        messages.success(request, gettext("A test was sent: reload the page in a moment"))
        return self.see(reverse("project-delivery", args=[pk, hook_pk, delivery.pk]))


class DeliveryPage(WebhookPageView):
    """One delivery with what was sent and answered at its last attempt; a POST sends it again."""

    template_name = "web/webhooks/delivery.html"

    def get(self, request: HttpRequest, pk: int, hook_pk: int, delivery_pk: int) -> HttpResponse:
        project = self.managed(pk)
        webhook = self.found(project, hook_pk)
        return self.shown(project, webhook=webhook, delivery=_delivery(webhook, delivery_pk))

    def post(self, request: HttpRequest, pk: int, hook_pk: int, delivery_pk: int) -> HttpResponse:
        project = self.managed(pk)
        delivery = _delivery(self.found(project, hook_pk), delivery_pk)
        again = services.redeliver(actor=self.actor, delivery=delivery)
        messages.success(request, gettext("It is being sent again: reload the page in a moment"))
        return self.see(reverse("project-delivery", args=[pk, hook_pk, again.pk]))


def _delivery(webhook: Webhook, pk: int) -> Delivery:
    delivery = Delivery.objects.filter(webhook=webhook).select_related("webhook").filter(pk=pk).first()
    if delivery is None:
        raise NotFoundError
    return delivery


def _lists(request: HttpRequest) -> dict[str, list[str]]:
    return {name: request.POST.getlist(name) for name in ("groups", "types")}
