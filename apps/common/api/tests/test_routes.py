"""The routes around the API, and what fails outside the views."""

import json

import pytest

from apps.common.monitoring import health


def test_the_landing_page_names_the_documentation(client):
    response = client.get("/")

    assert response.status_code == 200
    assert "/api/docs/" in response.content.decode()


def test_browsers_that_ask_for_an_icon_are_led_to_it(client):
    response = client.get("/favicon.ico")

    assert response.status_code == 302
    assert response["Location"].endswith("icon.svg")


def test_api_links_are_public_and_absolute(client):
    response = client.get("/api/", HTTP_AUTHORIZATION="Bearer stale")

    assert response.status_code == 200
    assert response.json()["tasks"] == "http://testserver/api/tasks/"


def test_liveness_asks_nobody(client, django_assert_num_queries):
    # No database mark: any query would fail the test.
    assert client.get("/health/").json() == {"status": "ok"}


def test_an_unknown_route_below_api_is_a_problem(client):
    response = client.get("/api/nothing/here/")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_found"
    assert response.json()["request_id"] == response["X-Request-ID"]


def test_an_unknown_page_is_a_plain_page(client):
    response = client.get("/nothing/")

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


def test_a_method_that_a_route_lacks_is_a_problem(client):
    response = client.post("/api/", {})

    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("path", ["/api/", "/api/schema/", "/api/docs/", "/api/schema/redoc/"])
def test_an_answer_that_nobody_can_make_is_a_problem(client, path):
    response = client.get(path, HTTP_ACCEPT="image/png")

    assert response["Content-Type"] == "application/problem+json"
    assert (response.status_code, response.json()["code"]) == (406, "not_acceptable")


def test_a_host_that_is_not_ours_is_a_problem_below_api(client):
    response = client.get("/api/", HTTP_HOST="evil.example")

    assert (response.status_code, response.json()["code"]) == (400, "bad_request")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/schema/swagger-ui/", "/api/docs/", "/api/schema/redoc/"])
def test_documentation_pages_have_no_inline_script_and_nothing_from_elsewhere(client, path):
    page = client.get(path).content.decode()

    assert "<script>" not in page
    assert "//" not in page.replace("http://testserver", "")


def test_the_swagger_script_comes_in_an_answer_of_its_own(client):
    response = client.get("/api/docs/?script=")

    assert response["Content-Type"].startswith("application/javascript")
    assert "SwaggerUIBundle" in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_readiness_without_a_beat_is_degraded_but_usable(client):
    response = client.get("/health/ready/")

    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["database"] == response.json()["migrations"] == response.json()["cache"] == "ok"


@pytest.mark.django_db
def test_the_schema_is_json_on_request(client):
    response = client.get("/api/schema/", HTTP_ACCEPT="application/vnd.oai.openapi+json")

    assert json.loads(response.content)["openapi"].startswith("3.")


def test_an_avatar_that_is_not_there_is_a_404(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    assert client.get("/media/avatars/nobody.png").status_code == 404
    assert client.get("/media/avatars/..%2fsecret.png").status_code == 404


@pytest.mark.parametrize("name", ["x%00.png", "x" * 300 + ".png", "x%0a.png", "..png", "png"])
def test_a_name_that_no_avatar_has_is_a_404(client, settings, tmp_path, name):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "avatars").mkdir()

    assert client.get(f"/media/avatars/{name}").status_code == 404


def test_an_avatar_is_served_as_a_picture_for_ever(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "avatars").mkdir()
    (tmp_path / "avatars" / "abc.png").write_bytes(b"\x89PNG")

    response = client.get("/media/avatars/abc.png")

    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert "immutable" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content) == b"\x89PNG"


def test_missing_migrations_make_it_unavailable():
    now = health.timezone.now()
    database = {"migrations": "1 missing", "last_beat_at": now, "oldest": None}

    body, status = health.assess({"database": database, "cache": "ok", "broker": "ok"}, now=now)

    assert (status, body["status"]) == (503, "unavailable")


def test_a_dead_broker_only_degrades():
    now = health.timezone.now()
    database = {"migrations": "ok", "last_beat_at": now, "oldest": None}

    body, status = health.assess({"database": database, "cache": "ok", "broker": health.SILENT}, now=now)

    assert (status, body["status"]) == (200, "degraded")


def test_all_well_is_ok():
    now = health.timezone.now()
    database = {"migrations": "ok", "last_beat_at": now, "oldest": None}

    body, status = health.assess({"database": database, "cache": "ok", "broker": "ok"}, now=now)

    assert (status, body["status"]) == (200, "ok")
