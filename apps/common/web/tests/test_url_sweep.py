"""Every route rejects anonymous callers unless it is on the public list."""

import re

import pytest
from django.urls import URLResolver, get_resolver

from apps.web.base.views import PageView

# Pages, for which the login is the door
PAGES = {"", "login/", "logout/", "register/", "password-reset/", "invitations/<token>/"}
PUBLIC = PAGES | {
    "favicon.ico",
    "health/",
    "health/ready/",
    "media/avatars/<name>",
    "unsubscribe/<token>/",
    "ical/<token>.ics",
    "unsubscribe/<token>",
    "verify-email/<token>/",
    "password-reset/<token>/",
    "api/",
    "api/schema/",
    "api/schema/swagger-ui/",
    "api/docs/",
    "api/schema/redoc/",
    "api/auth/register/",
    "api/auth/login/",
    "api/invitations/<token>/",
    "api/invitations/<token>/decline/",
    "api/token/",
    "api/auth/refresh/",
    "api/token/refresh/",
    "api/auth/logout/",
    "api/auth/verify-email/",
    "api/auth/password-reset/",
    "api/auth/password-reset/confirm/",
    "admin/login/",
    "admin/logout/",
    "admin/jsi18n/",
}
# Answers the page's redirect to its login, or the 404 that asks an unknown page to have a slash
ADMIN = "admin/"
UUID = "01890a5d-ac96-774b-bcce-b302099a8057"
VALUES = {
    "batch_pk": UUID,
    "token": "x" * 43,
    "app_label": "auth",
    "content_type_id": "1",
    "object_id": "1",
    "url": "x",
}


def routes(resolver=None, prefix=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + readable(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        else:
            yield route, pattern


def readable(route):
    """Return `tasks/<pk>/` for both kinds of patterns."""
    route = re.sub(r"\(\?P<(\w+)>[^()]*(?:\([^()]*\)[^()]*)*\)", r"<\1>", route)
    return re.sub(r"<\w+:(\w+)>", r"<\1>", route).lstrip("^").replace("$", "").replace("\\Z", "").replace("/^", "/")


def address(route):
    route = route.replace("batches/<pk>", f"batches/{UUID}")
    return "/" + re.sub(r"<(\w+)>", lambda found: VALUES.get(found[1], "1"), route)


def methods(pattern):
    actions = getattr(pattern.callback, "actions", None)
    if actions:
        return sorted(set(actions) - {"head", "options"})
    kind = getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
    names = kind.http_method_names if kind else ["get", "post"]
    return [
        name for name in names if name not in {"head", "options", "trace"} and (kind is None or hasattr(kind, name))
    ]


def is_page(pattern):
    return issubclass(getattr(pattern.callback, "view_class", object), PageView)


ROUTES = sorted(dict(routes()).items())


@pytest.mark.django_db
@pytest.mark.parametrize("route", [route for route, _ in ROUTES if route not in PUBLIC])
def test_a_route_that_is_not_public_rejects_who_says_nothing(client, route):
    for method in methods(dict(ROUTES)[route]):
        response = getattr(client, method)(address(route))
        if is_page(dict(ROUTES)[route]):
            assert response.status_code == 302, (method, response.status_code)
            assert response["Location"].partition("?")[0] == "/login/"
        elif route.startswith(ADMIN):
            assert response.status_code in {302, 404}, (method, response.status_code)
            assert response.status_code == 404 or "/admin/login/" in response["Location"]
        else:
            assert (method, response.status_code) == (method, 401)
            assert response["WWW-Authenticate"].startswith("Bearer")
            assert response.json()["code"] == "not_authenticated"


@pytest.mark.django_db
@pytest.mark.parametrize("route", [route for route, _ in ROUTES if route in PUBLIC and route.startswith("api/")])
def test_a_public_route_ignores_a_stale_token(client, route):
    for method in methods(dict(ROUTES)[route]):
        fresh = getattr(client, method)(address(route))
        stale = getattr(client, method)(address(route), headers={"Authorization": "Bearer stale"})

        assert stale.status_code == fresh.status_code
        assert stale.status_code < 500


def test_the_public_list_has_no_route_that_is_gone():
    print(f"URL sweep: {len(ROUTES)} routes, {len([r for r, _ in ROUTES if r in PUBLIC])} public")

    assert PUBLIC - {route for route, _ in ROUTES} == set()
