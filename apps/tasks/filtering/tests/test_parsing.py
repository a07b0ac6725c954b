"""What a text is read as, and where it is wrong."""

from __future__ import annotations

import re

import pytest

from apps.tasks.filtering.checking import check
from apps.tasks.filtering.errors import FilterError
from apps.tasks.filtering.fields import FIELDS, FLAGS
from apps.tasks.filtering.json_form import as_json, read_json
from apps.tasks.filtering.nodes import flattened
from apps.tasks.filtering.parsing import GRAMMAR, parse
from apps.tasks.filtering.writing import write


def ast(text):
    return as_json(flattened(parse(text)))


def error_of(text):
    """Return (code, position, length) of what is wrong with a text."""
    with pytest.raises(FilterError) as raised:
        check(parse(text))
    (entry,) = raised.value.errors
    assert entry.pointer == "/filter"
    assert len(entry.extra["expected"]) <= 20
    return entry.code, entry.extra["position"], entry.extra["length"]


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("", ""),
        (" \t\n\u00a0 ", ""),
        ("OVERDUE", "overdue"),
        ("Status=done", "status = done"),
        ("NOT(overdue)", "not overdue"),
        ("not (not overdue)", "not (not overdue)"),
        ("((overdue))", "overdue"),
        ("overdue or has_files and archived", "overdue or has_files and archived"),
        ("(overdue or has_files) and archived", "(overdue or has_files) and archived"),
        ("overdue and (has_files and archived)", "overdue and has_files and archived"),
        ("due<Today+7D", "due < today+7d"),
        ("due is EMPTY and due Is Not Empty", "due is empty and due is not empty"),
        ("key NOT  IN(WEB-1,web-2)", "key not in (WEB-1, web-2)"),
        ("title = 'x'", "title = x"),
        ("title = 'and'", "title = 'and'"),
        ('title = "it\'s \\"so\\" \\\\"', "title = 'it\\'s \"so\" \\\\'"),
        ("title = '2026-11-20'", "title = '2026-11-20'"),
        ("title = '404'", "title = '404'"),
        ("title = 'today+1d'", "title = 'today+1d'"),
        ("title = today+1x", "title = today+1x"),
        ("title = ''", "title = ''"),
        ("assignee = ME", "assignee = me"),
        ("assignee = 'me'", "assignee = 'me'"),
        ("title = straße-ß_1.2;:", "title = straße-ß_1.2;:"),
        ("due > 2026-11-20t08:00z", "due > 2026-11-20T08:00Z"),
    ],
)
def test_fi7_a_text_has_one_normalised_form_which_is_read_as_the_same(text, normalized):
    assert write(flattened(parse(text)) if parse(text) else None) == normalized
    assert write(parse(normalized)) == normalized


def test_fi7_the_ast_of_the_example():
    assert ast("assignee = me and due < today+7d") == {
        "and": [
            {"field": "assignee", "op": "=", "value": {"me": True}},
            {"field": "due", "op": "<", "value": {"rel": "today", "offset": "+7d"}},
        ]
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("005", 5),
        ("5a", "5a"),
        ("-5", "-5"),
        ("2026-11-20", {"day": "2026-11-20"}),
        ("2026-11-20x", "2026-11-20x"),
        ("2026-11-20T08:00:00Z", {"instant": "2026-11-20T08:00:00Z"}),
        ("2026-11-20T08:00:00.5+05:45", {"instant": "2026-11-20T08:00:00.5+05:45"}),
        ("now", {"rel": "now"}),
        ("NOW-90M", {"rel": "now", "offset": "-90m"}),
        ("start_of_week+2w", {"rel": "start_of_week", "offset": "+2w"}),
        ("start_of_month-1mo", {"rel": "start_of_month", "offset": "-1mo"}),
        ("start_of_year", "start_of_year"),
        ("tomorrow", "tomorrow"),
        ("me", {"me": True}),
        ("meow", "meow"),
        ("android", "android"),
    ],
)
def test_the_longest_token_wins_and_at_equal_length_a_word_comes_last(text, value):
    assert ast(f"due = {text}")["value"] == value


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("due <", ("syntax", 5, 0)),
        ("due < ", ("syntax", 6, 0)),
        ("status todo", ("syntax", 7, 4)),
        ("today + 7d", ("syntax", 0, 5)),
        ("due < today + 7d", ("syntax", 12, 1)),
        ("title = 'open", ("syntax", 8, 5)),
        ("title = 'a\\n'", ("syntax", 10, 2)),
        ("title = 'a\\", ("syntax", 10, 1)),
        ("title = b ! c", ("syntax", 10, 1)),
        ("(overdue", ("syntax", 8, 0)),
        ("overdue)", ("syntax", 7, 1)),
        ("not not overdue", ("syntax", 4, 3)),
        ("key in ()", ("syntax", 8, 1)),
        ("key in (WEB-1,)", ("syntax", 14, 1)),
        ("overdue = true", ("syntax", 8, 1)),
        ("overdue overdue", ("syntax", 8, 7)),
        ("and", ("syntax", 0, 3)),
        ("status", ("syntax", 0, 6)),
        ("title = a\x00b", ("syntax", 9, 1)),
        ("title = \ud800", ("syntax", 8, 1)),
        ("(" * 1_500, ("syntax", 1_500, 0)),
        ("üüü = 1", ("unknown_field", 0, 3)),
        ("status = todo and proirty = high", ("unknown_field", 18, 7)),
        ("😀 = 1 or overdu", ("unknown_field", 0, 1)),
        ("overdu", ("unknown_field", 0, 6)),
        ("title < a", ("unknown_operator", 6, 1)),
        ("duration in (1)", ("unknown_operator", 9, 2)),
        ("project is not empty", ("unknown_operator", 8, 12)),
        ("status = don", ("unknown_value", 9, 3)),
        ("status = DONE", ("unknown_value", 9, 4)),
        ("duration > 99999999999999999999", ("unknown_value", 11, 20)),
        ("assignee = none", ("wrong_type", 11, 4)),
        ("title = overdue", ("wrong_type", 8, 7)),
        ("title = 404", ("wrong_type", 8, 3)),
        ("title = today", ("wrong_type", 8, 5)),
        ("title = 2026-11-20", ("wrong_type", 8, 10)),
        ("assignee = 5", ("wrong_type", 11, 1)),
        ("duration = '5'", ("wrong_type", 11, 3)),
        ("due = tomorrow", ("wrong_type", 6, 8)),
        ("due = '2026-11-20'", ("wrong_type", 6, 12)),
        ("due > 2026-11-20T08:00", ("wrong_type", 6, 16)),
        ("key = WEB", ("wrong_type", 6, 3)),
        ("subtree = none", ("wrong_type", 10, 4)),
        ("label = today", ("wrong_type", 8, 5)),
        ("subtree in (WEB-1)", ("unknown_operator", 8, 2)),
        ("status in (todo, 5)", ("wrong_type", 17, 1)),
        ("x" * 2_001, ("too_long", 2_000, 1)),
        (" and ".join(["overdue"] * 31), ("too_many_conditions", 360, 7)),
        (f"duration = 1 and key in ({','.join(['WEB-1'] * 51)})", ("too_many_values", 325, 5)),
        ("title ~ a or title ~ b or text ~ c", ("too_many_searches", 31, 1)),
        ("not (" * 6 + "not overdue" + ")" * 6, ("too_deep", 34, 7)),
    ],
)
def test_fi5_an_error_names_its_place_in_characters(text, error):
    assert error_of(text) == error


def test_fi6_one_less_than_each_limit_is_taken():
    check(parse("overdue".ljust(2_000)))
    check(parse(" and ".join(["overdue"] * 30)))
    check(parse(f"key in ({','.join(['WEB-1'] * 50)})"))
    check(parse("title ~ a or text ~ c"))
    check(parse("not (" * 5 + "not overdue" + ")" * 5))
    check(parse("overdue and (has_files and (overdue or (has_files and (overdue or (not has_files)))))"))


def test_fi6_depth_counts_the_nodes_before_normalising():
    nested = "overdue and (" * 7 + "overdue" + ")" * 7
    assert error_of(nested)[0] == "too_deep"
    assert write(flattened(parse(nested))) == " and ".join(["overdue"] * 8)


def test_fi5_the_example_names_the_near_miss():
    with pytest.raises(FilterError) as raised:
        check(parse("title ~ x and proirty = high"))
    (entry,) = raised.value.errors
    assert entry.detail == "There is no field `proirty`; did you mean `priority`?"
    assert entry.extra == {"position": 14, "length": 7, "expected": ["priority"]}
    assert raised.value.code == "filter_invalid"
    assert raised.value.status == 400


def test_a_blank_in_an_offset_and_a_value_of_a_flag_get_a_hint():
    for text, hint in [("due < today + 7d", "%2B"), ("due < today 7d", "%2B"), ("overdue = true", "takes no value")]:
        with pytest.raises(FilterError) as raised:
            parse(text)
        assert hint in raised.value.errors[0].detail


def test_the_grammar_knows_the_flags_of_the_table_and_no_field_is_a_keyword():
    (written,) = re.findall(r"^FLAG\.2: /\((.*)\)/i", GRAMMAR.read_text(), flags=re.MULTILINE)
    assert set(written.split("|")) == set(FLAGS)
    for name in FIELDS:
        assert as_json(parse(f"{name} = x"))["field"] == name


@pytest.mark.parametrize(
    ("given", "code", "pointer"),
    [
        ({"and": []}, "syntax", "/ast/and"),
        ({"or": {}}, "syntax", "/ast/or"),
        ({"not": []}, "syntax", "/ast/not"),
        ({}, "syntax", "/ast"),
        ([], "syntax", "/ast"),
        ("overdue", "syntax", "/ast"),
        ({"flag": 5}, "syntax", "/ast/flag"),
        ({"flag": "overdue", "not": 1}, "syntax", "/ast"),
        ({"flag": "overdu"}, "unknown_field", "/ast/flag"),
        ({"field": "due", "op": "empty", "value": 1}, "syntax", "/ast"),
        ({"field": "due", "op": "="}, "syntax", "/ast"),
        ({"field": "due", "op": "==", "value": 1}, "unknown_operator", "/ast/op"),
        ({"field": "due", "op": [], "value": 1}, "unknown_operator", "/ast/op"),
        ({"field": ["due"], "op": "=", "value": 1}, "syntax", "/ast/field"),
        ({"field": "key", "op": "in", "value": "WEB-1"}, "syntax", "/ast/value"),
        ({"field": "key", "op": "in", "value": []}, "syntax", "/ast/value"),
        ({"field": "due", "op": "=", "value": {"day": "2026-1-1"}}, "syntax", "/ast/value"),
        ({"field": "due", "op": "=", "value": {"instant": "2026-11-20T08:00:00"}}, "syntax", "/ast/value"),
        ({"field": "due", "op": "=", "value": {"rel": "yesterday"}}, "syntax", "/ast/value"),
        ({"field": "due", "op": "=", "value": {"rel": "today", "offset": "7d"}}, "syntax", "/ast/value"),
        ({"field": "due", "op": "=", "value": {"rel": ["today"]}}, "syntax", "/ast/value"),
        ({"field": "assignee", "op": "=", "value": {"me": 1}}, "syntax", "/ast/value"),
        ({"field": "assignee", "op": "=", "value": {"user": True}}, "syntax", "/ast/value"),
        ({"field": "assignee", "op": "=", "value": {"user": 2**63}}, "syntax", "/ast/value"),
        ({"field": "duration", "op": "=", "value": 1.5}, "syntax", "/ast/value"),
        ({"field": "duration", "op": "=", "value": True}, "syntax", "/ast/value"),
        ({"field": "duration", "op": "=", "value": -1}, "unknown_value", "/ast/value"),
        ({"field": "duration", "op": "=", "value": 10**400}, "unknown_value", "/ast/value"),
        ({"field": "title", "op": "=", "value": "\x00"}, "syntax", "/ast/value"),
        ({"field": "title", "op": "=", "value": "\udfff"}, "syntax", "/ast/value"),
        ({"field": "title", "op": "=", "value": "x" * 2_001}, "too_long", "/ast/value"),
        ({"and": [{"flag": "overdue"}] * 31}, "too_many_conditions", "/ast/and/30"),
        ({"and": [{"flag": "overdue"}, {"field": "key", "op": "=", "value": 5}]}, "wrong_type", "/ast/and/1/value"),
        ({"field": "key", "op": "in", "value": ["WEB-1"] * 51}, "too_many_values", "/ast/value/50"),
    ],
)
def test_fi5_an_error_in_an_ast_names_its_pointer_and_no_position(given, code, pointer):
    with pytest.raises(FilterError) as raised:
        check(read_json(given))
    (entry,) = raised.value.errors
    assert (entry.code, entry.pointer) == (code, pointer)
    assert "position" not in entry.extra


def test_fi6_an_ast_is_judged_before_it_is_walked_to_its_end():
    given = {"flag": "overdue"}
    for _ in range(100_000):
        given = {"not": given}
    with pytest.raises(FilterError) as raised:
        read_json(given)
    assert raised.value.errors[0].code == "too_deep"
    while "not" in given:  # taken apart here: Python frees deep objects by recursion
        given = given["not"]
