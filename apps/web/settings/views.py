"""Profile, password, sessions, notifications, and the end of the account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common.addresses import client_address
from apps.common.errors import NotFoundError
from apps.common.language.choosing import speaking
from apps.common.web.devices import device_name
from apps.notifications import preferences
from apps.users import services
from apps.users.models import Session
from apps.web.base.session import delete_cookie
from apps.web.base.views import PageView
from apps.web.base.words import chosen_word
from apps.web.settings.forms import DeleteAccountForm, PasswordForm, ProfileForm, initial_profile

ID_DIGITS = 19
OTHERS = "others"  # all sessions but the own one


class ProfilePage(PageView):
    """What others see of the person."""

    template_name = "web/settings/profile.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(form=ProfileForm(initial=initial_profile(self.actor)), zones=ProfileForm.zones())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ProfileForm(request.POST, request.FILES)
        if form.submit(lambda values: self.save(form, values)) is None:
            return self.page(form=form, zones=ProfileForm.zones(), status=form.http_status)
        with speaking(form.cleaned_data["language"], request):
            messages.success(request, _("Your profile is saved"))
        return self.see(reverse("settings"))

    def save(self, form: ProfileForm, values: dict[str, Any]) -> Any:
        """Store the profile, and the picture where one was chosen."""
        removed = {"avatar": None} if form.cleaned_data["remove_avatar"] else {}
        return services.update_profile(
            actor=self.actor, user=self.actor, changes=values | removed, picture=form.cleaned_data["avatar"] or None
        )


class SendVerification(PageView):
    """Sends the mail again whose link confirms the person's address."""

    http_method_names = ["post"]
    throttle_scope = "mail"

    def post(self, request: HttpRequest) -> HttpResponse:
        services.send_verification(user=self.actor)
        messages.success(request, _("A mail with a link is on its way"))
        return self.see(reverse("settings"))


class PasswordPage(PageView):
    """Sets a new password; all other sessions end."""

    template_name = "web/settings/password.html"
    throttle_scope = "token"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(form=PasswordForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PasswordForm(request.POST)
        form.submit(self.change)
        if form.errors:
            return self.page(form=form, status=form.http_status)
        messages.success(request, _("Your new password is saved; all other sessions have ended"))
        return self.see(reverse("settings-password"))

    def change(self, values: dict[str, Any]) -> None:
        """Set the new password and keep this session."""
        assert self.session is not None  # noqa: S101 - `dispatch` has seen to it
        address = client_address(self.request)
        services.change_password(actor=self.actor, session=self.session, ip_address=address, **values)


class SessionsPage(PageView):
    """The person's sessions, those of the API with them; each can be ended."""

    template_name = "web/settings/sessions.html"
    throttle_scope = "token"

    def get(self, request: HttpRequest) -> HttpResponse:
        live = Session.objects.live(now=timezone.now()).filter(user=self.actor)
        sessions = [(each, device_name(each.device)) for each in live.order_by("-last_seen_at", "-pk")[:100]]
        return self.page(sessions=sessions, current=self.session)

    def post(self, request: HttpRequest) -> HttpResponse:
        """End one session by its number, or `others`: all but this one."""
        assert self.session is not None  # noqa: S101 - `dispatch` has seen to it
        named = request.POST.get("session", "")
        if not named.isdecimal() and chosen_word(request, "session", (OTHERS,)):
            count = services.revoke_other_sessions(actor=self.actor, session=self.session)
            said = ngettext("{count} other session has ended", "{count} other sessions have ended", count)
            messages.success(request, said.format(count=count))
            return self.see(reverse("settings-sessions"))
        ids = [int(named)] if len(named) < ID_DIGITS else []
        session = Session.objects.filter(user=self.actor, pk__in=ids).first()
        if session is None:
            raise NotFoundError
        services.revoke_session(actor=self.actor, session=session)
        messages.success(request, _("The session has ended"))
        return self.see(reverse("settings-sessions"))


class PreferencesPage(PageView):
    """Which kinds reach the person in the app and by mail."""

    template_name = "web/settings/notifications.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        chosen = preferences.shown(self.actor.notification_preferences)
        kinds = preferences.optional_kinds()
        rows = [(name, kinds[name].label, channels) for name, channels in chosen.items()]
        return self.page(rows=rows)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store all boxes: what is not ticked is off."""
        ticked = set(request.POST.getlist("on"))
        patch = {
            name: {channel: f"{name}:{channel}" in ticked for channel in preferences.CHANNELS}
            for name in preferences.optional_kinds()
        }
        services.update_profile(actor=self.actor, user=self.actor, changes={"notification_preferences": patch})
        messages.success(request, _("Your choice is saved"))
        return self.see(reverse("settings-notifications"))


class AccountPage(PageView):
    """Ends the account, after the password."""

    template_name = "web/settings/account.html"
    throttle_scope = "token"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(form=DeleteAccountForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DeleteAccountForm(request.POST)
        address = client_address(request)
        form.submit(lambda values: services.close_account(actor=self.actor, ip_address=address, **values))
        if form.errors:
            return self.page(form=form, status=form.http_status)
        response = self.see(reverse("landing"))
        delete_cookie(response)
        return response
