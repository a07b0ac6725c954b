"""Random bulk changes: done together as one by one, tried out as done, and undone (contract BU1, BU4, BU9)."""

from __future__ import annotations

import dataclasses
import json
import os

import pytest
from django.db import transaction

from apps.batches.models import Mode
from apps.common.errors import UnprocessableError
from apps.projects.models import Activity, Project
from apps.tasks.bulk import grouping
from apps.tasks.bulk.running import change_tasks
from apps.tasks.bulk.tests.world import build_world, with_random_changes
from apps.tasks.bulk.undoing import undo_batch
from apps.tasks.models import Task, TaskLabel

pytestmark = pytest.mark.django_db
MANY = int(os.environ.get("BULK_BATCHES") or 100)  # BULK_BATCHES=500 tries as many, when somebody has the time
NUMBERS = pytest.mark.parametrize("examples", [12, pytest.param(MANY, marks=pytest.mark.slow)])
REJECTING = {"blocked_done": "reject", "on_parent_done": "complete"}


def outcome(world, change, *, dry_run=False):
    """Return what the change answers, a rejection included, without the batch's id."""
    options = dataclasses.replace(change.options, dry_run=dry_run)
    try:
        with transaction.atomic():
            answer = change_tasks(actor=world.actor, ids=change.ids, order=change.order, options=options).as_json()
    except UnprocessableError as error:
        answer = error.extra
    return {"counts": answer["counts"], "results": without_label_ids(answer["results"])}


def without_label_ids(rows):
    """Return changes without the ids of labels: those that a move creates have others each time."""
    return json.loads(json.dumps(rows, default=str), object_hook=_named_by_name)


def _named_by_name(value):
    return value["name"] if value.keys() == {"id", "name"} else value


def stored():
    """Return tasks, labels, counts and events, without instants and ids of acts."""
    fields = ("pk", "project_id", "number", "title", "status", "priority", "assigned_to_id", "due_date", "due_on")
    more = ("duration", "parent_id", "version", "subtasks_total", "subtasks_done")
    states = ("trash_id", "archived_at", "completed_at")
    counts = ("pk", "tasks_count", "open_tasks_count", "last_task_number")
    told = ("project_id", "seq", "type", "verb", "task_id", "task_key", "version", "changes")
    tasks = Task.objects.order_by("pk").values_list(*fields, *more, *states)
    return (
        [(*row[: -len(states)], *(value is None for value in row[-len(states) :])) for row in tasks],
        sorted(TaskLabel.objects.values_list("task_id", "label__name")),
        list(Project.objects.order_by("pk").values_list(*counts)),
        without_label_ids(list(Activity.objects.order_by("project_id", "seq").values_list(*told))),
    )


@NUMBERS
@pytest.mark.parametrize("rules", [{}, REJECTING], ids=["lenient", "rejecting"])
def test_bu1_property_8_tasks_done_together_become_what_they_become_one_by_one(examples, rules, monkeypatch):
    world = build_world(**rules)
    as_shipped = grouping._alone

    def check(change):
        found = []
        for alone in (as_shipped, lambda tasks, order: set(tasks)):
            monkeypatch.setattr(grouping, "_alone", alone)
            with transaction.atomic():
                found.append((outcome(world, change), stored()))
                transaction.set_rollback(True)
        assert found[0] == found[1]

    with_random_changes(world, check, examples=examples)


@NUMBERS
def test_bu4_property_1_a_dry_run_answers_what_the_run_answers(examples):
    world = build_world(on_parent_done="complete")

    def check(change):
        before = stored()
        dry = outcome(world, change, dry_run=True)
        assert stored() == before
        run = outcome(world, change)
        assert without_keys_of(world.target, dry) == without_keys_of(world.target, run)

    with_random_changes(world, check, examples=examples)


def without_keys_of(target, answer):
    """Return an answer without the keys of the target of moves: those that it hands out a dry run does not say."""
    for item in answer["results"]:
        if (item["key"] or "").startswith(target.key):
            item["key"] = None
        if "key" in item["changes"]:
            item["changes"]["key"]["to"] = None
    return answer


def shown(client):
    """Return all tasks as the API shows them, but for what an undo raises: the version, and when that was."""
    tasks = {}
    for archived in ("true", "false"):
        answer = client.get(f"/api/tasks/?archived={archived}&page_size=100&ordering=created_at").json()
        tasks |= {task.pop("id"): task for task in answer["results"]}
    for task in tasks.values():
        del task["version"], task["updated_at"]
    return tasks


def different(before, after):
    """Return the fields of a task that differ, with both values."""
    return {name: (value, after[name]) for name, value in before.items() if after[name] != value}


@NUMBERS
def test_bu9_the_undo_of_a_batch_restores_what_was(examples, api):
    world = build_world(on_parent_done="complete")
    client = api(world.actor)
    before = shown(client)

    def check(change):
        report = change_tasks(actor=world.actor, ids=change.ids, order=change.order, options=change.options)
        if not any(item.result == "changed" for item in report.items):
            return
        undone = undo_batch(actor=world.actor, batch_id=report.batch.id)
        assert undone.as_json()["counts"]["failed"] == undone.as_json()["counts"]["conflict"] == 0
        after = shown(client)
        assert after.keys() == before.keys()
        assert {pk: different(before[pk], after[pk]) for pk in before if before[pk] != after[pk]} == {}

    with_random_changes(world, check, examples=examples, mode=Mode.BEST_EFFORT)
