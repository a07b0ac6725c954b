"""`search=` beside `project=`: it finds what it finds without, by an index that has the words of each project apart."""

from __future__ import annotations

import pytest

from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task
from apps.tasks.search import Search, search_tasks
from apps.tasks.tests.factories import TaskFactory

URL = "/api/tasks/"
TEXTS = {
    "Fix the login page": "of version 3.14, see user@example.org and path/to/file",
    "Über die Straße": "naïve задача 1/15",
    "東京から京都へ": "設計書のレビュー",
    "🚀": "",
    "'quoted' & (odd) | :* words\\": "15/fix ' ''",
}
QUESTIONS = [
    "f", "fix", "fix log", "log fix", "login fix page", "3", "3.1", "1", "15", "user@exa", "path/to", "ÜBER", "stras",
    "задач", "京都", "京", "設計 レビ", "東京 京都", "🚀", "quo", "'quoted'", "odd & wor", "15/fix", "15/", "'", "&",
    "nothing",
]  # fmt: skip


@pytest.fixture
def projects(owner):
    """Return three projects of the owner with the same texts; the last one's tasks are no part of any question."""
    made = [ProjectFactory(owner=owner) for _ in range(3)]
    for each in made:
        for title, description in TEXTS.items():
            TaskFactory(project=each, title=title, description=description)
    return made


@pytest.fixture
def ask(api, owner):
    """Return the ids of what the owner finds, in the order of the list."""

    def asked(text: str, *projects, **more) -> list[int]:
        query = {"search": text, "project": [each.pk for each in projects], **more}
        response = api(owner).get(URL, query)
        assert response.status_code == 200, response.json()
        return [task["id"] for task in response.json()["results"]]

    return asked


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_search_in_projects_finds_in_the_same_order_what_the_search_of_all_finds_there(ask, projects, text):
    first, second, _ = projects
    of_all = ask(text)

    for chosen in ([first], [second, first]):
        there = set(Task.objects.filter(project__in=chosen).values_list("pk", flat=True))
        assert ask(text, *chosen) == [pk for pk in of_all if pk in there]
        by_title = [pk for pk in ask(text, ordering="title") if pk in there]
        assert ask(text, *chosen, ordering="title") == by_title


def test_some_of_the_questions_find_something_and_some_nothing(ask, projects):
    found = {bool(ask(text, projects[0])) for text in QUESTIONS}

    assert found == {True, False}
    assert len(ask("f", projects[0])) == 2


def test_a_task_that_moves_is_found_where_it_is(ask, projects):
    first, second, _ = projects
    task = TaskFactory(project=first, title="wanderer")
    assert (ask("wand", first), ask("wand", second)) == ([task.pk], [])

    Task.objects.filter(pk=task.pk).update(project=second, number=9_999, rank="zz")

    assert (ask("wand", first), ask("wand", second)) == ([], [task.pk])


def test_a_key_is_found_in_its_project_alone_and_texts_that_mention_it(ask, projects):
    first, second, _ = projects
    task = Task.objects.filter(project=first).earliest("pk")
    key = task.key
    mentions = TaskFactory(project=first, title=f"like {key}")

    assert set(ask(key, first)) == {task.pk, mentions.pk}
    assert ask(key, second) == []


def test_the_words_of_a_project_are_not_those_of_one_whose_number_begins_alike(projects):
    one = projects[0]
    tasks = Task.objects.filter(pk__in=[TaskFactory(project=one, title="alone").pk])

    assert [*search_tasks(tasks, Search.parse("alone"), projects=[one.pk])]
    for other in (one.pk * 10, one.pk * 10 + 1, one.pk + 1):
        assert not [*search_tasks(tasks, Search.parse("alone"), projects=[other])]


def of_everywhere(text: str) -> set[int]:
    """Return what the text finds on the whole site, by the words without their projects."""
    return set(search_tasks(Task.objects.all(), Search.parse(text)).values_list("pk", flat=True))


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_search_of_all_finds_what_is_in_the_persons_projects(ask, projects, text):
    other = ProjectFactory()
    for title, description in TEXTS.items():
        TaskFactory(project=other, title=title, description=description)

    mine = set(Task.objects.filter(project__in=projects).values_list("pk", flat=True))
    assert set(ask(text)) == of_everywhere(text) & mine


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_filter_by_text_finds_what_the_search_finds_alone_and_beside_others(api, owner, ask, projects, text):
    words = f'text ~ "{text}"'
    filters = (words, f"{words} and status = todo", f'{words} or title = "nowhere"', f"not (not ({words}))")
    rows = [api(owner).get(URL, {"filter": each}).json()["results"] for each in filters]

    assert [[row["id"] for row in each] for each in rows] == [ask(text)] * len(filters)
