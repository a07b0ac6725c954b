"""The `data` of events, as the feed, the relay and webhooks send it."""

from __future__ import annotations

from apps.projects import services
from apps.projects.event_data import event_data
from apps.projects.events import EventType
from apps.projects.models import Activity
from apps.projects.services import Event


def test_fe1_the_data_says_who_changed_what_in_which_project(project, owner, django_assert_num_queries):
    done = Event(
        type=EventType.TASK_UPDATED,
        task_id=42,
        task_key="WEB-12",
        version=8,
        changes={"status": ("todo", "done")},
    )
    many = Event(type=EventType.TASK_REORDERED, object_ids=[1, 2])
    services.record_events(project.pk, [done], actor_id=owner.pk)
    services.record_events(
        project.pk, [many, Event(type=EventType.PROJECT_UPDATED, object_id=project.pk)], actor_id=None
    )
    events = list(Activity.objects.filter(project=project).order_by("seq"))

    with django_assert_num_queries(1):
        first, second, third = event_data(events, project_keys={project.pk: "WEB"})

    assert first == {
        "project": {"id": project.pk, "key": "WEB"},
        "seq": 1,
        "batch_id": None,
        "actor": {"id": owner.pk, "username": "owner", "nickname": "", "avatar": None},
        "origin": "job",
        "object": {"type": "task", "id": 42, "key": "WEB-12", "version": 8},
        "object_ids": None,
        "changes": {"status": {"from": "todo", "to": "done"}},
        "left_filter": False,
        "truncated": False,
    }
    assert second["object"] == {"type": "task", "id": None, "key": None, "version": None}
    assert (second["actor"], second["object_ids"]) == (None, [1, 2])
    assert third["object"]["key"] == "WEB"
