"""Random filters against a model in Python, and through every spelling."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.common.sql.statements import Statement
from apps.tasks.filtering.composing import compose, condition_of
from apps.tasks.filtering.json_form import as_json, read_json
from apps.tasks.filtering.limits import MAX_DEPTH
from apps.tasks.filtering.nodes import NEGATED, Comparison, Not, each_test, flattened
from apps.tasks.filtering.parsing import parse
from apps.tasks.filtering.reader import Reader
from apps.tasks.filtering.tests.strategies import FILTERS, comparisons
from apps.tasks.filtering.tests.world import build_world, holds
from apps.tasks.filtering.writing import write
from apps.tasks.models import Task

pytestmark = pytest.mark.django_db

ZONES = ["UTC", "Asia/Kathmandu", "Europe/Berlin", "America/New_York", "Africa/Cairo"]
NOW = datetime(2026, 11, 27, 18, 14, 59, tzinfo=UTC)  # 23:59:59 in Kathmandu
bounded = settings(
    max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def found(node, reader):
    """Return the ids that a filter finds with its values bound, as the list does."""
    composed = compose(node, reader)
    rows = Statement(Task.objects.filter(composed.condition).visible_to(reader.user).values_list("pk"))
    return {row[0] for row in rows.run({"user": reader.user.pk, **composed.values})}


def test_fi1_fi2_random_filters_agree_with_a_model_and_never_show_what_is_hidden():
    world = build_world()

    @bounded
    @given(node=FILTERS, zone=st.sampled_from(ZONES))
    def check(node, zone):
        if any(depth > MAX_DEPTH for _, depth in each_test(node)):
            return
        reader = Reader(world.reader, ZoneInfo(zone), NOW)
        expected = {task.pk for task in world.tasks if holds(node, task, reader)}

        assert found(node, reader) == expected
        visible = Task.objects.visible_to(world.reader)
        assert set(visible.filter(condition_of(node, reader)).values_list("pk", flat=True)) == expected

    check()


def test_fi7_text_and_ast_are_two_spellings_of_one_filter():
    @bounded
    @given(node=FILTERS)
    def check(node):
        node = flattened(node)
        text = write(node)

        assert parse(text) == node
        assert write(flattened(parse(text))) == text
        assert read_json(as_json(node)) == node

    check()


def test_fi1_the_negative_operators_are_exactly_the_opposites():
    world = build_world(count=40)

    @bounded
    @given(test=comparisons())
    def check(test):
        reader = Reader(world.reader, ZoneInfo("Europe/Berlin"), NOW)
        if test.operator not in NEGATED:
            return
        positive = Comparison(test.name, NEGATED[test.operator], test.values)

        assert found(test, reader) == found(Not(positive), reader)
        assert found(test, reader) | found(positive, reader) == {task.pk for task in world.tasks}
        assert not found(test, reader) & found(positive, reader)

    check()
