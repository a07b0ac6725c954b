"""What stands beside the rows of a page: in the page's order, nulls where there is nothing, after its limit."""

from __future__ import annotations

import json

import psycopg
import pytest
from django.db import connection
from django.db.models import TextField

from apps.common.sql.beside import OfPage, PageWith
from apps.common.sql.statements import Parameter, Statement
from apps.users.models import User
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

MANY = 20


def pages(size, *, descending=True):
    """Return a page of people up to an id, with the name of each twice, the second time of some alone."""
    rows = User.objects.filter(pk__lte=Parameter("last")).order_by("-pk" if descending else "pk")
    same = User.objects.filter(pk=OfPage("id"))
    some = same.filter(nickname=Parameter("nickname", TextField()))
    beside = [same.values_list("username"), some.values_list("username", "pk")]
    return PageWith(rows.values_list("nickname", "id")[:size], ["nickname"], [("id", descending)], beside)


@pytest.fixture
def people():
    return [UserFactory(username=f"person{number}", nickname=["even", "odd"][number % 2]) for number in range(4)]


@pytest.mark.parametrize("descending", [True, False])
def test_each_row_has_what_is_beside_it_in_the_order_of_the_page(people, descending):
    found = Statement(pages(3, descending=descending)).run({"last": people[-1].pk, "nickname": "odd"})

    wanted = sorted(people, key=lambda person: person.pk, reverse=descending)[:3]
    assert found == [
        (each.nickname, each.username, *((each.username, each.pk) if each.nickname == "odd" else (None, None)), each.pk)
        for each in wanted
    ]


def test_it_is_joined_to_the_rows_of_the_page_alone(people):
    UserFactory.create_batch(MANY)
    text = Statement(pages(2)).text.replace("%s", "{}").format(10**9, psycopg.sql.Literal("odd").as_string(None))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {text}")
        found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    [limit] = [node for node in nodes(plan) if node["Node Type"] == "Limit"]
    assert [len([node for node in nodes(top) if "Relation Name" in node]) for top in (plan, limit)] == [3, 1]


def nodes(plan):
    """Yield a node of a plan and all below it."""
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)
