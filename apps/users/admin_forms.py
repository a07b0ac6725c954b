"""Forms of the admin that touch passwords: all of them go through the services."""

from __future__ import annotations

import math
from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth import forms as auth_forms

from apps.common.addresses import address_key, client_address
from apps.common.admin.base import reason
from apps.common.api.rates import seconds_to_wait
from apps.common.errors import AuthenticationError, RateLimitedError, ValidationError
from apps.users import services
from apps.users.models import User
from apps.users.passwords import normal_password


class LoginForm(AdminAuthenticationForm):
    """The login; failures count together with those of the API."""

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = self.cleaned_data
        if not fields.get("username") or not fields.get("password"):
            return fields
        request: Any = self.request
        address = client_address(request)
        try:
            if (wait := seconds_to_wait("login", address_key(request))) > 0:
                raise RateLimitedError(retry_after=math.ceil(wait))
            self.user_cache = services.check_credentials(
                identifier=fields["username"], password=fields["password"], ip_address=address
            )
        except AuthenticationError:
            raise self.get_invalid_login_error() from None
        except RateLimitedError as error:
            minutes = math.ceil((error.retry_after or 1) / 60)
            message = f"Too many attempts. Try again in {minutes} min."
            raise forms.ValidationError(message, code=error.code) from None
        self.confirm_login_allowed(self.user_cache)
        return fields


class _NormalPasswords:
    """Reads new passwords in their normal form, so that the form's checks see what will be hashed."""

    cleaned_data: dict[str, Any]

    def clean_password1(self) -> str:
        """Return the password of an administrator's form."""
        return normal_password(self.cleaned_data["password1"])

    def clean_password2(self) -> str:
        """Return its repetition."""
        return normal_password(self.cleaned_data["password2"])

    def clean_new_password1(self) -> str:
        """Return the password of one's own form."""
        return normal_password(self.cleaned_data["new_password1"])

    def clean_new_password2(self) -> str:
        """Return its repetition."""
        return normal_password(self.cleaned_data["new_password2"])


class _ThroughService:
    """Lets the service set the password: other sessions end, and the person is notified."""

    cleaned_data: dict[str, Any]

    def set_password_and_save(
        self,
        user: User,
        password_field_name: str = "password1",  # noqa: S107 - a field's name
        commit: bool = True,
        **options: Any,
    ) -> User:
        usable = self.cleaned_data.get("set_usable_password", True)
        services.set_password(user=user, password=self.cleaned_data[password_field_name] if usable else None)
        user.refresh_from_db(fields=["password"])
        return user


class OwnPasswordForm(_NormalPasswords, _ThroughService, AdminPasswordChangeForm):
    """The administrator's own password; the old one is asked for, and wrong ones count as failed logins."""

    def __init__(self, *args: Any, ip_address: str, **options: Any) -> None:
        self.ip_address = ip_address
        super().__init__(*args, **options)

    def clean_old_password(self) -> str:
        """Return the old password; an error when it is wrong, or was wrong too often."""
        user: Any = self.user
        password: str = self.cleaned_data["old_password"]
        try:
            services.require_password(user=user, password=password, ip_address=self.ip_address, pointer="/old_password")
        except (ValidationError, RateLimitedError) as error:
            raise forms.ValidationError(reason(error), code=error.code) from None
        return password


class OthersPasswordForm(_NormalPasswords, _ThroughService, auth_forms.AdminPasswordChangeForm):  # type: ignore[type-arg]
    """Somebody else's password, set by an administrator."""


class NewUserForm(_NormalPasswords, auth_forms.UserCreationForm):  # type: ignore[type-arg]
    """A new account."""

    class Meta:
        model = User
        fields = ("username", "email")
        field_classes = {"username": forms.CharField}  # Django's own would store another form than was sent


class UserForm(auth_forms.UserChangeForm):  # type: ignore[type-arg]
    """An account that is there."""

    class Meta:
        model = User
        fields = ("username",)  # the admin names the others
        field_classes = {"username": forms.CharField}
