"""The form of an invitation; the fields have the API's names."""

from __future__ import annotations

from django import forms

from apps.invitations.serializers import InvitationSerializer
from apps.projects.roles import GRANTABLE_CHOICES, Role
from apps.web.base.forms import ServiceForm


class InvitationForm(ServiceForm):
    """Who is invited, and as what."""

    serializer_class = InvitationSerializer

    email = forms.CharField(
        label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(choices=GRANTABLE_CHOICES, initial=Role.MEMBER)
