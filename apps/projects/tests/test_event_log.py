"""The event log (contract E): one table that history, sync, webhooks and undo read."""

from __future__ import annotations

import importlib
from datetime import timedelta

import pytest
from django.apps import apps as django_apps
from django.db import connection
from django.utils import timezone

from apps.common.origin import Origin, acting_through
from apps.projects import jobs, services
from apps.projects.events import EventType
from apps.projects.models import Activity, Project
from apps.projects.services import Event
from apps.projects.tests.factories import ProjectFactory
from apps.tasks import services as task_services
from apps.tasks.models import Task

pytestmark = pytest.mark.django_db


def log(project):
    return list(Activity.objects.filter(project=project).order_by("seq"))


def test_e1_one_act_on_one_object_is_one_event_however_many_fields_change(project, owner, task):
    changes = {"title": "New", "status": "review", "priority": "high", "description": "x", "duration": 5}
    task_services.update_task(actor=owner, task=task, changes=changes)

    [event] = log(project)
    assert event.type == "task.updated"
    assert event.changes.keys() == changes.keys()
    assert (event.object_type, event.object_id, event.version) == ("task", task.pk, 2)


def test_e1_a_change_that_changes_nothing_writes_no_event(project, owner, task):
    task_services.update_task(actor=owner, task=task, changes={"title": task.title})

    assert log(project) == []


@pytest.mark.django_db(transaction=True)
def test_e1_a_change_that_is_rolled_back_leaves_no_event_and_no_gap(project, owner, task, monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("apps.tasks.services.edits.notify_event", fail)
    with pytest.raises(ZeroDivisionError):
        task_services.update_task(actor=owner, task=task, changes={"title": "New"})
    monkeypatch.undo()
    task_services.update_task(actor=owner, task=task, changes={"title": "Newer"})

    assert [event.seq for event in log(project)] == [1]


def test_e2_numbers_count_from_one_per_project_without_gaps(owner, project, task):
    other = ProjectFactory(owner=owner)
    for number in range(5):
        task_services.update_task(actor=owner, task=task, changes={"duration": number})
        services.update_project(actor=owner, project_id=other.pk, changes={"name": f"Name {number}"})

    assert [event.seq for event in log(project)] == [1, 2, 3, 4, 5]
    assert [event.seq for event in log(other)] == [1, 2, 3, 4, 5]
    assert Project.objects.get(pk=project.pk).last_seq == 5


def test_e4_a_move_is_two_events_each_with_its_own_side_and_one_batch(owner, project, task):
    other = ProjectFactory(owner=owner, key="OPS")
    task_services.update_task(actor=owner, task=task, changes={"project": other.pk})

    [left], [came] = log(project), log(other)
    assert (left.type, came.type) == ("task.moved_out", "task.moved_in")
    assert left.changes == {"project": {"from": project.pk, "to": None}, "key": {"from": "WEB-1", "to": None}}
    assert came.changes == {"project": {"from": None, "to": other.pk}, "key": {"from": None, "to": "OPS-1"}}
    assert left.batch_id == came.batch_id
    assert left.batch_id.version == 7
    assert left.event_id != came.event_id


def test_e4_identifiers_are_uuids_of_version_7_in_the_order_of_time(owner, project, task):
    for number in range(3):
        task_services.update_task(actor=owner, task=task, changes={"duration": number})

    events = log(project)
    assert {event.event_id.version for event in events} == {7}
    assert {event.event_id.variant for event in events} == {"specified in RFC 4122"}
    milliseconds = [event.event_id.int >> 80 for event in events]
    assert milliseconds == sorted(milliseconds)
    assert [event.created_at for event in events] == sorted(event.created_at for event in events)


@pytest.mark.parametrize("origin", list(Origin))
def test_e5_an_event_says_through_which_door_it_came(owner, project, task, origin):
    with acting_through(origin, token_id=7 if origin is Origin.TOKEN else None):
        task_services.update_task(actor=owner, task=task, changes={"title": "New"})

    [event] = log(project)
    assert (event.origin, event.token_id) == (origin.value, 7 if origin is Origin.TOKEN else None)


def test_e5_the_api_and_the_admin_set_their_door_and_a_job_has_none(api, owner, project, task, client, staff):
    api(owner).patch(f"/api/tasks/{task.pk}/", {"title": "By the API"})
    services.update_project(actor=owner, project_id=project.pk, changes={"name": "By a job"})

    assert [event.origin for event in log(project)] == ["api", "job"]


def test_e6_changes_hold_values_instants_and_ids_of_people_and_never_the_text_of_a_comment(
    api, owner, member, project, task
):
    client, secret = api(owner), "only for those who read comments"
    body = {"assigned_to": member.pk, "due_date": "2027-01-02T03:04:05Z", "priority": "high", "duration": 30}
    assert client.patch(f"/api/tasks/{task.pk}/", body).status_code == 200
    comment = client.post(f"/api/tasks/{task.pk}/comments/", {"body": secret}).json()
    of_comment = f"/api/tasks/{task.pk}/comments/{comment['id']}/"
    client.patch(of_comment, {"body": f"{secret}, edited"})
    client.delete(of_comment)

    updated, *of_comments = log(project)
    assert updated.changes == {
        "assigned_to": {"from": None, "to": member.pk},
        "due_date": {"from": None, "to": "2027-01-02T03:04:05Z"},
        "priority": {"from": "medium", "to": "high"},
        "duration": {"from": None, "to": 30},
    }
    assert [(event.type, event.changes) for event in of_comments] == [
        ("comment.created", {}),
        ("comment.updated", {}),
        ("comment.deleted", {}),
    ]


def test_e7_history_lists_number_type_origin_and_batch_and_leaves_reorders_out(api, owner, project):
    services.record_events(
        project.pk,
        [
            Event(type=EventType.TASK_REORDERED, object_ids=[1, 2]),
            Event(type=EventType.TASK_PURGED, task_id=3),
            Event(type=EventType.TASK_UNASSIGNED, object_ids=[1, 2]),
        ],
        actor_id=owner.pk,
    )

    [row] = api(owner).get(f"/api/projects/{project.pk}/activity/").json()["results"]
    assert (row["seq"], row["type"], row["verb"]) == (3, "task.unassigned", "tasks_unassigned")
    assert log(project)[0].object_ids == [1, 2]


def test_e8_the_purge_keeps_the_newest_event_and_what_no_sink_was_given(project, settings):
    settings.ACTIVITY_RETENTION_DAYS = 10
    services.record_events(project.pk, [Event(type=EventType.PROJECT_UPDATED)] * 4, actor_id=None)
    Activity.objects.update(created_at=timezone.now() - timedelta(days=11))
    Activity.objects.filter(seq=2).update(published_at=None)

    jobs.purge_activity()

    assert [event.seq for event in log(project)] == [2, 3, 4]  # what is kept has no gap


def test_m2_rows_of_the_former_version_get_number_type_and_identifier_from_a_trigger(project, owner, task):
    with connection.cursor() as cursor:
        for verb, task_id in (("updated", None), ("status_changed", task.pk), ("attachment_added", task.pk)):
            cursor.execute(
                "INSERT INTO projects_activity (project_id, task_id, task_key, actor_id, verb, changes, request_id, "
                "created_at) VALUES (%s, %s, '', %s, %s, '{}', '', now())",
                [project.pk, task_id, owner.pk, verb],
            )
    services.record_event(project.pk, Event(type=EventType.PROJECT_ARCHIVED), actor_id=None)

    events = log(project)
    assert [event.seq for event in events] == [1, 2, 3, 4]
    assert [event.type for event in events[:3]] == ["project.updated", "task.updated", "attachment.created"]
    assert [event.object_id for event in events[:3]] == [project.pk, task.pk, None]
    assert {event.origin for event in events[:3]} == {"api"}
    assert all(event.published_at for event in events)


def test_m2_the_backfill_numbers_what_was_there_by_time_and_goes_on_where_it_stopped(project, owner):
    migration = importlib.import_module("apps.projects.migrations.0004_number_events")
    now = timezone.now()
    for age in (5, 3, 4):
        Activity.objects.create(project=project, verb="updated", created_at=now - timedelta(days=age))
    Activity.objects.create(project=project, verb="member_added", changes={"member": {"from": None, "to": owner.pk}})
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, column in (("projects_activity", "seq"), ("projects_activity", "event_id")):
            cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL")
        cursor.execute("ALTER TABLE projects_project ALTER COLUMN last_seq DROP NOT NULL")
        cursor.execute("UPDATE projects_activity SET seq = NULL, event_id = NULL, type = '', published_at = NULL")
        cursor.execute("UPDATE projects_project SET last_seq = NULL")

    migration.number(django_apps, None)
    migration.number(django_apps, None)

    events = log(project)
    assert [event.seq for event in events] == [1, 2, 3, 4]
    assert [event.created_at for event in events] == sorted(event.created_at for event in events)
    assert (events[3].type, events[3].object_id) == ("member.added", owner.pk)
    assert Project.objects.get(pk=project.pk).last_seq == 4


def test_every_type_of_the_contract_is_known_and_every_event_in_the_log_has_one(owner, project):
    assert len(EventType) == 41
    task = task_services.create_task(actor=owner, title="A", project=project.pk)
    task_services.delete_task(actor=owner, task=Task.objects.get(pk=task.pk))
    assert {event.type for event in log(project)} <= set(EventType)
