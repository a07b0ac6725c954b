"""Shapes of people, sessions and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Expression, QuerySet
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.common.api.serializers import InstantField, StrictMixin, StrictSerializer, TextField
from apps.common.sql.json import AsText, json_of
from apps.users.fields import (
    AddressField,
    AvatarField,
    LanguageField,
    PasswordField,
    PreferencesField,
    ShownNameField,
    SwitchField,
    TimezoneField,
    UsernameField,
)
from apps.users.models import REMINDER_LEAD_MAX, Session, Theme, User
from apps.users.passwords import normal_password
from apps.users.people import PERSON_FIELDS

TOKEN_LENGTH = 2_000


class PersonSerializer(StrictMixin, serializers.ModelSerializer[User]):
    """A person, as they appear inside other objects."""

    avatar = AvatarField(read_only=True)

    class Meta:
        model = User
        fields = PERSON_FIELDS
        read_only_fields = fields


def person_rows(pk: Expression) -> QuerySet[Any, Any]:
    """Return the same for whoever has the id that `pk` says, as JSON made in SQL; no row for nobody."""
    found: QuerySet[Any, Any] = User.objects.filter(pk=pk).values_list(AsText(json_of(PersonSerializer())))
    return found


class NewPasswordSerializer(StrictSerializer):
    """Compares a password with its repetition, which may be left out."""

    repeated: tuple[str, str]

    def faults(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        first, second = (data.get(name) for name in self.repeated)
        if isinstance(first, str) and isinstance(second, str) and normal_password(first) != normal_password(second):
            return {self.repeated[1]: ErrorDetail("The two passwords differ.", code="password_mismatch")}
        return {}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs.pop(self.repeated[1], None)
        return attrs


class RegisterSerializer(NewPasswordSerializer):
    """A new account."""

    username = UsernameField()
    email = AddressField()
    password = PasswordField()
    password_confirm = PasswordField(required=False)
    nickname = ShownNameField(max_length=80)
    first_name = ShownNameField(max_length=150)
    last_name = ShownNameField(max_length=150)
    invitation = TextField(max_length=100, required=False, help_text="The secret at the end of an invitation's link.")

    repeated = ("password", "password_confirm")


class LoginSerializer(StrictSerializer):
    """Username or e-mail address, in either field, and the password."""

    username = TextField(max_length=254, required=False)
    email = TextField(max_length=254, required=False)
    password = PasswordField()

    def faults(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        if data.get("username") or data.get("email"):
            return {}
        return {"username": ErrorDetail("Give the username or the e-mail address.", code="required")}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"identifier": attrs.get("username") or attrs["email"], "password": attrs["password"]}


class RefreshTokensSerializer(StrictSerializer):
    """The refresh token to exchange."""

    refresh = TextField(max_length=TOKEN_LENGTH)


class LogoutSerializer(StrictSerializer):
    """The refresh token whose session ends; may be left out."""

    refresh = TextField(max_length=TOKEN_LENGTH, required=False)


class TokenPairSerializer(serializers.Serializer[Any]):
    """An access token and the refresh token that follows it."""

    access = serializers.CharField(
        read_only=True, help_text="For the header `Authorization: Bearer`; valid for 5 minutes."
    )
    refresh = serializers.CharField(
        read_only=True, help_text="Can be exchanged for the next pair, once; valid for 14 days."
    )


class ProfileSerializer(StrictMixin, serializers.ModelSerializer[User]):
    """The caller's own data and preferences."""

    username = UsernameField()
    email = AddressField(help_text="A new e-mail address is verified before it replaces the old one.")
    pending_email = serializers.CharField(
        read_only=True, help_text="The new e-mail address that is not verified yet; empty if there is none."
    )
    nickname = ShownNameField(max_length=80)
    first_name = ShownNameField(max_length=150)
    last_name = ShownNameField(max_length=150)
    avatar = AvatarField()
    timezone = TimezoneField(required=False)
    is_verified = serializers.BooleanField(read_only=True)
    notification_preferences = PreferencesField(required=False)
    reminder_lead_minutes = serializers.IntegerField(min_value=0, max_value=REMINDER_LEAD_MAX, required=False)
    single_keys = SwitchField(required=False, help_text="Whether single keys act on the pages, such as `c` for create.")
    theme = serializers.ChoiceField(choices=Theme.choices, required=False, help_text="The colours of the pages.")
    language = LanguageField(
        required=False,
        help_text="The language of pages and mails; empty: that of the browser, and English in mails.",
    )
    created_at = InstantField(read_only=True)
    updated_at = InstantField(read_only=True)

    class Meta:
        model = User
        fields: tuple[str, ...] = (
            "id",
            "username",
            "email",
            "pending_email",
            "nickname",
            "first_name",
            "last_name",
            "avatar",
            "timezone",
            "is_verified",
            "notification_preferences",
            "reminder_lead_minutes",
            "single_keys",
            "theme",
            "language",
            "created_at",
            "updated_at",
        )
        read_only_fields: tuple[str, ...] = ("id", "pending_email")


class UserSerializer(ProfileSerializer):
    """An account, as its owner and staff see it. Only staff can change `is_active`."""

    is_active = SwitchField(required=False)

    class Meta(ProfileSerializer.Meta):
        fields = (*ProfileSerializer.Meta.fields, "is_active", "is_staff")
        read_only_fields = ("id", "pending_email", "is_staff")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None and not getattr(request.user, "is_staff", False):
            fields["is_active"].read_only = True
        return fields


class ProfileUploadSerializer(ProfileSerializer):
    """A profile with a file, as the schema shows it."""

    avatar = serializers.FileField(required=False, allow_null=True)  # type: ignore[assignment]


class UserUploadSerializer(UserSerializer):
    """A person with a file, as the schema shows it."""

    avatar = serializers.FileField(required=False, allow_null=True)  # type: ignore[assignment]


@extend_schema_serializer(component_name="Login")
class LoginResultSerializer(TokenPairSerializer):
    """The first pair of tokens of a session, and whose it is."""

    user = ProfileSerializer(read_only=True)


class DeleteAccountSerializer(StrictSerializer):
    """The password, to confirm the deletion of the account."""

    password = PasswordField()


class ChangePasswordSerializer(NewPasswordSerializer):
    """The present and the new password."""

    old_password = PasswordField()
    new_password = PasswordField()
    new_password_confirm = PasswordField(required=False)
    revoke_tokens = serializers.BooleanField(default=False, help_text="End all API tokens as well.")

    repeated = ("new_password", "new_password_confirm")


class VerifyEmailSerializer(StrictSerializer):
    """The token of a verification mail."""

    token = TextField(max_length=TOKEN_LENGTH)


class PasswordResetSerializer(StrictSerializer):
    """The e-mail address of the account."""

    email = AddressField()


class ResetPasswordSerializer(NewPasswordSerializer):
    """The token of a reset mail, and the new password."""

    token = TextField(max_length=TOKEN_LENGTH)
    new_password = PasswordField()
    new_password_confirm = PasswordField(required=False)

    repeated = ("new_password", "new_password_confirm")


class SessionSerializer(serializers.ModelSerializer[Session]):
    """A session of the caller: one login on one device."""

    created_at = InstantField(read_only=True)
    last_seen_at = InstantField(read_only=True, help_text="When it was last used, to the minute.")
    is_current = serializers.SerializerMethodField(help_text="Whether it is the session of this request.")

    class Meta:
        model = Session
        fields = ("id", "device", "ip_address", "created_at", "last_seen_at", "is_current")
        read_only_fields = fields

    def get_is_current(self, session: Session) -> bool:
        """Return whether this is the session of the token that asks."""
        return bool(session.pk == self.context["request"].auth.pk)
