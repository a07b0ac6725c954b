"""The admin's own login and password change, held to the same rules as the API's."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import PasswordChangeView
from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from apps.common.addresses import client_address
from apps.common.web.slashes import redirect_with_slash
from apps.users.admin_forms import LoginForm, OwnPasswordForm


class OwnPasswordView(PasswordChangeView):
    """The form for the administrator's own password."""

    form_class = OwnPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"ip_address": client_address(self.request)}


class Site(AdminSite):
    """The administration."""

    site_title = site_header = "Taskhouse"
    login_form = LoginForm
    enable_nav_sidebar = False  # the lists need its width

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return a view for staff; what has a NUL in its path names nothing, and PostgreSQL takes none."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if "\x00" in request.path_info:
                raise Http404
            answer: HttpResponseBase = inner(request, *args, **kwargs)
            return answer

        return update_wrapper(guarded, inner)

    def catch_all_view(self, request: HttpRequest, url: str) -> HttpResponseBase:  # type: ignore[override]
        """Answer what no route has: a redirect that keeps the method, or Http404."""
        answer = super().catch_all_view(request, url)
        return redirect_with_slash(request) if isinstance(answer, HttpResponsePermanentRedirect) else answer

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Change the administrator's own password through the service."""
        request.current_app = self.name
        view = OwnPasswordView.as_view(
            success_url=reverse("admin:password_change_done", current_app=self.name),
            template_name="registration/password_change_form.html",
            extra_context=self.each_context(request) | (extra_context or {}),
        )
        return view(request)
