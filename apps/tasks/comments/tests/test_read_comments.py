"""GET tasks/{id}/comments/, one comment, and its history."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.tasks.comments.services import edit_comment
from apps.tasks.comments.tests.comment_helpers import comment_on, url
from apps.tasks.tests.factories import TaskFactory


def test_a_viewer_reads_comments_oldest_first(api, viewer, member, task):
    first, second = comment_on(task, member, "first"), comment_on(task, member, "second")

    shown = api(viewer).get(url(task)).json()["results"]
    backwards = api(viewer).get(url(task), {"ordering": "-created_at"}).json()["results"]

    assert [row["id"] for row in shown] == [first.pk, second.pk]
    assert backwards == shown[::-1]
    assert {name: shown[0][name] for name in ("task", "body", "version", "edits_count", "edited_at", "is_deleted")} == {
        "task": task.pk,
        "body": "first",
        "version": 1,
        "edits_count": 0,
        "edited_at": None,
        "is_deleted": False,
    }
    assert shown[0]["author"] == {"id": member.pk, "username": "member", "nickname": "", "avatar": None}
    assert "body_html" not in shown[0]


@pytest.mark.parametrize("who", ["outsider", "staff"])
def test_property_1_people_outside_find_neither_comments_nor_history(api, request, member, task, who):
    comment = comment_on(task, member)
    client = api(request.getfixturevalue(who))

    for path in (url(task), url(task, comment), url(task, comment, "history"), url(task, comment, "history", 1)):
        assert client.get(path).status_code in (404, 405)
        assert client.delete(path).status_code in (404, 405)
    assert client.post(url(task), {"body": "x"}).status_code == 404


def test_a_comment_of_another_task_is_not_found(api, member, project, task):
    elsewhere = comment_on(TaskFactory(project=project), member)

    for path in (url(task, elsewhere), url(task, elsewhere, "history")):
        assert api(member).get(path).status_code == 404
    assert api(member).patch(url(task, elsewhere), {"body": "x"}).status_code == 404


def test_comments_can_be_narrowed_by_author(api, member, commenter, viewer, task):
    mine, theirs = comment_on(task, member), comment_on(task, commenter)

    def found(author, reader=member):
        return [row["id"] for row in api(reader).get(url(task), {"author": author}).json()["results"]]

    assert (found("me"), found("me", commenter), found("me", viewer)) == ([mine.pk], [theirs.pk], [])
    assert found(commenter.pk) == [theirs.pk]
    assert found(10**15) == []
    assert found("") == [mine.pk, theirs.pk]


@pytest.mark.parametrize("query", [{"author": "none"}, {"author": "-1"}, {"ordering": "body"}, {"autor": "me"}])
def test_what_is_not_known_is_rejected(api, member, task, query):
    assert api(member).get(url(task), query).status_code == 400


def test_pages_show_each_comment_once(api, member, task):
    written = [comment_on(task, member, f"{number}").pk for number in range(5)]

    found, path = [], f"{url(task)}?page_size=2"
    while path:
        page = api(member).get(path).json()
        found += [row["id"] for row in page["results"]]
        path = page["next"]

    assert found == written


def test_a_page_takes_the_same_number_of_statements_whatever_its_length(api, member, commenter, task):
    def counted():
        with CaptureQueriesContext(connection) as queries:
            assert api(member).get(url(task)).status_code == 200
        return len(queries)

    comment_on(task, member)
    few = counted()
    for number in range(20):
        comment_on(task, commenter, f"{number} for @member and @owner")

    assert counted() == few


def test_one_task_s_list_shows_nothing_of_another_task_whatever_was_read_before(api, member, project, task):
    other = TaskFactory(project=project)
    here, there = comment_on(task, member, "for @owner"), comment_on(other, member, "for @owner")

    for where, comment in ((task, here), (other, there), (task, here)):
        alone = api(member).get(url(where, comment)).json()
        assert api(member).get(url(where)).json()["results"] == [alone]
        assert [person["username"] for person in alone["mentions"]] == ["owner"]


def test_a_comment_has_an_etag_that_saves_its_body(api, member, task):
    comment = comment_on(task, member)
    client = api(member)

    etag = client.get(url(task, comment))["ETag"]

    assert etag.startswith('"1.')
    assert client.get(url(task, comment), headers={"If-None-Match": etag}).status_code == 304


def test_the_history_lists_former_texts_by_number(api, viewer, member, task):
    comment = comment_on(task, member, "one")
    for body in ("two", "three"):
        comment = edit_comment(actor=member, comment=comment, body=body)

    rows = api(viewer).get(url(task, comment, "history")).json()["results"]
    backwards = api(viewer).get(url(task, comment, "history"), {"ordering": "-number"}).json()["results"]

    assert [(row["number"], row["body"], row["is_erased"]) for row in rows] == [(1, "one", False), (2, "two", False)]
    assert backwards == rows[::-1]
    assert rows[0]["written_at"] == api(viewer).get(url(task, comment)).json()["created_at"]
    first_page = api(viewer).get(url(task, comment, "history"), {"page_size": 1}).json()
    assert [row["number"] for row in api(viewer).get(first_page["next"]).json()["results"]] == [2]
