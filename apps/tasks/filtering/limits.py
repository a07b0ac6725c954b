"""How large a filter may be (contract FI6)."""

from __future__ import annotations

from apps.tasks.filtering.errors import FilterError
from apps.tasks.filtering.nodes import Comparison, Node, Place, each_test

MAX_TESTS = 30
MAX_DEPTH = 6  # nodes above a test
MAX_VALUES = 50  # in one list
MAX_SEARCHES = 2  # tests with `~`


def check_limits(node: Node | None) -> None:
    """Raise FilterError at the first test, value or search that is one too many."""
    searches = 0
    for number, (test, depth) in enumerate(each_test(node), 1):
        if number > MAX_TESTS:
            raise too_many_tests(test.place)
        if depth > MAX_DEPTH:
            raise too_deep(test.place)
        if not isinstance(test, Comparison):
            continue
        if len(test.values) > MAX_VALUES:
            detail = f"A list has at most {MAX_VALUES} values."
            raise FilterError(test.values[MAX_VALUES].place, "too_many_values", detail)
        searches += test.operator == "~"
        if searches > MAX_SEARCHES:
            detail = f"A filter has at most {MAX_SEARCHES} tests with `~`."
            raise FilterError(test.operator_place, "too_many_searches", detail)


def too_many_tests(place: Place) -> FilterError:
    """Return the error at the first test beyond the limit."""
    return FilterError(place, "too_many_conditions", f"A filter has at most {MAX_TESTS} tests.")


def too_deep(place: Place) -> FilterError:
    """Return the error at what lies below too many nodes."""
    return FilterError(place, "too_deep", f"A test can be inside at most {MAX_DEPTH} levels of `and`, `or` and `not`.")
