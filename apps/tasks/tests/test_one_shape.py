"""What PostgreSQL writes is what the serializer says, for every field and every null."""

import json
from datetime import UTC, datetime

import pytest
from rest_framework.renderers import JSONRenderer

from apps.projects.tests.factories import MembershipFactory
from apps.tasks.models import Priority, Status, Task
from apps.tasks.serializers import TaskDetailSerializer, TaskSerializer
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db

NASTY = 'quote " backslash \\ slash / 100% %s \u2028 \U0001f600 \u00e9 </script> \t \x7f'
FILLED = {
    "title": NASTY,
    "description": f"{NASTY}\n{{}}[]\r\n",
    "status": Status.DONE,
    "priority": Priority.URGENT,
    "due_date": datetime(2031, 3, 30, 1, 59, 59, 999_999, tzinfo=UTC),
    "duration": 2**31 - 1,
    "metadata": {"b": [1, 2.5, None, True, {"x": NASTY}], "a": "", "ü": -0.1, "big": 2**60},
    "completed_at": datetime(1, 1, 1, tzinfo=UTC),
    "archived_at": datetime(9999, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
    "attachments_count": 7,
    "comments_count": 3,
    "version": 2**40,
    "external_source": "jira",
    "external_id": NASTY,
}
EMPTY = {"title": "x", "created_by": None}


def through_serializer(task):
    return json.loads(JSONRenderer().render(TaskSerializer(Task.objects.get(pk=task.pk)).data))


@pytest.mark.parametrize("fields", [FILLED, EMPTY], ids=["everything", "nothing"])
@pytest.mark.parametrize("avatar", ["", "avatars/random.webp"])
def test_a_task_reads_the_same_from_both(api, project, owner, fields, avatar):
    person = MembershipFactory(project=project, user__nickname=NASTY, user__avatar=avatar).user
    people = {"assigned_to": person, "created_by": person} if fields is FILLED else {}
    task = TaskFactory(project=project, **fields, **people)

    shown = api(owner).get(f"/api/tasks/{task.pk}/").json()

    common = {name: shown[name] for name in TaskSerializer().fields}
    assert common == through_serializer(task)
    elsewhere = {"source": "jira", "id": NASTY}
    assert shown["external"] == (elsewhere if fields is FILLED else None)
    optional = TaskDetailSerializer.Meta.optional
    assert list(shown) == [name for name in TaskDetailSerializer().fields if name not in optional]


def test_a_list_shows_a_task_as_its_own_page_does(api, project, owner):
    task = TaskFactory(project=project, description=NASTY)

    [row] = api(owner).get("/api/tasks/").json()["results"]

    alone = api(owner).get(f"/api/tasks/{task.pk}/").json()
    assert row == {name: alone[name] for name in TaskSerializer().fields}
