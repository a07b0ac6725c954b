"""The forms of people who are not signed in; the fields have the API's names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.users.fields import PASSWORD_LENGTH
from apps.users.serializers import LoginSerializer, PasswordResetSerializer, RegisterSerializer
from apps.web.base.forms import ServiceForm

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

ADDRESS_LENGTH = 254


BIG = "input big"  # the fields of the forms that stand alone on a page, all of them


def password_field(
    label: str | StrPromise, *, autocomplete: str, help_text: str | StrPromise = "", style: str = "input"
) -> forms.CharField:
    """Return the field of a password, as tall as the fields beside it."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete, "class": style})
    return forms.CharField(label=label, strip=False, max_length=PASSWORD_LENGTH, widget=widget, help_text=help_text)


class LoginForm(ServiceForm):
    """Name or address, and password."""

    serializer_class = LoginSerializer

    username = forms.CharField(
        label=_("Username or e-mail address"),
        max_length=ADDRESS_LENGTH,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "class": BIG}
        ),
    )
    password = password_field(_("Password"), autocomplete="current-password", style=BIG)
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class RegisterForm(ServiceForm):
    """A new account."""

    serializer_class = RegisterSerializer

    username = forms.CharField(
        label=_("Username"),
        max_length=150,
        help_text=_("Letters, digits and . _ + - without blanks. People mention you by it."),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "class": BIG}
        ),
    )
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=ADDRESS_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "class": BIG}),
    )
    nickname = forms.CharField(
        label=_("How you are addressed"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "class": BIG}),
    )
    password = password_field(
        _("Password"),
        autocomplete="new-password",
        help_text=_("At least 8 characters, not only digits."),
        style=BIG,
    )
    password_confirm = password_field(_("Repeat the password"), autocomplete="new-password", style=BIG)
    invitation = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def as_body(self) -> dict[str, Any]:
        body = super().as_body()
        return {name: value for name, value in body.items() if value or name not in {"nickname", "invitation"}}


class ResetRequestForm(ServiceForm):
    """The address of an account whose password is forgotten."""

    serializer_class = PasswordResetSerializer

    email = forms.CharField(
        label=_("E-mail address"),
        max_length=ADDRESS_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "class": BIG}),
    )
