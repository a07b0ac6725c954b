"""The JSON shapes of invitations."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.common.api.serializers import InstantField, StrictMixin
from apps.invitations.models import Invitation, State
from apps.notifications.models import MailState
from apps.projects.roles import GRANTABLE_CHOICES, Role
from apps.users.fields import AddressField
from apps.users.serializers import PersonSerializer

MAIL_CHOICES = [(state, state.title()) for state in ("pending", "sent", "failed", "suppressed", "held")]


class MailSerializer(serializers.Serializer[Any]):
    """What became of the mail."""

    state = serializers.ChoiceField(choices=MAIL_CHOICES)
    error = serializers.CharField(help_text="Why it was not sent, or empty.")


class InvitationSerializer(StrictMixin, serializers.ModelSerializer[Invitation]):
    """An invitation of an address to a project."""

    email = AddressField(help_text="Who is invited, with an account or without.")
    role = serializers.ChoiceField(choices=GRANTABLE_CHOICES, required=False, help_text="`member` unless it is sent.")
    state = serializers.SerializerMethodField()
    invited_by = PersonSerializer(read_only=True)
    accepted_by = PersonSerializer(read_only=True, allow_null=True)
    expires_at = InstantField(read_only=True)
    created_at = InstantField(read_only=True)
    mail = serializers.SerializerMethodField()

    class Meta:
        model = Invitation
        fields = ("id", "email", "role", "state", "invited_by", "expires_at", "created_at", "accepted_by", "mail")
        validators: tuple[()] = ()
        ignored = ("accept_url",)

    @extend_schema_field(serializers.ChoiceField(choices=State.choices))
    def get_state(self, invitation: Invitation) -> str:
        """Return the present state."""
        return str(invitation.state_at(timezone.now()))

    @extend_schema_field(MailSerializer)
    def get_mail(self, invitation: Invitation) -> dict[str, str]:
        """Return what became of the last mail; once its row is purged it has gone out long ago."""
        row, is_held = invitation.mail or (None, False)
        if row is None:
            return {"state": "sent", "error": ""}
        state = row.mail_state
        if state in {MailState.PENDING, MailState.SENDING}:
            return {"state": "held" if is_held else "pending", "error": row.reason}
        return {"state": str(state), "error": row.reason}


class MadeInvitationSerializer(InvitationSerializer):
    """An invitation with its link, which is shown once."""

    accept_url = serializers.CharField(
        read_only=True, allow_null=True, help_text="The link that joins the project; shown once, null in a replay."
    )

    class Meta(InvitationSerializer.Meta):
        fields = (*InvitationSerializer.Meta.fields, "accept_url")  # type: ignore[assignment]


class InvitedProjectSerializer(serializers.Serializer[Any]):
    """What an invited person gets to know of the project."""

    name = serializers.CharField()


class InviterSerializer(serializers.Serializer[Any]):
    """What an invited person gets to know of the inviter."""

    username = serializers.CharField()
    nickname = serializers.CharField()


class PublicInvitationSerializer(serializers.Serializer[Any]):
    """What a secret shows of its invitation."""

    project = InvitedProjectSerializer()
    inviter = InviterSerializer(source="invited_by")
    role = serializers.ChoiceField(choices=GRANTABLE_CHOICES)
    email = serializers.CharField(help_text="The first character and the domain of the address.")
    state = serializers.ChoiceField(choices=State.choices, help_text="Always `pending`: what is over is a 410.")


class JoinedSerializer(serializers.Serializer[Any]):
    """The project that was joined, and as what."""

    project = serializers.IntegerField(help_text="The id of the project.")
    role = serializers.ChoiceField(choices=Role.choices)
