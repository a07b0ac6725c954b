"""Statements are kept for everybody: nothing of one caller may stay in them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.common.lists import kept
from apps.common.sql.statements import Statement
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.views import TaskViewSet

pytestmark = pytest.mark.django_db

QUERIES = [
    "",
    "?assigned_to=me",
    "?created_by=me&ordering=due_date",
    "?status=todo&status=done&ordering=-priority,title",
    "?overdue=false&count=true",
    "?search=shared",
    "?search=AAA-1",
]


@pytest.fixture
def two_worlds():
    """Two people, each with a project of their own and a task in it that is theirs."""
    people = []
    for key in ("AAA", "BBB"):
        project = ProjectFactory(key=key)
        TaskFactory(project=project, title=f"shared word in {key}", assigned_to=project.owner)
        people.append(project.owner)
    return people


@pytest.mark.parametrize("query", QUERIES)
def test_a_statement_built_for_one_person_shows_the_next_only_what_is_theirs(api, two_worlds, query):
    kept.forget()
    first, second = two_worlds
    seen = [
        {row["project"] for row in api(person).get(f"/api/tasks/{query}").json()["results"]}
        for person in (first, second, first)
    ]

    own = [set(person.owned_projects.values_list("pk", flat=True)) for person in (first, second, first)]
    if query == "?search=AAA-1":
        assert seen == [own[0], set(), own[0]]
    else:
        assert seen == own


def test_the_second_request_of_a_shape_compiles_nothing(api, two_worlds):
    client = api(two_worlds[0])
    client.get("/api/tasks/?status=todo")
    before = kept._kept.cache_info().misses

    api(two_worlds[1]).get("/api/tasks/?status=todo")

    assert kept._kept.cache_info().misses == before


def test_a_list_costs_two_queries_however_long_it_is(api, project, owner):
    client = api(owner)
    client.get("/api/tasks/")
    for _ in range(5):
        TaskFactory(project=project, assigned_to=MembershipFactory(project=project).user)

    with CaptureQueriesContext(connection) as queries:
        assert len(client.get("/api/tasks/").json()["results"]) == 5

    assert len(queries) == 2


def test_an_instant_cannot_be_compiled_into_a_statement():
    with pytest.raises(TypeError, match="Slot"):
        Statement(Task.objects.filter(due_date__lt=timezone.now()).values_list("pk"))


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("name", [*TaskViewSet.ordering_keys, "priority,-due_date"])
@pytest.mark.parametrize("filters", ["", "&status=todo&status=review", "&assigned_to=me", "&search=walk"])
def test_every_order_can_be_walked_under_every_filter_both_ways(api, project, owner, sign, name, filters):
    dates = [None, None, timezone.now(), timezone.now(), timezone.now() + timedelta(days=1)]
    expected = {TaskFactory(project=project, title="walk", assigned_to=owner, due_date=date).pk for date in dates}
    client, forth, back = api(owner), [], []

    place = f"&project={project.pk}" if name == "rank" else ""  # RK6
    url = f"/api/tasks/?page_size=2&ordering={sign}{name}{filters}{place}"
    while url:
        page = client.get(url).json()
        forth.append([row["id"] for row in page["results"]])
        last, url = page, page["next"]
    url = last["previous"]
    while url:
        page = client.get(url).json()
        back.append([row["id"] for row in page["results"]])
        url = page["previous"]

    assert sorted(pk for ids in forth for pk in ids) == sorted(expected)
    assert back[::-1] == forth[:-1]
