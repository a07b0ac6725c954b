"""docs/filters.md says what the code does."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import settings

from apps.tasks.filtering.checking import check
from apps.tasks.filtering.fields import FIELDS, FLAGS
from apps.tasks.filtering.json_form import as_json, read_json
from apps.tasks.filtering.limits import MAX_DEPTH, MAX_SEARCHES, MAX_TESTS, MAX_VALUES
from apps.tasks.filtering.parsing import MAX_LENGTH, parse
from apps.tasks.models import Label, Priority, Status
from apps.tasks.tests.factories import TaskFactory

PAGE = (settings.BASE_DIR / "docs" / "filters.md").read_text()
TEXTS = [line for block in re.findall(r"```filter\n(.*?)```", PAGE, flags=re.DOTALL) for line in block.splitlines()]


def rows(heading):
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:3] == "| `"]


def test_the_page_has_every_field_with_its_operators_and_values():
    words = {"empty": "is empty", "not empty": "is not empty"}
    expected = [
        [f"`{name}`", " ".join(f"`{words.get(each, each)}`" for each in field.operators), field.values]
        for name, field in FIELDS.items()
    ]
    assert rows("Fields") == expected


def test_the_page_has_every_flag():
    assert rows("Flags") == [[f"`{name}`", flag.meaning] for name, flag in FLAGS.items()]


def test_the_page_has_the_limits_and_the_words_of_enums():
    assert f"{MAX_LENGTH:,} characters, {MAX_TESTS} tests, {MAX_DEPTH} `and`" in PAGE
    assert f"{MAX_VALUES} values in a list" in PAGE
    assert MAX_SEARCHES == 2
    for choices in (Status, Priority):
        assert ", ".join(f"`{value}`" for value in choices.values) in PAGE


@pytest.mark.parametrize("text", TEXTS)
def test_every_example_is_a_filter(text):
    check(parse(text))


@pytest.mark.django_db
@pytest.mark.parametrize("text", TEXTS)
def test_every_example_is_answered(api, owner, project, labelled, text):
    answer = api(owner).get("/api/tasks/", {"filter": text})
    assert answer.status_code == 200, answer.json()


@pytest.fixture
def labelled(project):
    """Return what the examples name."""
    for name in ("bug", "needs review"):
        Label.objects.create(project=project, name=name, color="#112233")
    return TaskFactory(project=project)


def test_the_ast_of_the_page_is_read_as_it_is_written():
    given = json.loads(PAGE.split("## As JSON")[1].split("```json\n")[1].split("```")[0])
    node = read_json(given)
    check(node)
    assert as_json(node) == given


def test_the_error_of_the_page_is_the_error_of_the_code():
    given = json.loads(PAGE.split("## Limits and errors")[1].split("```json\n")[1].split("```")[0])
    with pytest.raises(Exception) as raised:
        check(parse("status = todo and proirty = high"))
    (entry,) = raised.value.errors
    assert {"pointer": entry.pointer, "code": entry.code, "detail": entry.detail, **entry.extra} == given
