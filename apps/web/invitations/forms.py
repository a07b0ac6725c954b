"""The form of an invitation; the fields have the API's names."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.invitations.serializers import InvitationSerializer
from apps.projects.roles import GRANTABLE_CHOICES, Role
from apps.web.base.forms import ServiceForm


class InvitationForm(ServiceForm):
    """Who is invited, and as what."""

    serializer_class = InvitationSerializer

    email = forms.CharField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=GRANTABLE_CHOICES, initial=Role.MEMBER)
