"""GET /api/projects/{id}/activity/."""

from __future__ import annotations

import pytest

from apps.common.dates.instants import utc
from apps.projects import services
from apps.projects.events import EventType
from apps.projects.services import Event


def url(project):
    return f"/api/projects/{project.pk}/activity/"


@pytest.fixture
def entry(project, owner):
    event = Event(type=EventType.PROJECT_UPDATED, object_id=project.pk, changes={"name": ("Old", "Website")})
    return services.record_event(project.pk, event, actor_id=owner.pk)


def test_the_history_says_who_changed_what_newest_first(api, project, owner, viewer, entry):
    later = services.record_event(project.pk, Event(type=EventType.PROJECT_ARCHIVED), actor_id=None)

    results = api(viewer).get(url(project)).json()["results"]

    assert [row["id"] for row in results] == [later.pk, entry.pk]
    assert results[0]["actor"] is None
    assert results[1] == {
        "id": entry.pk,
        "actor": {"id": owner.pk, "username": "owner", "nickname": "", "avatar": None},
        "verb": "updated",
        "task": None,
        "task_key": "",
        "changes": {"name": {"from": "Old", "to": "Website"}},
        "created_at": utc(entry.created_at),
        "seq": 1,
        "type": "project.updated",
        "origin": "job",
        "token": None,
        "batch_id": None,
    }


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 200), ("viewer", 200), ("outsider", 404), ("staff", 404)],
)
def test_only_members_read_the_history(api, project, request, who, status):
    assert api(request.getfixturevalue(who)).get(url(project)).status_code == status


def test_a_method_that_the_route_lacks_is_a_405_for_members_and_a_404_for_outsiders(api, project, viewer, outsider):
    assert api(viewer).post(url(project), {}).status_code == 405
    assert api(outsider).post(url(project), {}).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_history(
    api, project, viewer, owner, entry, django_assert_num_queries
):
    client = api(viewer)
    for number in range(20):
        event = Event(type=EventType.PROJECT_UPDATED, changes={"name": (number, number + 1)})
        services.record_event(project.pk, event, actor_id=owner.pk)

    with django_assert_num_queries(3):  # the caller, the project with the role, the page
        assert len(client.get(url(project)).json()["results"]) == 21


def test_a_verb_that_is_not_listed_is_not_recorded(project, owner):
    with pytest.raises(ValueError, match="no verb of the history"):
        services.record_event(project.pk, Event(type=EventType.PROJECT_UPDATED, verb="painted"), actor_id=owner.pk)
