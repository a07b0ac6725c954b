"""Security headers by area of the site, and who may call from a browser."""

import pytest
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory

from apps.common.monitoring.request_id import RequestIdFilter
from apps.common.web.security_headers import API_POLICY, DOCUMENTATION_POLICY, PAGE_POLICY
from apps.users.tests.factories import PASSWORD

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ORIGIN = "https://app.example.org"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "policy"),
    [
        ("/", PAGE_POLICY),
        ("/nothing/", PAGE_POLICY),
        ("/admin/login/", PAGE_POLICY),
        ("/api/", API_POLICY),
        ("/api/nothing/", API_POLICY),
        ("/api/tasks/", API_POLICY),
        ("/api/docs/", DOCUMENTATION_POLICY),
        ("/api/schema/swagger-ui/", DOCUMENTATION_POLICY),
        ("/api/schema/redoc/", DOCUMENTATION_POLICY),
    ],
)
def test_every_answer_has_the_headers_of_its_area(client, path, policy):
    response = client.get(path)

    assert response["Content-Security-Policy"] == policy
    assert {name: response.get(name) for name in ALWAYS} == ALWAYS
    assert "camera=()" in response["Permissions-Policy"]
    assert response["X-Request-ID"]


@pytest.mark.parametrize("policy", [API_POLICY, PAGE_POLICY, DOCUMENTATION_POLICY])
def test_no_policy_lets_inline_script_or_another_site_in(policy):
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))

    assert directives["default-src"] == directives["base-uri"] == "'none'"
    assert directives["frame-ancestors"] == "'none'"
    assert directives.get("script-src", "'self'") == "'self'"
    assert "unsafe-eval" not in policy
    assert "http" not in policy


@pytest.mark.django_db
def test_tokens_are_never_stored_and_other_answers_are_checked_again(api, client, owner):
    login = client.post("/api/auth/login/", {"username": owner.username, "password": PASSWORD})
    rejected = client.post("/api/auth/login/", {"username": owner.username, "password": "no"})
    listed = api(owner).get("/api/tasks/")

    assert login["Cache-Control"] == rejected["Cache-Control"] == "no-store"
    assert listed["Cache-Control"] == "private, no-cache"


def test_https_is_kept_for_a_year_in_production(client, settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000

    middleware = SecurityMiddleware(lambda request: HttpResponse())

    assert "max-age=31536000" in middleware(RequestFactory().get("/", secure=True))["Strict-Transport-Security"]


def test_the_api_over_plain_http_is_rejected_and_a_page_redirected(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    rejected, page = client.get("/api/tasks/"), client.get("/")

    assert (rejected.status_code, rejected.json()["code"]) == (403, "https_required")
    assert page["Location"].startswith("https://")
    assert client.get("/api/", secure=True).status_code == 200
    assert client.get("/health/").status_code == 200


def preflight(client, origin):
    headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    return client.options("/api/", headers=headers)


def test_no_other_origin_may_call_by_default(client):
    assert "Access-Control-Allow-Origin" not in preflight(client, ORIGIN)
    assert "Access-Control-Allow-Origin" not in client.get("/api/", headers={"Origin": ORIGIN})


def test_a_listed_origin_may_call_the_api_alone_and_without_cookies(client, settings):
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]

    listed, other = preflight(client, ORIGIN), preflight(client, "https://app.example.org.evil.example")
    answered = client.get("/api/", headers={"Origin": ORIGIN})

    assert listed["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in listed
    assert "Access-Control-Allow-Origin" not in other
    assert "ETag" in answered["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Origin" not in client.get("/", headers={"Origin": ORIGIN})


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-1.2_3", True), ("x" * 128, True), ("x" * 129, False), ("a b", False), ("a\x7f", False), ("", False)],
)
def test_a_sane_request_id_is_taken_and_another_replaced(client, given, kept):
    answered = client.get("/health/", headers={"X-Request-ID": given})["X-Request-ID"]

    assert (answered == given) is kept
    assert answered


@pytest.mark.django_db
def test_the_request_id_stands_in_the_line_that_django_writes_about_a_rejection(client, caplog):
    caplog.handler.addFilter(RequestIdFilter())

    client.get("/api/tasks/", headers={"X-Request-ID": "mine-1"})

    lines = [record for record in caplog.records if record.name == "django.request"]
    assert [record.request_id for record in lines] == ["mine-1"]
