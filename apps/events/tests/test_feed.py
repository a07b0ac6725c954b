"""GET /api/projects/{id}/events/."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from cloudevents.core.formats.json import JSONFormat

from apps.common.dates.instants import utc
from apps.projects import services
from apps.projects.events import EventType
from apps.projects.models import Activity
from apps.projects.services import Event

BATCH = "application/cloudevents-batch+json"


def url(project, query=""):
    return f"/api/projects/{project.pk}/events/{query}"


def record(project, count=1, *, event_type=EventType.PROJECT_UPDATED, actor_id=None):
    return services.record_events(project.pk, [Event(type=event_type, object_id=project.pk)] * count, actor_id=actor_id)


def numbers(response):
    return [event["data"]["seq"] for event in response.json()]


def test_fe1_an_event_is_a_cloud_event_for_the_cloudevents_library(api, project, owner, viewer, task):
    changes = {"status": ("todo", "done")}
    done = Event(type=EventType.TASK_UPDATED, task_id=task.pk, task_key="WEB-1", version=2, changes=changes)
    (row,) = services.record_events(project.pk, [done], actor_id=owner.pk)

    response = api(viewer).get(url(project))

    assert response["Content-Type"] == BATCH
    assert "Link" not in response
    (event,) = [JSONFormat().read(None, json.dumps(one)) for one in response.json()]
    assert event.get_attributes() == {
        "specversion": "1.0",
        "id": str(row.event_id),
        "source": f"/projects/{project.pk}",
        "type": "task.updated",
        "subject": f"task/{task.pk}",
        "time": row.created_at,
        "datacontenttype": "application/json",
        "sequence": "00000000000000000001",
    }
    assert response.json()[0]["time"] == utc(row.created_at)
    data = event.get_data()
    assert data["object"] == {"type": "task", "id": task.pk, "key": "WEB-1", "version": 2}
    assert data["changes"] == {"status": {"from": "todo", "to": "done"}}
    assert data["actor"]["username"] == "owner"


def test_fe1_an_event_about_several_objects_has_no_subject(api, project, viewer):
    several = Event(type=EventType.TASK_REORDERED, object_ids=[4, 5])
    services.record_events(project.pk, [several], actor_id=None)

    (event,) = api(viewer).get(url(project)).json()

    assert "subject" not in event
    assert JSONFormat().read(None, json.dumps(event)).get_type() == "task.reordered"
    assert event["data"]["object_ids"] == [4, 5]


@pytest.mark.parametrize(
    ("accept", "status", "answered"),
    [
        ("*/*", 200, BATCH),
        (BATCH, 200, BATCH),
        ("application/json", 200, "application/json"),
        (f"application/json, {BATCH}", 200, BATCH),
        ("text/csv", 406, "application/problem+json"),
    ],
)
def test_fe1_a_client_that_takes_json_only_gets_json(api, project, viewer, accept, status, answered):
    response = api(viewer).get(url(project), headers={"Accept": accept})

    assert (response.status_code, response["Content-Type"]) == (status, answered)


def test_fe1_fe2_links_lead_through_the_log_without_a_gap(api, project, viewer):
    record(project, 5)
    client, address, read = api(viewer), url(project, "?limit=2"), []

    while address:
        response = client.get(address)
        read += numbers(response)
        address = response["Link"].partition(">")[0][1:] if "Link" in response else None

    assert read == [1, 2, 3, 4, 5]
    assert numbers(client.get(url(project, "?after=5"))) == []
    record(project)
    assert numbers(client.get(url(project, "?after=5"))) == [6]


def test_fe2_types_narrow_and_stay_in_the_links(api, project, viewer):
    for event_type in (EventType.PROJECT_UPDATED, EventType.PROJECT_ARCHIVED, EventType.PROJECT_UNARCHIVED) * 2:
        record(project, event_type=event_type)
    client = api(viewer)

    first = client.get(url(project, "?types=project.archived&types=project.unarchived&limit=2"))
    link = first["Link"]
    second = client.get(link.partition(">")[0][1:])

    assert link.endswith('; rel="next"')
    assert (numbers(first), numbers(second)) == ([2, 3], [5, 6])


def test_fe2_a_reader_behind_the_retained_log_is_sent_to_the_oldest_event(api, project, viewer, settings):
    settings.ACTIVITY_RETENTION_DAYS = 30
    record(project, 4)
    old = Activity.objects.order_by("seq")[:2].values("pk")
    Activity.objects.filter(pk__in=old).update(created_at=Activity.objects.get(seq=1).created_at - timedelta(days=31))
    services.purge_activity(now=Activity.objects.get(seq=4).created_at)
    client = api(viewer)

    expired = client.get(url(project, "?after=1"))

    assert (expired.status_code, expired.json()["code"], expired.json()["oldest"]) == (410, "events_expired", 3)
    assert client.get(url(project, "?after=1&types=task.created")).status_code == 410
    assert numbers(client.get(url(project, "?after=2"))) == [3, 4]


def test_fe2_a_number_from_before_a_restore_is_expired(api, project, viewer):
    record(project, 2)

    assert numbers(api(viewer).get(url(project, "?after=2"))) == []
    response = api(viewer).get(url(project, "?after=3"))
    assert (response.status_code, response.json()["oldest"]) == (410, 1)


def test_e8_events_behind_one_that_a_sink_has_not_received_are_kept_too(api, project, viewer, settings):
    settings.ACTIVITY_RETENTION_DAYS = 30
    record(project, 4)
    Activity.objects.filter(seq=2).update(published_at=None)
    newest = Activity.objects.get(seq=4).created_at

    services.purge_activity(now=newest + timedelta(days=31))

    assert numbers(api(viewer).get(url(project, "?after=1"))) == [2, 3, 4]


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("?after=-1", "/after", "invalid"),
        ("?after=x", "/after", "invalid"),
        ("?after=9223372036854775808", "/after", "invalid"),
        ("?limit=0", "/limit", "invalid"),
        ("?limit=501", "/limit", "invalid"),
        ("?types=task.painted", "/types", "invalid_choice"),
        ("?types=", "/types", "invalid_choice"),
        ("?page_size=3", "/page_size", "unknown_parameter"),
    ],
)
def test_fe1_a_bad_parameter_is_rejected(api, project, viewer, query, pointer, code):
    response = api(viewer).get(url(project, query))

    assert response.status_code == 400
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [(pointer, code)]


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("commenter", 200), ("viewer", 200), ("outsider", 404), ("staff", 404)],
)
def test_fe1_members_of_every_role_read_the_events(api, project, request, who, status):
    assert api(request.getfixturevalue(who)).get(url(project)).status_code == status


def test_fe1_the_number_of_queries_does_not_grow_with_the_log(api, project, owner, viewer, django_assert_num_queries):
    record(project, 20, actor_id=owner.pk)
    client = api(viewer)

    with django_assert_num_queries(5):  # the caller, the project with the role, the page, the oldest, the people
        assert len(numbers(client.get(url(project)))) == 20
