"""Comments written at the same instant, each on a connection of its own."""

from __future__ import annotations

import pytest

from apps.common.tests.races import at_once, statuses
from apps.projects.models import Activity
from apps.tasks.comments.tests.comment_helpers import comment_on, url
from apps.tasks.models import Comment, CommentVersion, Task

pytestmark = pytest.mark.django_db(transaction=True)


def test_c5_twenty_parallel_comments_and_deletions_are_counted(api, member, task):
    old = [comment_on(task, member, f"{number}") for number in range(6)]
    clients = [api(member) for _ in range(10)]
    writers = [lambda c=c: c.post(url(task), {"body": "x"}) for c in clients]
    removers = [
        lambda c=c, o=o: c.delete(url(task, o)) for c, o in zip([*clients, *clients], [*old, *old], strict=False)
    ]

    assert statuses(at_once(*writers, *removers)) == [201] * 10 + [204] * 12

    task.refresh_from_db()
    left = Comment.objects.filter(deleted_at=None).count()
    print(f"10 comments and 12 deletions of 6 at once: counted {task.comments_count}, there are {left}")
    assert task.comments_count == left == 10
    assert Activity.objects.filter(type="comment.deleted").count() == 6
    assert Task.objects.get().version == 1


def test_property_3_eight_edits_at_once_leave_versions_in_order(api, member, task):
    comment = comment_on(task, member, "start")

    clients = [api(member) for _ in range(8)]

    calls = [lambda c=c, n=n: c.patch(url(task, comment), {"body": f"text {n}"}) for n, c in enumerate(clients)]
    assert statuses(at_once(*calls)) == [200] * 8

    comment.refresh_from_db()
    former = list(CommentVersion.objects.order_by("number").values_list("number", "body"))
    print(f"8 edits at once: version {comment.version}, former texts {len(former)}")
    assert [number for number, _ in former] == list(range(1, 9))
    assert former[0][1] == "start"
    assert {body for _, body in former[1:]} | {comment.body} == {f"text {n}" for n in range(8)}


def test_of_eight_edits_with_the_same_tag_one_wins(api, member, task):
    comment = comment_on(task, member)
    tag = api(member).get(url(task, comment))["ETag"]

    clients = [api(member) for _ in range(8)]

    calls = [
        lambda c=c, n=n: c.patch(url(task, comment), {"body": f"{n}"}, headers={"If-Match": tag})
        for n, c in enumerate(clients)
    ]
    assert statuses(at_once(*calls)) == [200] + [412] * 7
