"""What is for browsers alone passes by the API."""

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from apps.common.web import pages_only
from apps.users.tests.factories import UserFactory

CLASSES = [
    pages_only.PageSessionMiddleware,
    pages_only.PageAuthenticationMiddleware,
    pages_only.PageMessageMiddleware,
]


def seen_by_a_view(path):
    """Return the request as it arrives behind all three."""
    found = []

    def view(request):
        found.append(request)
        return HttpResponse()

    handler = view
    for each in reversed(CLASSES):
        handler = each(handler)
    handler(RequestFactory().get(path))
    return found[0]


@pytest.mark.parametrize("path", ["/api/tasks/", "/API/tasks/", "/api//tasks/", "/api"])
def test_a_request_to_the_api_has_no_session_user_or_messages(path):
    request = seen_by_a_view(path)

    assert [hasattr(request, name) for name in ("session", "user", "_messages")] == [False] * 3


@pytest.mark.parametrize("path", ["/", "/admin/", "/apiary/", "/api/docs/"])
def test_any_other_has_them(path):
    request = seen_by_a_view(path)

    assert [hasattr(request, name) for name in ("session", "user", "_messages")] == [True] * 3


@pytest.mark.django_db
def test_the_cookie_of_the_admin_opens_nothing_of_the_api():
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    assert client.get("/admin/").status_code == 200
    assert client.get("/api/tasks/").status_code == 401
    assert client.post("/api/tasks/", {}, content_type="application/json").status_code == 401


@pytest.mark.django_db
def test_a_form_of_the_admin_without_its_token_is_still_rejected():
    client = Client(enforce_csrf_checks=True)

    assert client.post("/admin/login/", {"username": "a", "password": "b"}).status_code == 403
