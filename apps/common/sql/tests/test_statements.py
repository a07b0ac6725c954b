"""Prepared statements made of querysets."""

import pytest
from django.db import DataError, connection
from django.db.models import F, TextField
from django.test.utils import CaptureQueriesContext

from apps.common.sql.json import AsText, Instant, JsonObject
from apps.common.sql.statements import ModelStatement, Parameter, Statement, prepared
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_the_same_statement_serves_different_values():
    alice, bob = UserFactory(username="alice"), UserFactory(username="bob")
    statement = Statement(User.objects.filter(pk=Parameter("pk")).values_list("username"))

    assert statement.run({"pk": alice.pk}) == [("alice",)]
    assert statement.run({"pk": bob.pk}) == [("bob",)]
    assert statement.run({"pk": 0}) == []


def test_constants_of_the_queryset_survive_with_their_percent_signs_and_quotes():
    UserFactory(username="it's 100% %s")
    statement = Statement(
        User.objects.filter(username="it's 100% %s", is_active=True, pk__gt=Parameter("pk")).values_list("username")
    )

    assert statement.run({"pk": 0}) == [("it's 100% %s",)]


def test_a_bound_value_is_never_part_of_the_sql():
    statement = Statement(User.objects.filter(username=Parameter("name", TextField())).values_list("id"))

    assert statement.run({"name": "' OR true --"}) == []


def test_a_statement_is_prepared_on_the_server():
    statement = Statement(User.objects.filter(nickname=Parameter("name", TextField())).values_list("id"))
    for name in ("a", "b", "c"):
        statement.run({"name": name})

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ['%"nickname" = %'])
        assert cursor.fetchone() == (1,)


def test_a_statement_counts_among_the_queries():
    statement = Statement(User.objects.filter(pk=Parameter("pk")).values_list("id"))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        statement.run({"pk": 1})

    assert len(queries) == 1


def test_database_errors_are_djangos():
    statement = Statement(User.objects.filter(pk=Parameter("pk")).values_list("id"))

    with pytest.raises(DataError):
        statement.run({"pk": "no number"})


def test_instants_read_as_in_the_serializers():
    user = UserFactory()
    row = AsText(JsonObject(at=Instant("created_at"), gone=Instant("deleted_at")))
    for microsecond, shown in ((0, ""), (120_000, ".120000")):
        user.created_at = user.created_at.replace(year=2026, month=1, day=2, microsecond=microsecond)
        user.save(update_fields=["created_at"])

        [(text,)] = User.objects.filter(pk=user.pk).values_list(row)

        expected = user.created_at.strftime("%Y-%m-%dT%H:%M:%S") + shown + "Z"
        assert text == f'{{"at" : "{expected}", "gone" : null}}'


def test_named_values_are_found_by_their_names_however_often_and_in_whatever_order_they_stand():
    text = "SELECT %(b)s::int, %(a)s::int, %(b)s::int, '100%%'"

    assert prepared(text, {"a": 1, "b": 2, "unused": 3})[0] == [(2, 1, 2, "100%")]


def test_values_by_position_go_where_their_placeholders_stand():
    assert prepared("SELECT %s::text, '%%s', %s::text", ["one", "two"])[0] == [("one", "%s", "two")]


def test_instances_come_with_what_is_related_and_without_what_is_deferred():
    owner = UserFactory(username="alice")
    first, second = ProjectFactory(owner=owner), ProjectFactory(owner=owner)
    nobodys = TaskFactory(project=first, title="nobody's", assigned_to=None, description="long", metadata={"a": 1})
    hers = TaskFactory(project=second, title="hers", assigned_to=owner)
    queryset = Task.objects.filter(pk__gte=Parameter("pk")).select_related("project", "assigned_to").order_by("pk")
    statement = ModelStatement(queryset.annotate(twice=F("id") * 2).defer("description"))

    with CaptureQueriesContext(connection) as queries:
        found = statement.all({"pk": nobodys.pk})
        assert [(each.title, each.assigned_to, each.project, each.metadata) for each in found] == [
            ("nobody's", None, first, {"a": 1}),
            ("hers", owner, second, hers.metadata),
        ]
    assert len(queries) == 1
    assert [each.twice for each in found] == [nobodys.pk * 2, hers.pk * 2]
    assert [each.get_deferred_fields() for each in found] == [{"description"}, {"description"}]
    assert found[0].description == "long"  # read when it is asked for


def test_rows_with_the_same_related_row_share_its_instance():
    project = ProjectFactory()
    for _ in range(2):
        TaskFactory(project=project)
    one, other = ModelStatement(Task.objects.select_related("project")).all({})

    assert one.project is other.project


def test_a_statement_is_planned_once_whatever_its_ids():
    """Of ids that differ in how many rows they have, PostgreSQL makes a plan for each, unless it may not look."""
    busy, idle = ProjectFactory(), ProjectFactory()
    TaskFactory.create_batch(200, project=busy)
    TaskFactory(project=idle)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_task, projects_project, projects_membership")
    rows = Task.objects.visible_to(Parameter("user")).filter(project=Parameter("project"), pk__gt=Parameter("above"))
    looked, planned = [
        Statement(rows.order_by("title").values_list("pk", name), is_planned_once=once)
        for name, once in (("number", False), ("version", True))
    ]

    counts = [len(looked.run({"user": p.owner_id, "project": p.pk, "above": 0})) for p in (busy, idle)]
    again = [len(planned.run({"user": p.owner_id, "project": p.pk, "above": 0})) for p in (busy, idle) * 5]

    assert counts == [200, 1]
    assert again == counts * 5
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE %s", ['%"version"%']
        )
        assert cursor.fetchall() == [(5, 5)]  # PostgreSQL always makes five to compare the one with
