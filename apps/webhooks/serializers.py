"""The JSON shapes of webhooks and their deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.common.api.serializers import InstantField, StrictMixin, StrictSerializer, TextField
from apps.common.errors import ValidationError
from apps.tasks.filter_routes.serializers import FilterField
from apps.tasks.filtering.reader import reader_of_project
from apps.tasks.saved_views.reading import present
from apps.users.serializers import PersonSerializer
from apps.webhooks.addresses import require_allowed
from apps.webhooks.models import (
    DESCRIPTION_LENGTH,
    TEST_TYPE,
    URL_LENGTH,
    Delivery,
    DeliveryState,
    Payload,
    Reason,
    State,
    Webhook,
)
from apps.webhooks.signing import plain_headers
from apps.webhooks.subscriptions import MAX_PATTERNS, PATTERNS, TYPES

PATTERN_CHOICES = [(pattern, pattern) for pattern in PATTERNS]
DELIVERED_CHOICES = [(name, name) for name in (*TYPES, TEST_TYPE)]
AGAIN = [("missing", _("Without a success")), ("failed", _("Failed")), ("all", _("All"))]


class UrlField(TextField):
    """Where events are sent; an address that is not allowed is rejected (contract WH9)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=URL_LENGTH, **options)

    def to_internal_value(self, data: Any) -> str:
        url = super().to_internal_value(data)
        webhook = getattr(self.parent, "instance", None)
        if isinstance(webhook, Webhook) and webhook.url == url:
            return url
        try:
            require_allowed(url)
        except ValidationError as error:
            (fault,) = error.errors
            raise serializers.ValidationError(fault.detail, code=fault.code) from None
        return url


class WebhookSerializer(StrictMixin, serializers.ModelSerializer[Webhook]):
    """A receiver of a project's events."""

    url = UrlField(help_text="An https address that is public, unless the installation's settings name it.")
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=PATTERN_CHOICES),
        min_length=1,
        max_length=MAX_PATTERNS,
        help_text="Types of events, all of an object's such as `task.*`, or `*`.",
    )
    filter = FilterField(
        required=False, help_text="The filter language: events of tasks go out while the task matches it."
    )
    payload = serializers.ChoiceField(
        choices=Payload.choices, default=Payload.FULL, help_text="`thin` leaves people, values and the object out."
    )
    description = TextField(max_length=DESCRIPTION_LENGTH, required=False, allow_blank=True)
    state = serializers.ChoiceField(choices=State.choices, read_only=True)
    disabled_reason = serializers.ChoiceField(choices=Reason.choices, read_only=True, allow_null=True)
    failing_since = InstantField(read_only=True, allow_null=True, help_text="The first failure since the last success.")
    last_success_at = InstantField(read_only=True, allow_null=True)
    created_by = PersonSerializer(read_only=True)
    created_at = InstantField(read_only=True)
    updated_at = InstantField(read_only=True)
    secret = serializers.CharField(read_only=True, help_text="Shown once: when it is made, and when it is changed.")
    missed = serializers.IntegerField(
        read_only=True, help_text="Only in the answer of `enable/`: events since it was disabled."
    )

    class Meta:
        model = Webhook
        fields = (
            "id",
            "url",
            "events",
            "filter",
            "payload",
            "description",
            "state",
            "disabled_reason",
            "failing_since",
            "last_success_at",
            "created_by",
            "version",
            "created_at",
            "updated_at",
            "secret",
            "missed",
        )
        read_only_fields = ("version",)
        optional = ("secret", "missed")

    def validate_events(self, events: list[str]) -> list[str]:
        """Return each pattern once."""
        return list(dict.fromkeys(events))

    def to_representation(self, instance: Webhook) -> dict[str, Any]:
        if instance.shown_filter is None:
            present([instance], reader_of_project(instance.project_id))
        shown: dict[str, Any] = super().to_representation(instance)
        for name in self.Meta.optional:
            if shown[name] is None:
                del shown[name]
        return shown | {"filter": instance.shown_filter}


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """An event on its way to a webhook."""

    type = serializers.ChoiceField(choices=DELIVERED_CHOICES, read_only=True)
    state = serializers.ChoiceField(choices=DeliveryState.choices, read_only=True)
    next_attempt_at = serializers.SerializerMethodField(help_text="Null once it has ended.")
    response_code = serializers.IntegerField(source="code", read_only=True, allow_null=True)
    took_ms = serializers.IntegerField(read_only=True, allow_null=True, help_text="How long the last attempt took.")
    error = serializers.CharField(read_only=True, help_text="Why there was no answer; empty where there was one.")
    created_at = InstantField(read_only=True)
    finished_at = InstantField(read_only=True, allow_null=True)
    redelivery_of = serializers.IntegerField(
        source="redelivery_of_id", read_only=True, allow_null=True, help_text="The delivery that this one repeats."
    )

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = (
            "id",
            "event_id",
            "type",
            "state",
            "attempts",
            "next_attempt_at",
            "response_code",
            "took_ms",
            "error",
            "created_at",
            "finished_at",
            "redelivery_of",
        )
        read_only_fields = fields
        extra_kwargs = {"event_id": {"help_text": "The `webhook-id` of every attempt and redelivery."}}

    @extend_schema_field(InstantField(allow_null=True))
    def get_next_attempt_at(self, delivery: Delivery) -> str | None:
        """Return when it is tried next."""
        if delivery.state != DeliveryState.PENDING:
            return None
        return InstantField().to_representation(delivery.next_attempt_at)


@extend_schema_serializer(component_name="DeliveryDetail")
class DeliveryDetailSerializer(DeliverySerializer):
    """A delivery with what was sent and answered at its last attempt."""

    request_headers = serializers.SerializerMethodField(
        help_text="Without the signature; empty before the first attempt."
    )
    request_body = serializers.CharField(read_only=True, help_text="Empty before the first attempt, and once erased.")
    response_body = serializers.CharField(read_only=True, help_text="The first 2 KB of the answer.")

    class Meta(DeliverySerializer.Meta):
        fields = (*DeliverySerializer.Meta.fields, "request_headers", "request_body", "response_body")
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_request_headers(self, delivery: Delivery) -> dict[str, str]:
        """Return the headers of the last attempt."""
        if delivery.attempted_at is None:
            return {}
        return plain_headers(delivery.event_id, at=delivery.attempted_at)


class RedeliverSerializer(StrictSerializer):
    """Which events are sent again."""

    since = InstantField()
    until = InstantField(required=False, allow_null=True, help_text="Now, unless it is sent.")
    state = serializers.ChoiceField(
        choices=AGAIN, default="missing", help_text="`missing`: those without a successful delivery."
    )

    def faults(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        """Reject a span that ends before it begins."""
        try:
            since, until = (InstantField().to_internal_value(data[name]) for name in ("since", "until"))
        except (KeyError, serializers.ValidationError):
            return {}
        text = "It is before `since`."
        return {"until": ErrorDetail(text, code="contradiction")} if until < since else {}


class RedeliveredSerializer(serializers.Serializer[Any]):
    """How many events are sent again."""

    count = serializers.IntegerField()
