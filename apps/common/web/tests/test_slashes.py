"""Contract 8, writes without the last slash: never redirected below `/api/`, and nothing there answers HTML."""

import pytest

from apps.tasks.models import Task
from apps.users.tests.factories import PASSWORD

WRITES = ["post", "put", "patch", "delete"]


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("path", ["/api/tasks", "/api/auth/login", "/api/token", "/api/projects/1/archive", "/api"])
def test_real_case_14_a_write_without_slash_names_the_right_path(api, owner, settings, debug, method, path):
    settings.DEBUG = debug

    response = getattr(api(owner), method)(f"{path}?x=1", {"title": "No slash"}, follow=True)

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["code"] == "not_found"
    assert f"{path}/" in response.json()["detail"]
    assert not Task.objects.exists()


SLIPS = {
    "/api//tasks/": "/api/tasks/",
    "//api/tasks/": "/api/tasks/",
    "///api///tasks//1//": "/api/tasks/1/",
    "/api//tasks": "/api/tasks/",
    "/api/Tasks/": "/api/tasks/",
    "/API/TASKS": "/api/tasks/",
    "/Api/auth/Login/": "/api/auth/login/",
}


@pytest.mark.parametrize("method", ["get", "head", "options", *WRITES])
@pytest.mark.parametrize(("path", "meant"), SLIPS.items())
def test_real_case_14_other_slips_are_problems_that_name_the_right_path(api, owner, method, path, meant):
    # The client would take the leading slashes for a host
    response = api(owner).generic(method.upper(), "/", PATH_INFO=path)

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    if method != "head":
        assert response.json()["detail"].endswith(f"The right path is {meant}")


@pytest.mark.parametrize("method", ["get", "head"])
def test_real_case_14_reading_is_redirected_without_html(api, owner, method):
    client = api(owner)

    response = getattr(client, method)("/api/tasks?page_size=2")

    assert (response.status_code, response["Location"]) == (301, "/api/tasks/?page_size=2")
    assert "Content-Type" not in response
    assert getattr(client, method)("/api/tasks?page_size=2", follow=True).status_code == 200


def test_real_case_14_options_without_slash_is_a_problem(api, owner):
    response = api(owner).options("/api/tasks")

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_path_that_no_route_is_like_names_none(api, owner, method):
    response = getattr(api(owner), method)("/api/nothing")

    assert response.json()["detail"] == "There is nothing here."


@pytest.mark.parametrize("path", ["/api/nothing/", "/api/docs/nothing/", "/api/tasks/nothing/", "/API/", "/api//"])
@pytest.mark.parametrize(
    "accept", ["text/html", "*/*", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"]
)
def test_nothing_below_api_answers_html_to_a_browser_either(api, owner, settings, path, accept):
    settings.DEBUG = True

    for client in (api(), api(owner)):
        response = client.get(path, HTTP_ACCEPT=accept)

        assert response.status_code >= 400
        assert "html" not in response["Content-Type"]


@pytest.mark.django_db
@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("path", ["/verify-email/x", "/password-reset/x"])
def test_a_page_keeps_method_and_body_of_a_write_without_slash(client, settings, method, path):
    settings.DEBUG = True

    response = getattr(client, method)(f"{path}?a=1")

    assert (response.status_code, response["Location"]) == (308, f"{path}/?a=1")


@pytest.mark.django_db
def test_a_page_is_redirected_when_it_is_read(client):
    assert client.get("/verify-email/x").status_code == 301


def test_the_redirect_of_a_page_leads_to_no_other_host(client):
    response = client.generic("POST", "/", PATH_INFO="//evil.example/../verify-email/x")

    assert "Location" not in response or response["Location"].startswith("/%2F")


@pytest.mark.django_db
def test_the_admin_keeps_a_form_that_was_sent_without_slash(client, task, staff):
    staff.is_superuser = True
    staff.save()
    assert client.login(username=staff.username, password=PASSWORD)
    path = f"/admin/tasks/task/{task.pk}/change"

    written, read = client.post(path, {"title": "New"}), client.get(path)

    assert (written.status_code, written["Location"]) == (308, f"{path}/")
    assert (read.status_code, read["Location"]) == (301, f"{path}/")
