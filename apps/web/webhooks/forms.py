"""The forms of webhooks; the fields have the API's names."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from apps.web.base.forms import ServiceForm
from apps.web.base.instants import LocalInstantField
from apps.webhooks.models import DESCRIPTION_LENGTH, URL_LENGTH, Payload, Webhook
from apps.webhooks.serializers import AGAIN, RedeliverSerializer, WebhookSerializer
from apps.webhooks.subscriptions import EVERYTHING, OBJECTS, TYPES

ABOUT = {
    "project": gettext_lazy("Everything about a project"),
    "task": gettext_lazy("Everything about a task"),
    "comment": gettext_lazy("Everything about a comment"),
    "attachment": gettext_lazy("Everything about an attachment"),
    "label": gettext_lazy("Everything about a label"),
    "member": gettext_lazy("Everything about a member"),
    "relation": gettext_lazy("Everything about a relation"),
    "report": gettext_lazy("Everything about a report"),
    "view": gettext_lazy("Everything about a view"),
    "import": gettext_lazy("Everything about an import"),
}
GROUPS = [(EVERYTHING, gettext_lazy("Everything")), *((f"{name}.*", ABOUT.get(name, name)) for name in OBJECTS)]

PAYLOADS = [
    (Payload.FULL.value, gettext_lazy("The event and its object")),
    (Payload.THIN.value, gettext_lazy("Only ids and types")),
]


class WebhookForm(ServiceForm):
    """Where events are sent, and which. Whole groups and single types are two fields here and one in the API."""

    serializer_class = WebhookSerializer

    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=URL_LENGTH,
        widget=forms.URLInput(attrs={"placeholder": "https://", "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("It gets a POST for each event; https, and reachable from here."),
    )
    groups = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=GROUPS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=["task.*"],
    )
    types = forms.MultipleChoiceField(
        label=gettext_lazy("Single events"),
        choices=[(name, name) for name in TYPES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    filter = forms.CharField(
        label=gettext_lazy("Only for tasks that match"),
        required=False,
        strip=False,
        max_length=20_000,  # the language has its own limit, and says what is too long
        widget=forms.TextInput(
            attrs={"class": "input code", "spellcheck": "false", "autocomplete": "off", "dir": "ltr"}
        ),
        help_text=gettext_lazy("For example: priority = urgent and label = bug. Empty: all tasks."),
    )
    payload = forms.ChoiceField(label=gettext_lazy("What is sent"), choices=PAYLOADS, initial=Payload.FULL)
    description = forms.CharField(label=gettext_lazy("What is it for?"), required=False, max_length=DESCRIPTION_LENGTH)
    version = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def as_body(self) -> dict[str, Any]:
        """Return the body of the API, where both kinds of events are one list."""
        body = super().as_body()
        return body | {"events": [*body.pop("groups", []), *body.pop("types", [])]}

    def _add(self, name: str, text: str) -> None:
        super()._add("groups" if name == "events" else name, text)

    @classmethod
    def of(cls, webhook: Webhook) -> WebhookForm:
        """Return the form with what a webhook has; its filter is shown with present names."""
        names = ("url", "payload", "description", "version")
        chosen = {
            "filter": webhook.shown_filter or "",
            "groups": [name for name in webhook.events if name not in TYPES],
            "types": [name for name in webhook.events if name in TYPES],
        }
        return cls(initial={name: getattr(webhook, name) for name in names} | chosen)


class RedeliverForm(ServiceForm):
    """Which events are sent again; the instants are in the person's zone."""

    serializer_class = RedeliverSerializer

    since = LocalInstantField(label=gettext_lazy("Since"))
    until = LocalInstantField(label=gettext_lazy("Until"), required=False, help_text=gettext_lazy("Or now."))
    state = forms.ChoiceField(label=gettext_lazy("Which"), choices=AGAIN, initial="missing")

    def as_body(self) -> dict[str, Any]:
        body = super().as_body()
        return {name: value for name, value in body.items() if value}
