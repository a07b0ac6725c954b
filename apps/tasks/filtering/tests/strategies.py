"""Random filters, as syntax trees."""

from __future__ import annotations

from hypothesis import strategies as st

from apps.tasks.filtering.fields import FIELDS, FLAGS
from apps.tasks.filtering.nodes import AllOf, AnyOf, Comparison, Flag, Not, Value
from apps.tasks.filtering.tests.world import TITLES

TEXTS = {
    "title": (*TITLES, "the login", "Straße", "fix"),
    "text": ("login", "the log", "STRASSE", "nothing of the kind"),
    "assignee": ("reader", "OTHER"),
    "creator": ("Reader", "other"),
    "project": ("WEB", "ops"),
    "watcher": ("reader", "other"),
    "label": ("bug", "Bug", "spÄter", "docs"),
    "parent": ("WEB-1", "web-2", "OPS-1"),
    "subtree": ("WEB-1", "ops-1", "OPS-2"),
    "key": ("WEB-1", "web-2", "OPS-3"),
}
DAYS = st.dates().map(lambda day: day.replace(year=2026, day=min(day.day, 28), month=max(3, day.month)))
MOMENTS = st.one_of(
    st.sampled_from(["2026-03-29", "2026-10-25", "2026-11-01", "2026-11-27", "2026-11-28", "2026-04-24"]).map(
        lambda day: Value("day", day)
    ),
    DAYS.map(lambda day: Value("day", day.isoformat())),
    st.sampled_from(["2026-11-27T18:15:00Z", "2026-10-25T23:00:00+01:00", "2026-03-29T22:00:00-05:30"]).map(
        lambda text: Value("instant", text)
    ),
    st.tuples(
        st.sampled_from(["now", "today", "start_of_week", "start_of_month"]),
        st.sampled_from(["", "+1d", "-2w", "+3mo", "-36h", "+90m", "-8mo"]),
    ).map(lambda parts: Value("relative", parts)),
)


def _values(name: str) -> st.SearchStrategy[Value]:
    field = FIELDS[name]
    if field.choices:
        return st.sampled_from([Value("text", choice) for choice in field.choices])
    if "day" in field.kinds:
        return MOMENTS
    if name == "duration":
        return st.sampled_from([0, 29, 30, 91]).map(lambda minutes: Value("number", minutes))
    texts = [Value("text", text) for text in TEXTS[name]]
    return st.sampled_from(texts + [Value("me")] * ("me" in field.kinds))


@st.composite
def comparisons(
    draw: st.DrawFn,
    names: tuple[str, ...] = tuple(FIELDS),
) -> Comparison:
    """Return a test of a field with one of its operators."""
    name = draw(st.sampled_from(names))
    operator = draw(st.sampled_from(FIELDS[name].operators))
    if operator in ("empty", "not empty"):
        return Comparison(name, operator)
    if operator in ("in", "not in", "all", "none"):
        return Comparison(name, operator, tuple(draw(st.lists(_values(name), min_size=1, max_size=3))))
    return Comparison(name, operator, (draw(_values(name)),))


FLAG = st.sampled_from([name for name in FLAGS if name != "unread"]).map(Flag)
TESTS = st.one_of(comparisons(), FLAG)


def _few_searches(node: object) -> bool:
    return str(node).count("'~'") <= 2


FILTERS = st.recursive(
    TESTS,
    lambda below: st.one_of(
        below.map(Not),
        st.lists(below, min_size=2, max_size=3).map(lambda items: AllOf(tuple(items))),
        st.lists(below, min_size=2, max_size=3).map(lambda items: AnyOf(tuple(items))),
    ),
    max_leaves=6,
).filter(_few_searches)

__all__ = ["FILTERS", "FLAGS", "TESTS", "comparisons"]
