"""The view under every page: asks for the session, counts writes, and answers rejections with a page."""

from __future__ import annotations

import hashlib
import re
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views import View

from apps.common.addresses import address_key
from apps.common.api.rates import require_rate
from apps.common.concurrency import none_match
from apps.common.errors import DomainError
from apps.common.language.choosing import speaking, vary_by_language
from apps.common.language.texts import in_one_language
from apps.tasks.wording import in_zone
from apps.users.models import Session, User
from apps.web.base.errors import rejected
from apps.web.base.forms import ServiceForm
from apps.web.base.paths import login_path, page_above
from apps.web.base.session import session_of

SEE_OTHER = HTTPStatus.SEE_OTHER
FORM_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*')


class PageView(View):
    """A page. Without a session it leads to the login, the same whether the thing exists (PG2).

    `public` pages are for everybody. `throttle_scope` is the API's, in which a POST is counted.
    """

    http_method_names = ["get", "head", "post"]
    public = False
    throttle_scope = "write"
    template_name: str
    session: Session | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.PAGES:
            return self.without_pages()
        self.session = session_of(request)
        if self.session is None:
            if not self.public:
                return _private(HttpResponseRedirect(login_path(request)))
            with speaking("", request):
                return _private(self._answer(request, *args, **kwargs))
        request.user = self.session.user
        zone = in_zone(timezone.now(), request.user.timezone).tzinfo
        with timezone.override(zone), speaking(request.user.language, request):
            return _private(self._answer(request, *args, **kwargs))

    def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if request.method == "POST":
                self.limit()
            return super().dispatch(request, *args, **kwargs)
        except DomainError as error:
            return rejected(request, error)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Lead to the page of the form where an act is opened like a page, which has nothing to show."""
        if request.method in {"GET", "HEAD"}:
            return HttpResponseRedirect(page_above(request))
        return super().http_method_not_allowed(request, *args, **kwargs)

    def without_pages(self) -> HttpResponseBase:
        """Answer with PAGES off (PG6): there is no such page."""
        raise Http404

    @property
    def actor(self) -> User:
        """Return the person whose session it is; for pages that are not public."""
        assert self.session is not None  # noqa: S101 - `dispatch` has seen to it
        return self.session.user

    def limit(self) -> None:
        """Count one POST in the scope of the API's throttle; RateLimitedError over its rate."""
        who = f"user:{self.session.user_id}" if self.session else address_key(self.request)
        require_rate(self.throttle_scope, who)

    def page(self, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
        """Return the page of this view."""
        with in_one_language():
            response = render(self.request, self.template_name, context, status=status)
        rejections = [each.rejection for each in context.values() if isinstance(each, ServiceForm)]
        if waits := [each.retry_after for each in rejections if each is not None and each.retry_after]:
            response["Retry-After"] = str(max(waits))
        return _unless_known(self.request, response) if status == HTTPStatus.OK else response

    def see(self, path: str) -> HttpResponse:
        """Return the answer to an act that succeeded: look at `path` (PG3)."""
        return HttpResponse(status=SEE_OTHER, headers={"Location": path})


def _unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return a page with its tag, or 304 where the browser has it; the tokens of its forms are other ones each time."""
    digest = hashlib.blake2b(FORM_TOKEN.sub(b"", response.content), digest_size=12).hexdigest()
    etag = f'"{digest}"'
    if request.method in {"GET", "HEAD"} and none_match(request, etag):
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    response["ETag"] = etag
    return response


def _private(response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Cache-Control", "private, no-store")
    patch_vary_headers(response, ["Cookie"])
    return vary_by_language(response)
