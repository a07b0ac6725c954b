"""Deletion knows every table below a project or a task, and takes children first, in batches (rule O7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.db import connection, models
from django.test.utils import CaptureQueriesContext, isolate_apps

from apps.projects import erasure
from apps.projects.erasure import Registry, erase_below, registry
from apps.projects.erasure_checks import model_errors, registry_errors
from apps.projects.models import Activity, Project
from apps.projects.services.deletion import erase
from apps.projects.tests.factories import ProjectFactory
from apps.reports.models import Report
from apps.tasks.models import Task
from apps.tasks.services.deletion import erase_tasks
from apps.tasks.tests.factories import TaskFactory


def known() -> Registry:
    """Return a registry of its own, with the real roots."""
    made = Registry()
    for name, model in registry.roots.items():
        made.add_root(name, model)
    return made


def codes(errors):
    return [error.id for error in errors]


@isolate_apps("apps.tasks")
def test_a_model_that_refers_to_a_task_or_project_is_rejected_by_name_with_what_to_do():
    class Comment(models.Model):
        task = models.ForeignKey(Task, on_delete=models.CASCADE)
        project = models.ForeignKey(Project, on_delete=models.CASCADE)

        class Meta:
            app_label = "tasks"

    first, second = model_errors(Comment, known())

    assert (first.id, second.id) == ("erasure.E001", "erasure.E001")
    assert "tasks.Comment.project_id refers to a project" in first.msg
    assert "tasks.Comment.task_id refers to a task" in second.msg
    assert "registry.delete_with(Comment, task=['task_id'])" in second.hint


@isolate_apps("apps.tasks")
@pytest.mark.parametrize("kind", ["one to one", "other name", "plain column", "composite", "many to many"])
def test_every_way_to_refer_to_a_task_is_noticed(kind):
    options = {"app_label": "tasks"}
    fields = {
        "one to one": lambda: {"task": models.OneToOneField(Task, on_delete=models.CASCADE)},
        "other name": lambda: {"duplicate_of": models.ForeignKey(Task, on_delete=models.SET_NULL, null=True)},
        "plain column": lambda: {"task_id": models.BigIntegerField(null=True)},
        "composite": lambda: {
            "item": models.BigIntegerField(),
            "house": models.BigIntegerField(),
            "task": models.ForeignObject(
                Task, on_delete=models.CASCADE, from_fields=["item", "house"], to_fields=["id", "project"]
            ),
        },
        "many to many": lambda: {"tasks": models.ManyToManyField(Task)},
    }[kind]()
    made = type("Made", (models.Model,), {"__module__": __name__, "Meta": type("Meta", (), options), **fields})
    model = made.tasks.through if kind == "many to many" else made

    (error,) = model_errors(model, known())

    assert error.id == "erasure.E001"
    assert "refers to a task" in error.msg


@isolate_apps("apps.tasks")
def test_a_model_that_is_known_is_fine_and_one_of_two_columns_is_not_enough():
    class Relation(models.Model):
        source = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+")
        target = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+")
        project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "tasks"

    half, whole = known(), known()
    half.delete_with(Relation, project=["project_id"], task=["source_id"])
    whole.delete_with(Relation, project=["project_id"], task=["source_id", "target_id"])

    assert ["target_id" in error.msg for error in model_errors(Relation, half)] == [True]
    assert list(model_errors(Relation, whole)) == list(registry_errors(whole)) == []


@isolate_apps("apps.tasks")
def test_a_line_that_is_wrong_is_rejected():
    class Comment(models.Model):
        task = models.ForeignKey(Task, on_delete=models.CASCADE)
        project = models.ForeignKey(Project, on_delete=models.CASCADE)

        class Meta:
            app_label = "tasks"

    class Version(models.Model):
        comment = models.ForeignKey(Comment, on_delete=models.CASCADE)
        project = models.ForeignKey(Project, on_delete=models.CASCADE)

        class Meta:
            app_label = "tasks"

    lines = {
        "a column that is not there": lambda to: to.delete_with(Comment, project=["projekt_id"]),
        "a root that is none": lambda to: to.delete_with(Comment, projects=["project_id"]),
        "no such foreign key": lambda to: to.delete_with(Version, project=["project_id"], through="note"),
        "a parent that is not known": lambda to: to.delete_with(Version, project=["project_id"], through="comment"),
    }
    for name, line in lines.items():
        made = known()
        line(made)
        assert codes(registry_errors(made)) == ["erasure.E002"], name

    without_project = known()
    without_project.delete_with(Comment, task=["task_id"])
    assert codes(registry_errors(without_project)) == ["erasure.E003"]


@isolate_apps("apps.tasks")
def test_tables_that_refer_to_each_other_in_a_circle_are_rejected():
    class Chicken(models.Model):
        egg = models.ForeignKey("tasks.Egg", on_delete=models.CASCADE, related_name="+")
        project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "tasks"

    class Egg(models.Model):
        chicken = models.ForeignKey(Chicken, on_delete=models.CASCADE, related_name="+")
        project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "tasks"

    made = known()
    made.delete_with(Chicken, project=["project_id"])
    made.delete_with(Egg, project=["project_id"])

    assert codes(registry_errors(made)) == ["erasure.E004"]


def test_all_our_own_models_are_known(monkeypatch):
    assert [error for error in run_checks() if error.id.startswith("erasure.")] == []

    monkeypatch.setattr(registry, "_named", {})  # a guard of the guard

    assert {Report, Task} <= {error.obj for error in run_checks() if error.id == "erasure.E001"}


CASCADES = """
SELECT conrelid::regclass::text, attname
FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
WHERE contype = 'f' AND confdeltype = 'c' AND convalidated
"""


@pytest.mark.django_db
def test_the_database_deletes_what_is_below_a_project_or_task_too():
    """A row that comes in between the batches, or a DELETE by hand, leaves nothing behind."""
    with connection.cursor() as cursor:
        cursor.execute(CASCADES)
        cascades = set(cursor.fetchall())
    expected = {
        (model._meta.db_table, column)
        for root in registry.roots
        for model, entry in registry.entries(root).items()
        for column in entry.columns
        if not entry.why
    }

    assert expected - cascades == set()
    assert ("projects_membership", "project_id") in cascades
    assert len(expected) >= 3


def made_up_tables():
    """Make the tables of comments with versions, and of steps that form a tree; return the models."""

    class Comment(models.Model):
        task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+")
        project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "tasks"
            db_table = "made_comment"

    class Version(models.Model):
        comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "tasks"
            db_table = "made_version"

    class Step(models.Model):
        task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+")
        project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
        parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="+")

        class Meta:
            app_label = "tasks"
            db_table = "made_step"

    class Mark(models.Model):
        """A link without a key of its own."""

        pk = models.CompositePrimaryKey("task_id", "label_id")
        task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+")
        project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
        label_id = models.IntegerField()

        class Meta:
            app_label = "tasks"
            db_table = "made_mark"

    return Comment, Version, Step, Mark


@pytest.fixture
def tables(db) -> Iterator[tuple[type[models.Model], ...]]:
    with isolate_apps("apps.tasks"):
        made = made_up_tables()
        with connection.schema_editor() as editor:
            for model in made:
                editor.create_model(model)
        for model in (made[0], made[2], made[3]):  # parents first: the registry finds the order
            registry.delete_with(model, project=["project_id"], task=["task_id"])
        registry.delete_with(made[1], through="comment")
        yield made
        for model in made:
            registry.forget(model)


def fill(tables, task):
    """Put five rows of each kind below a task; the steps are a chain."""
    comment, version, step, mark = tables
    place = {"task_id": task.pk, "project_id": task.project_id}
    parent = None
    for number in range(5):
        made = comment.objects.create(**place)
        version.objects.create(comment=made)
        parent = step.objects.create(**place, parent=parent)
        mark.objects.create(**place, label_id=number)


def counts(tables):
    return [model.objects.count() for model in tables]


def deletions(queries) -> list[str]:
    """Return the tables of the DELETE statements, in their order, each once."""
    names = [query["sql"].split('"')[1] for query in queries if query["sql"].startswith("DELETE")]
    return list(dict.fromkeys(names))


@pytest.mark.parametrize("batch", [2, 5, 10_000])
def test_a_project_takes_all_tables_along_children_first(tables, batch, monkeypatch):
    monkeypatch.setattr(erasure, "BATCH", batch)
    task, other = TaskFactory(), TaskFactory()
    fill(tables, task)
    fill(tables, other)

    with CaptureQueriesContext(connection) as queries:
        erase(task.project)

    assert counts(tables) == [5, 5, 5, 5]
    assert not Project.objects.filter(pk=task.project_id).exists()
    assert Task.objects.get() == other
    order = deletions(queries)
    assert order.index("made_version") < order.index("made_comment") < order.index("tasks_task")
    assert order[-2:] == ["projects_membership", "projects_project"]


@pytest.mark.parametrize("batch", [2, 10_000])
def test_a_task_takes_what_is_below_it_and_nothing_else(tables, batch, monkeypatch):
    monkeypatch.setattr(erasure, "BATCH", batch)
    project = ProjectFactory()
    first, second, kept = TaskFactory.create_batch(3, project=project)
    for task in (first, second, kept):
        fill(tables, task)
    Activity.objects.create(project=project, verb="created", task_id=first.pk)

    with CaptureQueriesContext(connection) as queries:
        erase_tasks([first.pk, second.pk])

    assert counts(tables) == [5, 5, 5, 5]
    assert Task.objects.get() == kept
    assert Activity.objects.filter(task_id=first.pk).exists()
    assert deletions(queries)[-1] == "tasks_task"


def test_no_statement_deletes_more_than_a_batch(tables, monkeypatch):
    monkeypatch.setattr(erasure, "BATCH", 3)
    task = TaskFactory()
    fill(tables, task)
    deleted = []

    def counted(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith("DELETE"):
            deleted.append(context["cursor"].rowcount)
        return result

    with connection.execute_wrapper(counted):
        erase_below("project", [task.project_id])

    assert max(deleted) == 3
    assert sum(deleted) == 5 * 4 + 1


def test_rows_are_looked_for_once_and_not_again_for_each_batch(tables, monkeypatch):
    monkeypatch.setattr(erasure, "BATCH", 2)
    task = TaskFactory()
    fill(tables, task)

    with CaptureQueriesContext(connection) as queries:
        erase_below("project", [task.project_id])

    looks = (re.search(r'SELECT doomed\S* FROM "(\w+)" doomed', query["sql"]) for query in queries)
    found = [look[1] for look in looks if look]
    # Of the chain of five steps each look finds the one that has none below it, and the last finds nothing
    assert {name: found.count(name) for name in ("made_comment", "made_mark", "made_step")} == {
        "made_comment": 1,
        "made_mark": 1,
        "made_step": 6,
    }


@pytest.mark.django_db
def test_a_table_made_by_the_recipe_follows_its_task_and_ends_with_it():
    """The SQL of "Add a table below a task" in docs/contributing.md, as it stands there."""
    recipe = (Path(__file__).resolve().parents[3] / "docs" / "contributing.md").read_text()
    (statement,) = re.findall(r"ALTER TABLE tasks_note.*?;", recipe, re.DOTALL)
    task, target = TaskFactory(), ProjectFactory()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("CREATE TABLE tasks_note (id bigserial, task_id bigint NOT NULL, project_id bigint NOT NULL)")
        cursor.execute(statement)
        cursor.execute(
            "INSERT INTO tasks_note (task_id, project_id) VALUES (%s, %s) RETURNING id", [task.pk, task.project_id]
        )

        Task.objects.filter(pk=task.pk).update(project=target, number=1)
        cursor.execute("SELECT project_id FROM tasks_note")
        assert cursor.fetchall() == [(target.pk,)]

        Task.objects.filter(pk=task.pk).delete()
        cursor.execute("SELECT project_id FROM tasks_note")
        assert cursor.fetchall() == []
