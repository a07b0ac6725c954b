"""The words of a task: kept by the database on every write, and filled once for the tasks of the former version."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import pytest
from django.db import connection

from apps.tasks.models import Task
from apps.tasks.search import Search, search_tasks
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def found(text: str) -> list[int]:
    return sorted(search_tasks(Task.objects.all(), Search.parse(text)).values_list("pk", flat=True))


def versions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid::text FROM tasks_task ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_every_way_to_write_a_text_keeps_its_words(project):
    task = TaskFactory(project=project, title="first", description="")
    task.title = "second/third"
    task.save(update_fields=["title"])
    assert (found("first"), found("third")) == ([], [task.pk])

    Task.objects.filter(pk=task.pk).update(description="設計書")
    assert found("third 設計") == [task.pk]

    task.refresh_from_db()
    task.status = "review"
    task.save()
    assert found("third 設計") == [task.pk]
    [other] = Task.objects.bulk_create([Task(project=project, number=77, title="by/bulk")])
    assert found("bulk") == [other.pk]


def test_no_row_carries_its_words(project):
    TaskFactory(project=project)

    assert "search" not in vars(Task.objects.get())
    assert "search" not in str(Task.objects.all().query)


def test_tasks_of_the_former_version_are_filled_and_the_others_left_alone(project):
    old = TaskFactory(project=project, title="Frontend/Backend")
    emoji = TaskFactory(project=project, title="🚀")
    new = TaskFactory(project=project, title="設計書のレビュー")
    with connection.cursor() as cursor:  # as PostgreSQL's own parser generated them
        cursor.execute("UPDATE tasks_task SET search = to_tsvector('simple', title) WHERE id <> %s", [new.pk])
    before = versions()
    assert (found("backend"), found("🚀"), found("レビュー")) == ([], [], [new.pk])
    migration = importlib.import_module("apps.tasks.migrations.0008_fill_words")

    migration.fill(None, SimpleNamespace(connection=connection))
    after = versions()
    migration.fill(None, SimpleNamespace(connection=connection))

    assert (found("backend"), found("🚀"), found("レビュー")) == ([old.pk], [emoji.pk], [new.pk])
    assert [first == second for first, second in zip(before, after, strict=True)] == [False, False, True]
    assert versions() == after
