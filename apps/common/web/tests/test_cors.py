"""Contract 8, CORS: a front end on another origin can use the whole API, and can read why it was rejected."""

import pytest
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from apps.common.api.views import ScopedViewSet
from apps.common.background.breaker import redis_breaker
from apps.common.web.request_validation import Utf8Handler

ORIGIN = "https://app.example.com"
OTHER = "https://other.example.com"
EXPOSED = {
    "ETag",
    "Location",
    "Retry-After",
    "Content-Disposition",
    "X-Request-ID",
    "X-Batch-ID",
    "Idempotency-Replayed",
}


@pytest.fixture(autouse=True)
def _one_origin(settings):
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    redis_breaker.succeeded()


def words(response, name):
    return {word.strip().lower() for word in response[name].split(",")}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_real_case_12_a_preflight_allows_every_header_of_the_contract(client, method):
    asked = "authorization, content-type, if-match, if-none-match, idempotency-key, x-request-id"
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": asked}

    response = client.options("/api/tasks/1/", headers=headers)

    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == ORIGIN
    assert set(asked.split(", ")) <= words(response, "Access-Control-Allow-Headers")
    assert method.lower() in words(response, "Access-Control-Allow-Methods")


def is_readable(response):
    return (
        response.get("Access-Control-Allow-Origin") == ORIGIN
        and {name.lower() for name in EXPOSED} <= words(response, "Access-Control-Expose-Headers")
        and "origin" in words(response, "Vary")
    )


def test_real_case_12_an_answer_of_a_view_is_readable(api, owner, task):
    client = api(owner)

    for path in ("/api/tasks/", f"/api/tasks/{task.pk}/", "/api/"):
        assert is_readable(client.get(path, headers={"Origin": ORIGIN}))


# What is rejected before a view, or outside of one: (status, method, path, META)
EARLY = {
    "no length": (411, "POST", "/api/tasks/", {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}),
    "a length that is no number": (400, "POST", "/api/tasks/", {"CONTENT_LENGTH": "x"}),
    "latin-1": (415, "POST", "/api/tasks/", {"CONTENT_TYPE": "application/json; charset=latin-1"}),
    "a foreign host": (400, "GET", "/api/tasks/", {"HTTP_HOST": "evil.example"}),
    "no such route": (404, "GET", "/api/nothing/", {}),
    "a POST without the last slash": (404, "POST", "/api/tasks", {}),
    "a GET without the last slash": (301, "GET", "/api/tasks", {}),
    "doubled slashes": (404, "GET", "/api//tasks/", {}),
    "capitals": (404, "GET", "/API/tasks/", {}),
    "nobody": (401, "GET", "/api/tasks/", {}),
    "a method that the route lacks": (405, "POST", "/api/", {}),
    "a form nobody makes": (406, "GET", "/api/", {"HTTP_ACCEPT": "image/png"}),
    "a page of the documentation": (200, "GET", "/api/docs/", {}),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "method", "path", "meta"), EARLY.values(), ids=EARLY)
def test_real_case_12_a_rejection_before_the_view_is_readable(client, status, method, path, meta):
    response = client.generic(method, path, **({"HTTP_ORIGIN": ORIGIN, "CONTENT_LENGTH": "0"} | meta))

    assert response.status_code == status
    assert is_readable(response)
    assert response["X-Request-ID"]


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "method", "path", "meta"), EARLY.values(), ids=EARLY)
def test_no_other_origin_may_read_a_rejection(client, status, method, path, meta):
    response = client.generic(method, path, **({"HTTP_ORIGIN": OTHER, "CONTENT_LENGTH": "0"} | meta))

    assert "Access-Control-Allow-Origin" not in response


def test_real_case_12_plain_http_is_rejected_readably_and_its_preflight_answered(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    rejected = client.get("/api/tasks/", headers={"Origin": ORIGIN})
    preflight = client.options("/api/", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "GET"})

    assert (rejected.status_code, rejected.json()["code"]) == (403, "https_required")
    assert is_readable(rejected)
    assert preflight.status_code == 200


def test_real_case_12_too_large_a_body_is_rejected_readably(api, owner, settings):
    settings.BODY_MAX_BYTES = 100

    response = api(owner).post("/api/tasks/", {"title": "x" * 200}, headers={"Origin": ORIGIN})

    assert response.status_code == 413
    assert is_readable(response)


def test_real_case_12_a_rate_limit_is_readable_with_its_retry_after(api, settings):
    settings.THROTTLE_RATES = django_settings.THROTTLE_RATES | {"login": "1/60"}
    body = {"username": "nobody", "password": "x"}

    answers = [api().post("/api/auth/login/", body, headers={"Origin": ORIGIN}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [401, 429]
    assert all(is_readable(answer) for answer in answers)
    assert int(answers[1]["Retry-After"]) > 0


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.urls("apps.common.tests.sample_api")
def test_real_case_12_a_bug_of_ours_is_readable_and_no_page(api, owner, settings, monkeypatch, debug):
    settings.DEBUG = debug
    monkeypatch.setattr(ScopedViewSet, "get_queryset", lambda view: 1 / 0)
    client = api(owner)
    client.raise_request_exception = False

    response = client.get("/api/cards/", headers={"Origin": ORIGIN})

    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert response.json()["code"] == "internal_error"
    assert is_readable(response)


@pytest.mark.django_db
@pytest.mark.parametrize("origin", ["http://[", "null", "x" * 10_000, "https://app.example.com@evil.example", ""])
@pytest.mark.parametrize("handler", [WSGIHandler, Utf8Handler])
def test_an_origin_that_is_none_is_no_bug(origin, handler):
    environ = RequestFactory()._base_environ(PATH_INFO="/api/", HTTP_ORIGIN=origin, HTTP_HOST="testserver")

    response = handler()(environ, lambda status, headers: None)

    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response


@pytest.mark.parametrize("headers", [{}, {"Origin": ORIGIN}])
def test_no_cache_gives_an_answer_of_the_api_to_another_origin(client, headers):
    assert "origin" in words(client.get("/api/", headers=headers), "Vary")
    assert "origin" in words(client.get("/api/nothing/", headers=headers), "Vary")
    assert "origin" not in client.get("/health/", headers=headers).get("Vary", "").lower()


def test_pages_are_for_no_other_origin(client):
    for path in ("/", "/nothing/", "/apis/", "/health/"):
        assert "Access-Control-Allow-Origin" not in client.get(path, headers={"Origin": ORIGIN})
