"""Contract 8 for queries: all faults of the parameters are reported at once, whatever their kind."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db

BAD_PAGE = "page_size=0&count=x&ordering=zzz"
OF_THE_PAGE = {("/page_size", "invalid"), ("/count", "invalid"), ("/ordering", "invalid_choice")}
UNKNOWN = ("/color", "unknown_parameter")
LISTS = [
    "/api/tasks/",
    "/api/projects/",
    "/api/notifications/",
    "/api/auth/sessions/",
    "/api/trash/",
    "/api/projects/{project}/activity/",
    "/api/projects/{project}/members/",
    "/api/tasks/{task}/attachments/",
    "/api/tasks/{task}/comments/",
]
QUERIES = {
    "/api/tasks/?color=red&status=nope&due_before=soon&search=%00&overdue=maybe&project=x": {
        UNKNOWN,
        ("/status", "invalid_choice"),
        ("/due_before", "invalid"),
        ("/search", "null_characters_not_allowed"),
        ("/overdue", "invalid"),
        ("/project", "invalid"),
    },
    "/api/tasks/?status=nope&page_size=0": {("/status", "invalid_choice"), ("/page_size", "invalid")},
    "/api/tasks/?page_size=0&cursor=x": {("/page_size", "invalid"), ("/cursor", "invalid_cursor")},
    "/api/tasks/statistics/?color=red&status=nope": {UNKNOWN, ("/status", "invalid_choice")},
    "/api/projects/?color=red&archived=maybe&page_size=0": {
        UNKNOWN,
        ("/archived", "invalid"),
        ("/page_size", "invalid"),
    },
    "/api/notifications/?color=red&unread=maybe": {UNKNOWN, ("/unread", "invalid")},
    "/api/trash/?type=nope&ordering=zzz": {("/type", "invalid_choice"), ("/ordering", "invalid_choice")},
}


def faults(response):
    assert response.status_code == 400, response.content
    return {(error["pointer"], error["code"]) for error in response.json()["errors"]}


@pytest.mark.parametrize("path", LISTS)
def test_contract_8_an_unknown_parameter_hides_no_bad_page(api, owner, project, task, path):
    path = path.format(project=project.pk, task=task.pk)

    assert faults(api(owner).get(f"{path}?color=red&{BAD_PAGE}")) == {UNKNOWN, *OF_THE_PAGE}


@pytest.mark.parametrize(("path", "expected"), QUERIES.items(), ids=QUERIES)
def test_contract_8_a_bad_parameter_hides_no_other(api, owner, path, expected):
    assert faults(api(owner).get(path)) == expected


@pytest.mark.parametrize("path", ["/api/tasks/", "/api/tasks/statistics/", "/api/projects/"])
@pytest.mark.parametrize("text", ["Gr%F6%DFe", "%90%DD%8Cv", "a%FF"])
def test_contract_8_a_search_that_is_not_utf_8_is_rejected(api, owner, path, text):
    assert faults(api(owner).get(f"{path}?search={text}&color=red")) == {("/search", "invalid"), UNKNOWN}


@pytest.mark.parametrize("text", ["Gr%C3%B6%C3%9Fe", "%EF%BF%BD", "%E8%A8%AD"])
def test_every_search_in_utf_8_is_taken(api, owner, text):
    assert api(owner).get(f"/api/tasks/?search={text}").status_code == 200
