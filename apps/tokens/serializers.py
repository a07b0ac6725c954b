"""Shapes of API tokens in JSON."""

from __future__ import annotations

from django.utils import timezone
from rest_framework import serializers

from apps.common.api.serializers import IdListField, InstantField, NameField, StrictMixin, StrictSerializer
from apps.common.api.token_scopes import SCOPES, SHORTHANDS
from apps.tokens.models import NAME_LENGTH, ApiToken
from apps.users.fields import PasswordField

PROJECTS_MAX = 100
OVERLAP_MAX = OVERLAP_DEFAULT = 24  # hours
SCOPE_CHOICES = [(scope, scope) for scope in SCOPES]
WANTED_CHOICES = [*SCOPE_CHOICES, *((name, name) for name in SHORTHANDS)]
FIELDS = (
    "id",
    "name",
    "scopes",
    "all_projects",
    "projects",
    "hint",
    "created_at",
    "expires_at",
    "last_used_at",
    "last_used_ip",
    "previous_valid_until",
)


class ApiTokenSerializer(StrictMixin, serializers.ModelSerializer[ApiToken]):
    """An API token, without its text. A change renames it; everything else stays as it was made."""

    name = NameField(max_length=NAME_LENGTH)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPE_CHOICES), read_only=True)
    projects = serializers.ListField(
        child=serializers.IntegerField(), source="listed", read_only=True, help_text="Those that its owner sees now."
    )
    created_at = InstantField(read_only=True)
    expires_at = InstantField(read_only=True)
    last_used_at = InstantField(read_only=True, allow_null=True, help_text="Written at most once a minute.")
    last_used_ip = serializers.IPAddressField(read_only=True, allow_null=True)
    previous_valid_until = serializers.SerializerMethodField(
        help_text="Until when the text from before the last rotation works."
    )

    class Meta:
        model = ApiToken
        fields = FIELDS
        read_only_fields = tuple(name for name in FIELDS if name != "name")
        ignored = ("token",)

    def get_previous_valid_until(self, token: ApiToken) -> str | None:
        """Return the end of the overlap as the API shows instants."""
        until = token.previous_valid_until(now=timezone.now())
        return None if until is None else str(InstantField().to_representation(until))


class NewApiTokenSerializer(StrictSerializer):
    """A token to be made: its name, scopes, and either its projects or all of them."""

    name = NameField(max_length=NAME_LENGTH)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=WANTED_CHOICES),
        allow_empty=False,
        help_text="`read_only` and `full` stand for the scopes that they have today.",
    )
    all_projects = serializers.BooleanField(default=False)
    projects = IdListField(max_length=PROJECTS_MAX, default=list)
    expires_at = InstantField(required=False, help_text="TOKEN_DEFAULT_DAYS from now, unless it is sent.")
    password = PasswordField(help_text="The caller's.")


class RotateTokenSerializer(StrictSerializer):
    """How long the former text works beside the new one."""

    overlap_hours = serializers.IntegerField(
        min_value=0, max_value=OVERLAP_MAX, default=OVERLAP_DEFAULT, help_text="0: not at all."
    )
    password = PasswordField(help_text="The caller's.")


class ShownTokenSerializer(ApiTokenSerializer):
    """An API token with its text, which is shown this once."""

    token = serializers.CharField(
        read_only=True, allow_null=True, help_text="Null when an answer is repeated for an Idempotency-Key."
    )

    class Meta(ApiTokenSerializer.Meta):
        fields = (*FIELDS, "token")  # type: ignore[assignment]
        read_only_fields = fields
