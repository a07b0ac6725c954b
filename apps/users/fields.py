"""Serializer fields for names, addresses, passwords and avatars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.validators import EmailValidator
from django.db.models import Case, Expression, F, Value, When
from django.db.models import TextField as TextColumn
from django.db.models.functions import Concat
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import SkipField, empty

from apps.common.api.serializers import TextField
from apps.common.text.mail_addresses import MAX_LENGTH, BadAddressError, normal_address
from apps.notifications.preferences import shown
from apps.users.avatars import avatar_base, avatar_url
from apps.users.models import Language
from apps.users.names import validate_shown_name, validate_timezone, validate_username

PASSWORD_LENGTH = 256


class UsernameField(TextField):
    """A username, kept as it was sent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=150, validators=[validate_username], **options)


class ShownNameField(TextField):
    """A name that others are shown; may be empty."""

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(
            max_length=max_length, required=False, allow_blank=True, validators=[validate_shown_name], **options
        )


class TimezoneField(TextField):
    """A zone of the IANA database."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=64, validators=[validate_timezone], **options)


@extend_schema_field({"type": "string", "enum": Language.values})
class LanguageField(serializers.ChoiceField):
    """A language of the pages and mails, or an empty string for that of the browser."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=Language.choices, **options)


class AddressField(serializers.EmailField):
    """An e-mail address that mail can be sent to, read into its normal form."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_LENGTH, **options)
        # Django's own takes domains by IDNA 2003; whether it is an address is decided below.
        self.validators = [check for check in self.validators if not isinstance(check, EmailValidator)]

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text = super().to_internal_value(data)
        if len(text) > MAX_LENGTH:
            self.fail("max_length", max_length=MAX_LENGTH)
        try:
            return normal_address(text)
        except BadAddressError:
            self.fail("invalid")


class PasswordField(TextField):
    """A password as it is, spaces too; never shown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=PASSWORD_LENGTH,
            trim_whitespace=False,
            write_only=True,
            style={"input_type": "password"},
            **options,
        )


class SwitchField(serializers.BooleanField):
    """A boolean that stays as it is when a form leaves it out; DRF takes that for false."""

    default_empty_html = empty


@extend_schema_field({"type": "string", "format": "uri"})
class AvatarField(serializers.Field[Any, Any, Any, Any]):
    """Out: the public URL or null. In: a file, null to remove it, or the URL that was read, which changes nothing."""

    default_error_messages = {"invalid": "Send a file, or null to remove the avatar."}

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, allow_null=True, **options)

    def to_representation(self, value: str) -> str | None:
        return avatar_url(value)

    def json_sql(self, path: str) -> Expression:
        """Return the same in SQL, see `apps.common.sql.json`."""
        url = Concat(Value(avatar_base()), F(f"{path}avatar"))
        return Case(When(**{f"{path}avatar": ""}, then=None), default=url, output_field=TextColumn())

    def to_internal_value(self, data: Any) -> UploadedFile[bytes]:
        instance = getattr(self.parent, "instance", None)
        if isinstance(data, str) and instance is not None and data == avatar_url(instance.avatar):
            raise SkipField
        if not isinstance(data, UploadedFile):
            self.fail("invalid")
        return data


class PreferencesField(serializers.Field[Any, Any, Any, Any]):
    """Out: every kind with its two channels. In: a merge patch, whose content the service checks."""

    default_error_messages = {"invalid": "Give an object: for each kind its `email` and `in_app`."}

    def to_representation(self, value: Mapping[str, Any]) -> dict[str, dict[str, bool]]:
        return shown(value)

    def to_internal_value(self, data: Any) -> Mapping[str, Any]:
        if not isinstance(data, Mapping):
            self.fail("invalid")
        return data
