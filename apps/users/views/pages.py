"""Built-in pages for the links in account mails; with FRONTEND_URL set, the front end has them.

Opening a page does nothing: mail scanners open links. Its button does.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from apps.common.addresses import address_key
from apps.common.api.rates import seconds_to_wait
from apps.common.errors import ConflictError, RateLimitedError, ValidationError
from apps.common.language.choosing import speaking, vary_by_language
from apps.common.language.problems import translated
from apps.users import services
from apps.users.credentials.signed_links import LINK_IS_OVER
from apps.users.fields import PASSWORD_LENGTH
from apps.users.passwords import normal_password


class NewPasswordForm(forms.Form):
    """A new password, twice."""

    new_password = forms.CharField(
        label=_("New password"),
        max_length=PASSWORD_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    new_password_confirm = forms.CharField(
        label=_("Repeat it"),
        max_length=PASSWORD_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        fields = self.cleaned_data
        first, second = (normal_password(fields.get(name, "")) for name in ("new_password", "new_password_confirm"))
        if first != second:
            self.add_error("new_password_confirm", _("The two passwords differ."))
        return fields


@method_decorator([never_cache, csrf_protect], name="dispatch")
class LinkPage(View):
    """A page behind a link with a token."""

    template_name: str
    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.FRONTEND_URL:
            return HttpResponseRedirect(f"{settings.FRONTEND_URL}{request.path_info}")
        with speaking("", request):
            return vary_by_language(super().dispatch(request, *args, **kwargs))

    def page(self, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
        """Return the page; `done` and `rejected` say what came of the button."""
        return render(self.request, self.template_name, context, status=status)

    def rejected(self, error: ValidationError | ConflictError | RateLimitedError, **context: Any) -> HttpResponse:
        """Return the page with why nothing was done."""
        errors = error.errors if isinstance(error, ValidationError) else ()
        reasons = [translated(each.detail) for each in errors or (error,)]
        # A link that is over will not work at the next try either: the page leads to a new one
        is_over = any(each.code == LINK_IS_OVER for each in errors)
        context |= {"rejected": reasons, "is_over": is_over, "has_pages": settings.PAGES}
        return self.page(status=error.status, **context)

    def limit(self) -> None:
        """Count one try of this client; RateLimited over THROTTLE_RATES["token"]."""
        if seconds_to_wait("token", address_key(self.request)) > 0:
            raise RateLimitedError


class VerifyPage(LinkPage):
    """Verifies an address at the press of a button."""

    template_name = "users/verify_email.html"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.page()

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            self.limit()
            services.verify_address(token=token)
        except (ValidationError, ConflictError, RateLimitedError) as error:
            return self.rejected(error)
        return self.page(done=True)


class ResetPage(LinkPage):
    """Sets a new password from a form."""

    template_name = "users/password_reset.html"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.page(form=NewPasswordForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        form = NewPasswordForm(request.POST)
        if not form.is_valid():
            return self.page(form=form, status=HTTPStatus.BAD_REQUEST)
        try:
            self.limit()
            services.reset_password(token=token, new_password=form.cleaned_data["new_password"])
        except (ValidationError, RateLimitedError) as error:
            return self.rejected(error, form=NewPasswordForm())
        return self.page(done=True)
