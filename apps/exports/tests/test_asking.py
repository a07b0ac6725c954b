"""GET and POST /api/exports/, and one export: who may, and what of it is shown."""

from __future__ import annotations

import pytest

from apps.exports.models import Export
from apps.projects.models import Membership
from apps.projects.services import delete_project
from apps.projects.tests.cast import answers
from apps.projects.tests.factories import ProjectFactory
from apps.tokens.tests.factories import script

URL = "/api/exports/"


@answers(owner=202, admin=202, member=403, commenter=403, viewer=403, outsider=400, staff=400)
def test_ex4_admins_export_their_project(api, project, request, who, status):
    response = api(request.getfixturevalue(who)).post(URL, {"scope": "project", "project": project.pk})

    assert response.status_code == status
    assert Export.objects.count() == (status == 202)


def test_ex4_it_is_pending_until_it_is_built(api, project, admin, ask):
    asked = ask(admin, scope="project", project=project.pk, with_files=True)

    assert {name: value for name, value in asked.items() if name not in {"id", "created_at"}} == {
        "scope": "project",
        "project": project.pk,
        "with_files": True,
        "state": "pending",
        "size": None,
        "sha256": None,
        "expires_at": None,
        "url": None,
    }
    assert api(admin).get(URL).json()["results"] == [asked]
    response = api(admin).get(f"{URL}{asked['id']}/download/", headers={"Accept": "application/zip"})
    assert (response.status_code, response.json()["code"]) == (409, "export_not_ready")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, {("/scope", "required")}),
        ({"scope": "all"}, {("/scope", "invalid_choice")}),
        ({"scope": "project"}, {("/project", "required")}),
        ({"scope": "project", "project": None}, {("/project", "required")}),
        ({"scope": "project", "project": "x"}, {("/project", "invalid")}),
        ({"scope": "project", "project": 10**17}, {("/project", "does_not_exist")}),
        ({"scope": "account", "project": 1}, {("/project", "contradiction")}),
        (
            {"scope": "account", "color": 1, "with_files": "?"},
            {("/color", "unknown_field"), ("/with_files", "invalid")},
        ),
    ],
)
def test_ex4_bad_bodies_are_named(api, owner, body, found):
    response = api(owner).post(URL, body)

    assert response.status_code == 400
    assert {(error["pointer"], error["code"]) for error in response.json()["errors"]} == found
    assert not Export.objects.exists()


def test_ex4_a_retried_request_makes_one_export(api, owner):
    first, second = (api(owner).post(URL, {"scope": "account"}, headers={"Idempotency-Key": "k"}) for _ in range(2))

    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert Export.objects.count() == 1


@pytest.mark.parametrize("loss", ["role", "membership", "trash"])
def test_ex4_whoever_loses_the_role_loses_the_export(api, project, owner, admin, ask, loss):
    of_project, of_account = ask(admin, scope="project", project=project.pk), ask(admin, scope="account")
    if loss == "trash":
        delete_project(actor=owner, project_id=project.pk)
    elif loss == "role":
        Membership.objects.filter(user=admin, project=project).update(role="member")
    else:
        Membership.objects.filter(user=admin, project=project).delete()

    for path in ("", "download/"):
        assert api(admin).get(f"{URL}{of_project['id']}/{path}").status_code == 404
    assert [one["id"] for one in api(admin).get(URL).json()["results"]] == [of_account["id"]]


def test_ex4_exports_of_others_are_not_there(api, project, owner, admin, ask):
    pk = ask(admin, scope="project", project=project.pk)["id"]

    assert api(owner).get(URL).json()["results"] == []
    for path in ("", "download/"):
        assert api(owner).get(f"{URL}{pk}/{path}").status_code == 404
    assert api(owner).delete(f"{URL}{pk}/").status_code == 404


def test_ex4_a_token_exports_the_projects_that_it_reaches_and_no_account(project, owner, ask):
    other, of_account = ProjectFactory(owner=owner, key="FAR"), ask(owner, scope="account")
    client = script(owner, scopes=["export:read"], projects=[project])

    made = client.post(URL, {"scope": "project", "project": project.pk})
    assert made.status_code == 202
    assert client.post(URL, {"scope": "project", "project": other.pk}).status_code == 400
    response = client.post(URL, {"scope": "account"})
    assert (response.status_code, response.json()["code"]) == (403, "not_for_tokens")
    assert [one["id"] for one in client.get(URL).json()["results"]] == [made.json()["id"]]
    assert client.get(f"{URL}{of_account['id']}/").status_code == 404
    assert script(owner, scopes=["tasks:read"]).get(URL).status_code == 403
