"""Tasks of people are found by the people: what is seen is the same, what it costs is not."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import SavedView, Task
from apps.tasks.services.deletion import delete_task
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db

OF_PEOPLE = [
    "?assigned_to=me",
    "?assigned_to=me&status=todo&ordering=due_date",
    "?created_by=me&count=true",
    "?filter=assignee = me",
    "?filter=creator in (me) and status = todo",
]
OF_PROJECTS = [
    "",
    "?assigned_to=none",
    "?project={project}&assigned_to=me",
    "?filter=assignee = me or status = todo",
    "?filter=assignee != me",
    "?filter=project = WEB and assignee = me",
]


@pytest.fixture
def tasks(project, owner, outsider):
    """Tasks of a project of two, of one that the owner only reads, of a stranger's, and one in the trash."""
    elsewhere = ProjectFactory(owner=outsider)
    MembershipFactory(project=elsewhere, user=owner, role=Role.VIEWER)
    made = [
        TaskFactory(project=project, assigned_to=owner),
        TaskFactory(project=project),
        TaskFactory(project=elsewhere, assigned_to=owner),
        TaskFactory(project=ProjectFactory(owner=outsider), created_by=owner),
        TaskFactory(project=project, assigned_to=owner, archived_at=timezone.now()),
    ]
    gone = TaskFactory(project=project, assigned_to=owner)
    delete_task(actor=owner, task=gone)
    return [*made, gone]


def statement_of(client, query):
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"/api/tasks/{query}")
    assert answer.status_code == 200, answer.content
    return [one["sql"] for one in queries if "json_build_object" in one["sql"]][-1], answer.json()["results"]


def test_both_ways_show_the_same_tasks_with_the_same_role(tasks, owner, outsider):
    for person in (owner, outsider):
        joined = Task.objects.visible_to(person).order_by("pk").values_list("pk", "role")
        found = Task.objects.found_visible_to(person).order_by("pk").values_list("pk", "role")
        assert list(found) == list(joined)
        assert 0 < len(joined) < len(tasks)


@pytest.mark.parametrize("query", OF_PEOPLE)
def test_what_people_have_is_found_without_a_join_of_memberships(query, tasks, api, owner):
    sql, results = statement_of(api(owner), query)

    assert 'JOIN "projects_membership"' not in sql
    assert 'IN (SELECT U0."project_id"' in sql
    visible = set(Task.objects.visible_to(owner).values_list("pk", flat=True))
    assert {row["id"] for row in results} < visible
    assert results


@pytest.mark.parametrize("query", OF_PROJECTS)
def test_other_lists_begin_with_the_projects(query, tasks, api, owner, project):
    sql, results = statement_of(api(owner), query.format(project=project.pk))

    assert 'JOIN "projects_membership"' in sql
    assert results


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?project={project}&search=task",
        "?project={project}&ordering=-due_date",
        "?project={project}&ordering=status",
        "?project={project}&project=999",
        "?project={project}&filter=status = todo",
        "?assigned_to=me&ordering=due_date",
    ],
)
def test_whom_a_task_names_is_looked_up_for_the_rows_that_are_shown(query, tasks, api, owner, project):
    sql, _ = statement_of(api(owner), query.format(project=project.pk))

    assert "LEFT OUTER JOIN" not in sql  # nor any other one to people
    assert 'JOIN "users_user"' not in sql


@pytest.mark.parametrize(
    "query", ["", "&status=todo&ordering=due_date", "&status=todo&ordering=rank", "&ordering=-title&priority=high"]
)
def test_whom_a_task_names_is_joined_where_an_index_gives_the_order(query, tasks, api, owner, project):
    sql, _ = statement_of(api(owner), f"?project={project.pk}{query}")

    assert sql.count('LEFT OUTER JOIN "users_user"') == 2
    assert sql.count('LEFT OUTER JOIN "tasks_task"') == 1


def test_both_ways_to_whom_a_task_names_show_the_same(tasks, api, owner, member, project):
    parent = TaskFactory(project=project, title="Above", assigned_to=member)
    Task.objects.filter(pk=tasks[1].pk).update(parent=parent)
    query = f"?project={project.pk}&ordering=created_at"

    joined_sql, joined = statement_of(api(owner), query)
    looked_up_sql, looked_up = statement_of(api(owner), f"{query}&filter=status in (todo, in_progress, review, done)")

    assert "LEFT OUTER JOIN" in joined_sql
    assert "LEFT OUTER JOIN" not in looked_up_sql
    assert joined == looked_up
    assert {row["assigned_to"] and row["assigned_to"]["id"] for row in joined} == {owner.pk, member.pk, None}
    assert {row["parent"] and row["parent"]["key"] for row in joined} == {f"{project.key}-{parent.number}", None}


def test_an_index_finds_the_views_that_a_person_sees(project, owner):
    SavedView.objects.create(project=project, owner=owner, name="Shared", is_shared=True)
    text, params = SavedView.objects.visible_to(owner).values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {text}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "saved_view_by_project" in plan
    assert "project_id = ANY" in plan
    assert "Seq Scan on tasks_savedview" not in plan
