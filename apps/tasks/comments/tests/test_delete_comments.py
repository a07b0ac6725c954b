"""DELETE of a comment and of a former version: the text is gone everywhere."""

from __future__ import annotations

import pytest

from apps.tasks.comments.services import edit_comment
from apps.tasks.comments.tests.comment_helpers import comment_on, events, tables_with, url
from apps.tasks.models import Comment, CommentVersion, Mention
from apps.tasks.tests.assertions import snapshot


@pytest.mark.parametrize(
    ("who", "status"),
    [("author", 204), ("admin", 204), ("owner", 204), ("member", 403), ("commenter", 403), ("viewer", 403)],
)
def test_the_author_or_an_admin_deletes_a_comment_and_its_versions(api, request, project, task, who, status):
    author = request.getfixturevalue("member") if who == "author" else request.getfixturevalue("outsider")
    if who != "author":
        project.memberships.create(user=author, role="member")
    comment = edit_comment(actor=author, comment=comment_on(task, author), body="two")
    client = api(author if who == "author" else request.getfixturevalue(who))

    assert client.delete(url(task, comment, "history", 1)).status_code == status
    assert client.delete(url(task, comment)).status_code == status
    assert Comment.objects.get().is_deleted == (status == 204)


def test_c3_and_property_9_a_deleted_comment_leaves_a_tombstone_and_no_text(api, member, viewer, task):
    first, last = "uniqfirsttext", "uniqlasttext @member"
    sent = api(member).post(url(task), {"body": f"{first} @viewer"}, headers={"Idempotency-Key": "k"}).json()
    later = api(member).post(url(task), {"body": "later"}).json()
    api(member).patch(url(task, sent["id"]), {"body": last})
    assert tables_with("uniqfirsttext") == ["common_idempotencyrecord", "tasks_commentversion"]

    assert api(member).delete(url(task, sent["id"])).status_code == 204

    assert tables_with("uniqfirsttext") == tables_with("uniqlasttext") == []
    assert not CommentVersion.objects.exists()
    assert not Mention.objects.filter(comment_id=sent["id"]).exists()
    rows = api(viewer).get(url(task)).json()["results"]
    assert [row["id"] for row in rows] == [sent["id"], later["id"]]
    assert (rows[0]["body"], rows[0]["is_deleted"], rows[0]["version"]) == (None, True, 3)
    assert rows[0]["author"]["id"] == member.pk
    assert api(viewer).get(url(task, sent["id"], "history")).json()["results"] == []
    again = api(member).post(url(task), {"body": f"{first} @viewer"}, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.json()["id"], again.json()["body"]) == (201, sent["id"], None)


def test_c3_a_tombstone_is_not_edited_and_deleted_again_without_effect(api, member, task):
    comment = comment_on(task, member)
    stale = api(member).get(url(task, comment))["ETag"]
    api(member).delete(url(task, comment))
    before = (snapshot(), list(Comment.objects.values()))

    edited = api(member).patch(url(task, comment), {"body": "x"})
    assert (edited.status_code, edited.json()["code"]) == (409, "comment_deleted")
    assert api(member).delete(url(task, comment)).status_code == 204
    assert api(member).delete(url(task, comment), headers={"If-Match": stale}).status_code == 412
    assert api(member).delete(url(task, comment, "history", 1)).status_code == 404
    assert (snapshot(), list(Comment.objects.values())) == before
    assert events(task)[-1] == ("comment.deleted", "comment_deleted", {})


def test_a_deletion_of_another_version_is_a_412(api, member, task):
    comment = comment_on(task, member)
    tag = api(member).get(url(task, comment))["ETag"]
    api(member).patch(url(task, comment), {"body": "x"})

    assert api(member).delete(url(task, comment), headers={"If-Match": tag}).status_code == 412
    assert api(member).get(url(task, comment)).json()["body"] == "x"


def test_c4_and_property_3_an_erased_version_has_no_text_anywhere(api, member, task):
    sent = api(member).post(url(task), {"body": "password uniqsecret"}, headers={"Idempotency-Key": "k"}).json()
    for body in ("two", "three"):
        api(member).patch(url(task, sent["id"]), {"body": body})
    before = api(member).get(url(task, sent["id"]))

    assert api(member).delete(url(task, sent["id"], "history", 1)).status_code == 204

    rows = api(member).get(url(task, sent["id"], "history")).json()["results"]
    assert [(row["number"], row["body"], row["is_erased"]) for row in rows] == [(1, None, True), (2, "two", False)]
    assert tables_with("uniqsecret") == []
    after = api(member).get(url(task, sent["id"]))
    assert (after.json(), after["ETag"]) == (before.json(), before["ETag"])
    assert events(task)[-1] == ("comment.updated", "comment_version_erased", {})


def test_c4_again_changes_nothing_and_the_present_text_is_not_erased(api, member, task):
    comment = edit_comment(actor=member, comment=comment_on(task, member), body="two")
    api(member).delete(url(task, comment, "history", 1))
    before = (snapshot(), list(CommentVersion.objects.values()))

    assert api(member).delete(url(task, comment, "history", 1)).status_code == 204
    current = api(member).delete(url(task, comment, "history", 2))
    assert (current.status_code, current.json()["code"]) == (409, "current_version")
    for unknown in (0, 3, 10**17):
        assert api(member).delete(url(task, comment, "history", unknown)).status_code == 404
    assert (snapshot(), list(CommentVersion.objects.values())) == before


@pytest.mark.parametrize("what", ["task", "project"])
def test_comments_go_with_their_task_and_project(api, owner, project, task, what, settings):
    settings.TRASH_DAYS = 0
    comment = edit_comment(actor=owner, comment=comment_on(task, owner, "@owner"), body="two")
    path = f"/api/tasks/{task.pk}/" if what == "task" else f"/api/projects/{project.pk}/"

    assert api(owner).delete(path).status_code == 204

    assert comment.pk
    assert not Comment.objects.exists()
    assert not CommentVersion.objects.exists()
    assert not Mention.objects.exists()


def test_comments_of_a_task_in_the_trash_are_hidden_and_come_back(api, owner, task):
    comment = comment_on(task, owner)
    entry = api(owner).delete(f"/api/tasks/{task.pk}/")["Location"]

    for path in (url(task), url(task, comment), url(task, comment, "history")):
        hidden = api(owner).get(path)
        assert (hidden.status_code, hidden.json()["code"]) == (404, "in_trash")
    assert api(owner).post(url(task), {"body": "x"}).json()["code"] == "in_trash"
    api(owner).post(f"{entry}restore/", {})
    assert api(owner).get(url(task)).json()["results"][0]["id"] == comment.pk
