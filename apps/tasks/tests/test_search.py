"""`search=` on the list of tasks."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task
from apps.tasks.search import Search, search_tasks
from apps.tasks.tests.factories import TaskFactory

URL = "/api/tasks/"


@pytest.fixture
def search(api, owner):
    """Return the titles of what the owner finds, sorted."""

    def ask(text: str) -> list[str]:
        response = api(owner).get(URL, {"search": text})
        assert response.status_code == 200, response.json()
        return sorted(task["title"] for task in response.json()["results"])

    return ask


def test_all_words_must_be_there_in_title_or_description(search, project):
    TaskFactory(project=project, title="Fix login page", description="The button is green")
    TaskFactory(project=project, title="Fix sign-up page", description="")

    assert search("fix") == ["Fix login page", "Fix sign-up page"]
    assert search("FIX green") == ["Fix login page"]
    assert search("fix red") == []


def test_the_last_word_is_a_prefix_and_the_others_are_not(search, project):
    TaskFactory(project=project, title="Translate the newsletter")

    assert search("translate news") == ["Translate the newsletter"]
    assert search("trans newsletter") == []


@pytest.mark.parametrize(
    "text", ["ÜBER", "über", "Straße", "задач", "日本", "naïve", "user@example.org", "foo-b", "3.1"]
)
def test_words_of_all_scripts_are_found(search, project, text):
    TaskFactory(
        project=project, title="Über die Straße", description="задача 日本語 naïve user@example.org foo-bar 3.14"
    )

    assert search(text) == ["Über die Straße"]


def test_a_key_finds_its_task_and_texts_that_mention_it(search, project, owner):
    TaskFactory(project=project, title="first")
    TaskFactory(project=project, title="blocked by WEB-1")
    TaskFactory(project=ProjectFactory(owner=owner, key="APP"), title="other")

    assert search("web-1") == ["blocked by WEB-1", "first"]
    assert search(" WEB-2 ") == ["blocked by WEB-1"]
    assert search("APP-1") == ["other"]
    assert search("APP-99") == []


def test_a_key_finds_nothing_in_other_peoples_projects(search, outsider):
    TaskFactory(project=ProjectFactory(owner=outsider, key="APP"), title="hidden")

    assert search("APP-1") == []


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_search_filters_nothing(search, task, text):
    assert search(text) == ["Fix the login page"]


@pytest.mark.parametrize(
    "text",
    [
        "'",
        "''",
        "\\",
        "& | !",
        "a & !b",
        "foo:*",
        "<->",
        "'; DROP TABLE tasks_task; --",
        ":*",
        "!!!",
    ],
)
def test_operators_are_words_like_any_other(search, task, text):
    assert search(text) == []


def test_operators_around_a_word_do_no_harm(search, task):
    for text in ("'login' & page:*", "(login", "login)", "!login", "page | login"):
        assert search(text) == ["Fix the login page"]


def test_a_text_that_is_too_long_is_rejected(api, owner):
    response = api(owner).get(URL, {"search": "x" * 501})

    assert response.status_code == 400


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=60))
@pytest.mark.django_db
def test_no_text_breaks_the_query(text):
    with transaction.atomic():  # a failure must not hide what it failed on
        list(search_tasks(Task.objects.all(), Search.parse(text)))
