"""Signing in and out, opening an account, asking for a new password."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.common.addresses import client_address
from apps.common.errors import AuthenticationError, RateLimitedError
from apps.users import services
from apps.users.models import User
from apps.web.account.forms import LoginForm, RegisterForm, ResetRequestForm
from apps.web.base.forms import UNPROCESSABLE
from apps.web.base.paths import own_path
from apps.web.base.session import delete_cookie, set_cookie
from apps.web.base.views import PageView

WRONG = gettext_lazy("That name and password do not belong together. Check both, or set a new password.")


class LoginPage(PageView):
    """Opens a session by the API's rules: one answer for unknown, wrong and inactive, and the same lock-out."""

    template_name = "web/account/login.html"
    public = True
    throttle_scope = "login"

    def page(self, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
        """Return the page, which offers an account where somebody can open one without an invitation."""
        return super().page(status=status, may_register=services.is_registration_open(), **context)

    def get(self, request: HttpRequest) -> HttpResponse:
        path = own_path(request.GET.get("next"), default=reverse("landing"))
        if self.session is not None:
            return HttpResponseRedirect(path)
        return self.page(form=LoginForm(initial={"next": path}), has_ended="ended" in request.GET)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = LoginForm(request.POST)
        user = form.submit(lambda values: self._checked(form, values))
        if user is None:
            return self.page(form=form, status=form.http_status)
        return self.sign_in(user, path=own_path(form.cleaned_data["next"], default=reverse("landing")))

    def sign_in(self, user: User, *, path: str) -> HttpResponse:
        """Open a session and lead to `path`; the session that the browser had before ends."""
        device = self.request.META.get("HTTP_USER_AGENT", "")
        value = services.open_page_session(user=user, ip_address=client_address(self.request), device=device)[1]
        if self.session is not None:
            services.log_out(session=self.session)
        rotate_token(self.request)
        response = self.see(path)
        set_cookie(response, value)
        return response

    def _checked(self, form: LoginForm, values: dict[str, Any]) -> User | None:
        try:
            return services.check_credentials(**values, ip_address=client_address(self.request))
        except AuthenticationError:
            form.add_error(None, WRONG)
            form.http_status = UNPROCESSABLE
        except RateLimitedError as error:
            form.add_error(None, _locked(minutes=max(1, -(-(error.retry_after or 60) // 60))))
            form.http_status, form.rejection = HTTPStatus.TOO_MANY_REQUESTS, error
        return None


def _locked(*, minutes: int) -> str:
    return ngettext(
        "There were too many attempts for this account. Wait {minutes} minute and try again, or set a new password.",
        "There were too many attempts for this account. Wait {minutes} minutes and try again, or set a new password.",
        minutes,
    ).format(minutes=minutes)


class LogoutPage(PageView):
    """Ends the session."""

    http_method_names = ["post"]
    public = True
    throttle_scope = "token"

    def post(self, request: HttpRequest) -> HttpResponse:
        if self.session is not None:
            services.log_out(session=self.session)
        response = self.see(reverse("login"))
        delete_cookie(response)
        return response


class RegisterPage(LoginPage):
    """Opens an account and its first session."""

    template_name = "web/account/register.html"
    throttle_scope = "register"

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.session is not None:
            return HttpResponseRedirect(reverse("landing"))
        services.require_registration(is_invited=False)
        return self.page(form=RegisterForm(initial={"next": own_path(request.GET.get("next"), default="")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        services.require_registration(is_invited=bool(request.POST.get("invitation")))
        form = RegisterForm(request.POST)
        user = form.submit(lambda values: services.register(**values))
        if user is None:
            return self.page(form=form, status=form.http_status)
        said = _("Your account is open.")
        if not user.is_verified:
            said = f"{said} {_('A mail to {address} asks you to confirm the address.').format(address=user.email)}"
        messages.success(request, said)
        return self.sign_in(user, path=own_path(form.cleaned_data["next"], default=reverse("landing")))


class ResetRequestPage(PageView):
    """Sends the link for a new password; says the same for an address without an account."""

    template_name = "web/account/reset.html"
    public = True
    throttle_scope = "mail"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(form=ResetRequestForm(), is_sent="sent" in request.GET)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ResetRequestForm(request.POST)
        form.submit(lambda values: services.request_password_reset(**values))
        if form.errors:
            return self.page(form=form, status=form.http_status)
        return self.see(f"{reverse('password-reset-request')}?sent=1")
