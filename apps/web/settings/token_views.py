"""API tokens: made, looked at, rotated, revoked. A new text is on the page that answers the act, and nowhere else."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from apps.common.addresses import client_address
from apps.common.errors import NotFoundError
from apps.projects.models import Project
from apps.tokens import services
from apps.tokens.models import ApiToken
from apps.users.services import require_password
from apps.web.base.names import names_of_projects
from apps.web.base.views import PageView
from apps.web.settings.token_forms import RotateTokenForm, TokenForm


class TokenPageView(PageView):
    """What the pages of tokens share."""

    throttle_scope = "token"

    def live(self) -> QuerySet[ApiToken]:
        """Return the person's tokens that work, newest first."""
        own = ApiToken.objects.live(now=timezone.now()).filter(user=self.actor)
        return own.with_projects(self.actor).order_by("-created_at", "-pk")

    def found(self, pk: int) -> ApiToken:
        """Return one of them; NotFoundError for everything else."""
        token = self.live().filter(pk=pk).first()
        if token is None:
            raise NotFoundError
        return token

    def prove(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values without the password, once that was found to be right."""
        address = client_address(self.request)
        require_password(user=self.actor, password=values["password"], ip_address=address, pointer="/password")
        return {name: value for name, value in values.items() if name != "password"}

    def made(self, new: services.NewToken) -> HttpResponse:
        """Return the page with the new text. Not by another request (PG3): it would have to be kept for that one."""
        self.template_name = "web/settings/token_made.html"
        return self.page(token=new.token, text=new.text, status=HTTPStatus.CREATED)


class TokensPage(TokenPageView):
    """The person's API tokens, and the form of a new one."""

    template_name = "web/settings/tokens.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown(TokenForm(self.actor))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(self.actor, request.POST)
        new = form.submit(lambda values: services.create_token(actor=self.actor, **self.prove(values)))
        return self.shown(form, status=form.http_status) if new is None else self.made(new)

    def shown(self, form: TokenForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Return the list, each token with the names of its projects."""
        tokens = list(self.live())
        names = dict(names_of_projects(Project.objects.visible_to(self.actor)))
        now = timezone.now()
        rows = [
            (token, [names[pk] for pk in token.listed if pk in names], token.previous_valid_until(now=now))
            for token in tokens
        ]
        return self.page(rows=rows, form=form, status=status)


class RotateToken(TokenPageView):
    """Gives a token a new text."""

    template_name = "web/settings/token_rotate.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.page(token=self.found(pk), form=RotateTokenForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        token = self.found(pk)
        form = RotateTokenForm(request.POST)
        new = form.submit(lambda values: services.rotate_token(token=token, **self.prove(values)))
        return self.page(token=token, form=form, status=form.http_status) if new is None else self.made(new)


class RevokeToken(TokenPageView):
    """Ends a token."""

    http_method_names = ["post"]
    throttle_scope = "write"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        services.revoke_token(token=self.found(pk))
        messages.success(request, gettext("The token is revoked"))
        return self.see(reverse("settings-tokens"))
