"""The page behind an invitation's link: accept, register, decline; and a project's invitations for its admins."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from apps.common.errors import ConflictError, NotFoundError
from apps.common.language.problems import translated
from apps.invitations import services
from apps.invitations.models import Invitation
from apps.invitations.secrets import masked
from apps.invitations.views import accept_url, load_mails
from apps.projects.models import Project
from apps.projects.roles import GRANTABLE_CHOICES, Capability
from apps.users.services.admission import CLOSED
from apps.web.account.forms import RegisterForm
from apps.web.base.access import find_project
from apps.web.base.views import PageView
from apps.web.base.words import chosen_word
from apps.web.invitations.forms import InvitationForm
from apps.web.projects.settings_views import SettingsPage

# What has become of an invitation, in a word
STATES = (
    pgettext_lazy("invitation", "pending"),
    pgettext_lazy("invitation", "accepted"),
    pgettext_lazy("invitation", "declined"),
    pgettext_lazy("invitation", "revoked"),
    pgettext_lazy("invitation", "expired"),
)
SHOWN = 200  # of a project; the API has the rest


class InvitationPage(PageView):
    """What a link shows: who invites where, and what one can do about it. A GET changes nothing."""

    template_name = "web/account/invitation.html"
    public = True
    throttle_scope = "token"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.shown(token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Accept (with a session) or decline."""
        if chosen_word(request, "act", ("accept", "decline")) == "decline":
            services.decline_invitation(token=token)
            return render(request, "web/account/declined.html")
        if self.session is None:
            return self.see(f"{reverse('login')}?next={reverse('invitation', args=[token])}")
        try:
            joined = services.accept_invitation(actor=self.actor, token=token)
        except ConflictError as error:
            return self.shown(token, fault=translated(error.detail), status=error.status)
        messages.success(request, _("You are a member now"))
        return self.see(reverse("project", args=[joined.project_id]))

    def shown(self, token: str, *, fault: str = "", status: int = 200) -> HttpResponse:
        """Return the page."""
        invitation = services.find_invitation(token)
        there = reverse("project", args=[invitation.project_id])
        form = RegisterForm(initial={"invitation": token, "next": there})
        return self.page(
            invitation=invitation,
            address=masked(invitation.email),
            form=form,
            may_register=settings.REGISTRATION != CLOSED,
            person=self.session and self.session.user,
            fault=fault,
            status=status,
        )


class ProjectInvitationsPage(SettingsPage):
    """Who is invited to a project; an admin invites, sends again, makes a link, revokes."""

    template_name = "web/projects/invitations.html"
    throttle_scope = "write"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        project = find_project(self.actor, pk, capability=Capability.MANAGE_PROJECT)
        return self.listed(project, InvitationForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Invite an address; the link is on the answer and nowhere else."""
        project = find_project(self.actor, pk, capability=Capability.MANAGE_PROJECT)
        form = InvitationForm(request.POST)
        made = form.submit(
            lambda values: services.invite(actor=self.actor, project_id=pk, **{"role": "member"} | values)
        )
        if made is None:
            return self.listed(project, form, status=form.http_status)
        return self.listed(project, InvitationForm(), link=accept_url(made.link_secret), status=201)

    def listed(self, project: Project, form: InvitationForm, *, link: str = "", status: int = 200) -> HttpResponse:
        """Return the page with the invitations, newest first."""
        rows = Invitation.objects.filter(project=project).with_state(now=timezone.now()).select_related("invited_by")
        found = list(rows.order_by("-created_at", "-pk")[:SHOWN])
        load_mails(found)
        context: dict[str, Any] = {"form": form, "rows": found, "roles": GRANTABLE_CHOICES, "link": link}
        return self.shown(project, status=status, **context)


class ChangeInvitation(ProjectInvitationsPage):
    """Sends an invitation again, makes another link, or revokes it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        project = find_project(self.actor, pk, capability=Capability.MANAGE_PROJECT)
        chosen = request.POST.get("invitation", "")
        found = (
            Invitation.objects.filter(project=project, pk=int(chosen))
            if chosen.isdecimal() and len(chosen) < 19
            else None
        )
        invitation = found and found.first()
        if not invitation:
            raise NotFoundError
        act = chosen_word(request, "act", ("link", "resend", "revoke"))
        if act == "link":
            made = services.renew_link(actor=self.actor, invitation=invitation)
            return self.listed(project, InvitationForm(), link=accept_url(made.link_secret))
        if act == "revoke":
            services.revoke_invitation(actor=self.actor, invitation=invitation)
            messages.success(request, _("The invitation is revoked"))
        else:
            services.resend_invitation(actor=self.actor, invitation=invitation)
            messages.success(request, _("The mail is being sent again"))
        return self.see(reverse("project-invitations", args=[pk]))
