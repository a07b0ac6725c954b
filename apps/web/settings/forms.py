"""Forms about the person themselves; the fields have the API's names."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.users.models import REMINDER_LEAD_MAX, Language, Theme
from apps.users.serializers import ChangePasswordSerializer, DeleteAccountSerializer, ProfileSerializer
from apps.web.account.forms import password_field
from apps.web.base.forms import ServiceForm

SWITCHES = ("single_keys",)  # a browser sends nothing for a box that is not ticked
PROFILE = (
    *("username", "email", "nickname", "first_name", "last_name"),
    *("timezone", "reminder_lead_minutes", "theme", "language"),
)


class ProfileForm(ServiceForm):
    """What others see of the person, and how they are reached."""

    serializer_class = ProfileSerializer
    is_patch = True

    nickname = forms.CharField(label=_("How you are addressed"), required=False, max_length=80)
    first_name = forms.CharField(label=_("First name"), required=False, max_length=150)
    last_name = forms.CharField(label=_("Last name"), required=False, max_length=150)
    username = forms.CharField(
        label=_("Username"), max_length=150, help_text=_("You sign in with it, and people mention you by it.")
    )
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput,
        help_text=_("A new address counts once you have confirmed it by the mail that goes there."),
    )
    timezone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "dir": "ltr"}),
        help_text=_("For example Europe/Berlin. All times are shown in it."),
    )
    reminder_lead_minutes = forms.IntegerField(
        label=_("Remind me before a task is due"),
        min_value=0,
        max_value=REMINDER_LEAD_MAX,
        help_text=_("In minutes; 1440 is a day."),
    )
    theme = forms.ChoiceField(label=_("Colours"), choices=Theme.choices)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=Language.choices,
        required=False,
        help_text=_("Of these pages, and of the mails that you get."),
    )
    single_keys = forms.BooleanField(label=_("Single keys act, such as c for a new task"), required=False)
    avatar = forms.FileField(label=_("Picture"), required=False, widget=forms.FileInput(attrs={"accept": "image/*"}))
    remove_avatar = forms.BooleanField(label=_("Remove the picture"), required=False)

    beside = ServiceForm.beside | {"avatar", "remove_avatar"}

    @staticmethod
    def zones() -> list[str]:
        """Return the names that the browser offers."""
        return sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))


class PasswordForm(ServiceForm):
    """The present and a new password."""

    serializer_class = ChangePasswordSerializer

    old_password = password_field(_("Your current password"), autocomplete="current-password")
    new_password = password_field(_("New password"), autocomplete="new-password")
    new_password_confirm = password_field(_("Repeat the new password"), autocomplete="new-password")


class DeleteAccountForm(ServiceForm):
    """The password once more."""

    serializer_class = DeleteAccountSerializer

    password = password_field(_("Your password"), autocomplete="current-password")


def initial_profile(user: Any) -> dict[str, Any]:
    """Return what the form of the profile begins with."""
    return {name: getattr(user, name) for name in (*PROFILE, *SWITCHES)}
