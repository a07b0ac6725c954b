"""POST tasks/{id}/comments/ and PATCH of one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from apps.projects.models import Project
from apps.tasks.comments.services import create_comment
from apps.tasks.comments.tests.comment_helpers import comment_on, events, tables_with, url
from apps.tasks.models import Comment, CommentVersion, Task
from apps.tasks.tests.assertions import snapshot
from apps.tasks.tests.factories import TaskFactory


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 201), ("admin", 201), ("member", 201), ("commenter", 201), ("viewer", 403), ("outsider", 404)],
)
def test_property_1_commenters_write_and_viewers_do_not(api, request, task, who, status):
    response = api(request.getfixturevalue(who)).post(url(task), {"body": "  Hello \n"})

    assert response.status_code == status
    assert list(Comment.objects.values_list("body", flat=True)) == (["Hello"] if status == 201 else [])


def test_c5_and_property_8_a_comment_counts_and_leaves_version_and_updated_at(api, commenter, task):
    before = Task.objects.values("version", "updated_at").get(pk=task.pk)

    response = api(commenter).post(url(task), {"body": "Hello"})

    assert response["ETag"].startswith('"1.')
    comment = Comment.objects.get()
    assert response.json()["id"] == comment.pk
    assert api(commenter).get(f"/api/tasks/{task.pk}/").json()["comments_count"] == 1
    client = api(commenter)
    client.patch(url(task, comment), {"body": "Other"})
    client.delete(url(task, comment, "history", 1))
    client.delete(url(task, comment))
    assert api(commenter).get(f"/api/tasks/{task.pk}/").json()["comments_count"] == 0
    assert Task.objects.values("version", "updated_at").get(pk=task.pk) == before


def test_c7_events_hold_ids_and_never_the_text(api, member, task):
    comment = comment_on(task, member, "secrettext")
    api(member).patch(url(task, comment), {"body": "secrettext again"})

    assert events(task) == [("comment.created", "commented", {}), ("comment.updated", "comment_edited", {})]
    assert tables_with("secrettext") == ["tasks_comment", "tasks_commentversion"]
    entry = api(member).get(f"/api/tasks/{task.pk}/activity/").json()["results"][0]
    assert (entry["verb"], entry["task"], entry["task_key"]) == ("comment_edited", task.pk, "WEB-1")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ({"body": ""}, "blank"),
        ({"body": " \n\t "}, "blank"),
        ({"body": None}, "null"),
        ({"body": 5}, "invalid"),
        ({"body": ["x"]}, "invalid"),
        ({"body": "x" * 20_001}, "max_length"),
        ({"body": "x", "author": 1, "text": "y"}, "unknown_field"),
    ],
)
def test_bad_texts_are_rejected_and_leave_nothing(api, member, task, body, code):
    before = snapshot()

    response = api(member).post(url(task), body)

    assert response.status_code == 400
    assert code in {error["code"] for error in response.json()["errors"]}
    assert (snapshot(), Comment.objects.count()) == (before, 0)


def test_the_text_is_written_as_sent_and_may_have_20_000_characters(api, member, task):
    text = "<b>é</b>\r\n&amp; \u200b" + "ü" * 19_900

    assert api(member).post(url(task), {"body": f"\n {text} \t"}).json()["body"] == text
    assert api(member).post(url(task), {"body": f"  {'x' * 20_000}  "}).status_code == 201


def test_read_only_fields_that_come_back_are_ignored(api, member, task):
    shown = api(member).post(url(task), {"body": "Hello"}).json()

    again = api(member).patch(url(task, shown["id"]), shown | {"version": 7, "is_deleted": True})

    assert again.status_code == 200
    assert again.json() == shown


def test_c2_an_edit_keeps_the_former_text_as_version_n(api, member, task):
    comment = comment_on(task, member, "one")

    shown = api(member).patch(url(task, comment), {"body": " two "})
    api(member).patch(url(task, comment), {"body": "three"})

    assert (shown.json()["body"], shown.json()["version"], shown.json()["edits_count"]) == ("two", 2, 1)
    assert shown.json()["edited_at"] is not None
    assert list(CommentVersion.objects.order_by("number").values_list("number", "body")) == [(1, "one"), (2, "two")]
    assert CommentVersion.objects.get(number=2).written_at.isoformat()[:19] == shown.json()["edited_at"][:19]


@pytest.mark.parametrize("body", [{"body": " one\n"}, {}])
def test_c2_the_same_text_is_a_200_that_writes_nothing(api, member, task, body):
    comment = comment_on(task, member, "one")
    before = (snapshot(), list(Comment.objects.values()))

    response = api(member).patch(url(task, comment), body)

    assert (response.status_code, response.json()["version"]) == (200, 1)
    assert (snapshot(), list(Comment.objects.values())) == before
    assert not CommentVersion.objects.exists()


@pytest.mark.parametrize("who", ["owner", "admin", "member", "superuser"])
def test_c1_and_property_2_only_the_author_edits(api, request, project, commenter, task, who):
    comment = comment_on(task, commenter)
    if who == "superuser":
        person = request.getfixturevalue("member")
        person.is_staff = person.is_superuser = True
        person.save()
    else:
        person = request.getfixturevalue(who)

    response = api(person).patch(url(task, comment), {"body": "", "x": 1})

    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")
    assert Comment.objects.get().body == "Hello"


def test_an_author_who_is_a_viewer_by_now_neither_edits_nor_deletes(api, project, commenter, task):
    comment = comment_on(task, commenter)
    project.memberships.filter(user=commenter).update(role="viewer")

    assert api(commenter).patch(url(task, comment), {"body": "x"}).status_code == 403
    assert api(commenter).delete(url(task, comment)).status_code == 403


def test_put_is_not_a_method(api, member, task):
    comment = comment_on(task, member)

    assert api(member).put(url(task, comment), {"body": "x"}).status_code == 405


def test_an_edit_of_another_version_is_a_412_with_the_present_tag(api, member, task):
    comment = comment_on(task, member)
    tag = api(member).get(url(task, comment))["ETag"]
    now = api(member).patch(url(task, comment), {"body": "x"}, headers={"If-Match": tag})["ETag"]

    late = api(member).patch(url(task, comment), {"body": "y"}, headers={"If-Match": tag})

    assert (late.status_code, late["ETag"]) == (412, now)
    assert Comment.objects.get().body == "x"


def test_c6_an_archived_project_takes_no_writes_and_an_archived_task_takes_comments(api, member, project, task):
    comment = comment_on(task, member)
    api(member).patch(url(task, comment), {"body": "two"})
    Task.objects.filter(pk=task.pk).update(archived_at=timezone.now())
    assert api(member).post(url(task), {"body": "x"}).status_code == 201
    Project.objects.filter(pk=project.pk).update(archived_at=timezone.now())
    before = snapshot()
    client = api(member)

    for response in (
        client.post(url(task), {"body": "x"}),
        client.patch(url(task, comment), {"body": "y"}),
        client.patch(url(task, comment), {"body": "two"}),
        client.delete(url(task, comment)),
        client.delete(url(task, comment, "history", 1)),
    ):
        assert (response.status_code, response.json()["code"]) == (409, "project_archived")
    assert snapshot() == before
    assert client.get(url(task)).status_code == 200


def test_a_repeated_request_makes_one_comment(api, member, task):
    headers = {"Idempotency-Key": "one"}

    first = api(member).post(url(task), {"body": "Hello"}, headers=headers)
    second = api(member).post(url(task), {"body": "Hello"}, headers=headers)

    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert Comment.objects.count() == 1


def test_comments_move_with_their_task(api, owner, project, task):
    comment = comment_on(task, owner)
    target = TaskFactory(project__owner=owner).project

    assert api(owner).patch(f"/api/tasks/{task.pk}/", {"project": target.pk}).status_code == 200

    comment.refresh_from_db()
    assert comment.project_id == target.pk
    assert api(owner).get(url(task)).json()["results"][0]["id"] == comment.pk


def test_ids_of_any_size_are_served_by_the_same_statements(owner, project):
    texts = ["%INSERT INTO tasks_comment%INSERT INTO projects_activity%", "%INSERT INTO notifications_%"]

    def prepared() -> set[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, statement FROM pg_prepared_statements WHERE statement LIKE ANY(%s)", [texts])
            return set(cursor.fetchall())

    before = prepared()
    for size in (7, 70_000, 2**33):
        create_comment(actor=owner, task=TaskFactory(pk=size, project=project), body="Seen")

    new = [statement for _, statement in prepared() - before]
    assert len(new) == len(set(new)), new
    assert len(prepared()) >= len(texts)
