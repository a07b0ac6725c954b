"""A project's list and board, and the search over all projects."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.projects.models import Activity
from apps.tasks.models import SavedView, Status, Task
from apps.tasks.services import archive_task
from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db


def titles(browser):
    return [link.text_content() for link in browser.page.xpath("//li[contains(@class, 'row')]//span[@class='t']/a")]


@pytest.fixture
def mara(owner):
    return Browser(owner)


def test_tasks_stand_in_groups_by_status_the_newest_first(mara, project):
    for title, status in [("a", "todo"), ("b", "done"), ("c", "in_progress"), ("d", "review"), ("e", "todo")]:
        TaskFactory(project=project, title=title, status=status)

    mara.open(f"/projects/{project.pk}/")

    assert titles(mara) == ["c", "d", "e", "a", "b"]
    assert [each.text_content() for each in mara.page.xpath("//summary/h2")] == [
        "In progress",
        "In review",
        "To do",
        "Done",
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=todo&status=review", {"late", "mine", "nobody's"}),
        ("priority=urgent", {"late"}),
        ("assigned_to=me", {"mine"}),
        ("assigned_to=none", {"late", "nobody's", "finished"}),
        ("overdue=true", {"late"}),
        ("search=nobody", {"nobody's"}),
        ("archived=true", {"resting"}),
        ("status=&priority=&search=", {"late", "mine", "nobody's", "finished"}),
    ],
)
def test_query_parameters_narrow_the_list_as_they_do_in_the_api(mara, project, owner, query, found):
    past = timezone.now() - timedelta(days=2)
    TaskFactory(project=project, title="late", due_date=past, priority="urgent")
    TaskFactory(project=project, title="mine", assigned_to=owner)
    TaskFactory(project=project, title="nobody's", status="review")
    TaskFactory(project=project, title="finished", status="done", due_date=past)
    TaskFactory(project=project, title="resting", archived_at=timezone.now())

    mara.open(f"/projects/{project.pk}/?{query}")

    assert set(titles(mara)) == found


def test_a_chip_takes_its_filter_back(mara, project):
    TaskFactory(project=project, title="a", status="review", priority="low")
    mara.open(f"/projects/{project.pk}/?status=review&priority=high")
    assert titles(mara) == []
    [without] = mara.page.xpath("//a[contains(@aria-label, 'Priority')]")

    mara.open(without.get("href"))

    assert titles(mara) == ["a"]


def test_pg8_cursor_links_show_every_task_once(mara, project):
    for number in range(120):
        TaskFactory(project=project, title=f"t{number}", status=Status.values[number % 4])
    seen = []
    mara.open(f"/projects/{project.pk}/")
    while True:
        seen += titles(mara)
        following = mara.page.xpath("//a[@rel='next']")
        if not following:
            break
        mara.open(following[0].get("href"))

    assert sorted(seen) == sorted(f"t{number}" for number in range(120))
    assert len(mara.page.xpath("//a[@rel='prev']")) == 1


@pytest.mark.parametrize("order", ["due_date", "-priority", "-updated_at", "-created_at", "title", "group,-created_at"])
def test_every_order_of_the_menu_works(mara, project, order):
    tasks = [TaskFactory(project=project) for _ in range(3)]

    mara.open(f"/projects/{project.pk}/?ordering={order}")

    assert sorted(titles(mara)) == sorted(task.title for task in tasks)


def test_pg3_quick_add_makes_a_task_and_comes_back_to_the_list(mara, project):
    mara.open(f"/projects/{project.pk}/?status=todo")

    answer = mara.send(f"/projects/{project.pk}/", text="  Proofread the terms ")

    assert answer.status_code == 303
    mara.follow()
    assert titles(mara) == ["Proofread the terms"]
    assert "WEB-1 is created" in mara.text


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "a\x00b"])
def test_pg3_a_bad_title_is_422_and_stays_in_the_form(mara, project, title):
    mara.open(f"/projects/{project.pk}/")

    answer = mara.send(f"/projects/{project.pk}/", text=title)

    assert answer.status_code == 422
    assert Task.objects.count() == 0
    [field] = mara.page.xpath("//input[@name='text']")
    assert field.get("aria-invalid") == "true"
    assert len(mara.page.xpath("//*[@role='alert']")) == 1


def test_property_6_an_act_of_a_page_writes_the_events_of_the_api_but_for_the_origin(mara, project, api, owner):
    mara.open(f"/projects/{project.pk}/")
    mara.send(f"/projects/{project.pk}/", text="One")
    api(owner).post("/api/tasks/", {"project": project.pk, "title": "One"})

    page, program = Activity.objects.order_by("seq").values("type", "verb", "changes", "version", "origin")
    assert (page.pop("origin"), program.pop("origin")) == ("page", "api")
    assert page == program


def test_one_press_finishes_a_task_in_its_row_and_one_more_reopens_it(mara, project):
    task = TaskFactory(project=project)
    mara.open(f"/projects/{project.pk}/")

    mara.send(f"/tasks/{task.pk}/")
    assert mara.response["Location"] == f"/projects/{project.pk}/"
    task.refresh_from_db()
    assert task.status == Status.DONE
    mara.follow()
    mara.send(f"/tasks/{task.pk}/")

    task.refresh_from_db()
    assert task.status == Status.TODO


def test_a_viewer_sees_the_list_without_a_form_that_changes_it(project, viewer):
    TaskFactory(project=project, title="a")
    browser = Browser(viewer)

    browser.open(f"/projects/{project.pk}/")

    assert titles(browser) == ["a"]
    assert not browser.page.xpath("//button[@formaction]")
    assert not browser.page.xpath("//input[@name='text']")


def test_an_archived_project_can_be_read_and_not_changed(mara, project):
    TaskFactory(project=project, title="a")
    project.archived_at = timezone.now()
    project.save(update_fields=["archived_at"])

    mara.open(f"/projects/{project.pk}/")

    assert titles(mara) == ["a"]
    assert not mara.page.xpath("//button[@formaction]")
    assert mara.post(f"/projects/{project.pk}/", text="b").status_code == 409


def test_pg15_what_people_wrote_is_text(mara, project):
    TaskFactory(project=project, title="<img src=x onerror=alert(1)>")
    project.name = "<script>alert(2)</script>"
    project.save(update_fields=["name"])

    mara.open(f"/projects/{project.pk}/")

    assert titles(mara) == ["<img src=x onerror=alert(1)>"]
    assert not mara.page.xpath("//main//script | //main//img")


def test_pg13_the_number_of_statements_does_not_grow_with_the_rows(mara, project, owner):
    view = SavedView.objects.create(owner=owner, name="Board", layout="board")
    paths = [f"/projects/{project.pk}/{part}" for part in ("", "board/", "calendar/", "activity/")]
    paths += ["/search/?search=Task", "/", f"/views/{view.pk}/", "/views/"]
    counts = []
    for rows in (1, 30):
        for number in range(rows):
            task = TaskFactory(project=project, assigned_to=owner, due_date=timezone.now())
            if number < 10:
                archive_task(actor=owner, task=TaskFactory(project=project, parent=task))
        for path in paths:
            with CaptureQueriesContext(connection) as made:
                assert mara.open(path).status_code == 200
            counts.append((path, len(made)))

    print(f"statements of pages: {counts[: len(paths)]}")
    assert counts[: len(paths)] == counts[len(paths) :]


def test_the_board_has_four_columns_and_a_form_moves_a_card(mara, project):
    task = TaskFactory(project=project, title="a")
    mara.open(f"/projects/{project.pk}/board/")
    columns = mara.page.xpath("//section[@class='col']")
    assert [len(column.xpath(".//li[@class='card']")) for column in columns] == [1, 0, 0, 0]

    [button] = mara.page.xpath("//button[@name='status' and @value='review']")
    assert button.get("formaction").endswith(f"/tasks/{task.pk}/move/")
    mara.send(f"/tasks/{task.pk}/move/", status="review")
    mara.follow()

    columns = mara.page.xpath("//section[@class='col']")
    assert [len(column.xpath(".//li[@class='card']")) for column in columns] == [0, 0, 1, 0]


def test_a_column_shows_50_cards_and_leads_to_the_rest(mara, project):
    for _ in range(52):
        TaskFactory(project=project)

    mara.open(f"/projects/{project.pk}/board/")

    assert len(mara.page.xpath("//li[@class='card']")) == 50
    assert f"/projects/{project.pk}/?status=todo" in mara.links()


def test_the_search_finds_words_and_keys_in_all_projects_of_the_person(mara, project, outsider):
    TaskFactory(project=project, title="Renew the certificate")
    TaskFactory(project__owner=outsider, title="Renew the passport")

    mara.open("/search/?search=renew")
    assert titles(mara) == ["Renew the certificate"]
    mara.open("/search/?search=WEB-1")
    assert titles(mara) == ["Renew the certificate"]
    mara.open("/search/?search=nothing")
    assert "No task matches" in mara.text
    mara.open("/search/")
    assert "What are you looking for?" in mara.text


@pytest.mark.parametrize("path", ["/projects/{}/", "/search/"])
def test_lists_take_the_filter_language(mara, project, owner, path):
    TaskFactory(project=project, title="mine", assigned_to=owner, priority="urgent")
    TaskFactory(project=project, title="other")

    mara.open(f"{path.format(project.pk)}?filter=assignee = me and priority = urgent")
    assert titles(mara) == ["mine"]
    assert mara.open(f"{path.format(project.pk)}?filter=proirty = high").status_code == 400


def test_an_error_of_the_filter_is_said_at_its_field(mara):
    mara.open("/search/?filter=proirty = high")

    [field] = mara.page.xpath("//input[@name='filter']")
    assert (field.get("aria-invalid"), field.value) == ("true", "proirty = high")
    assert mara.page.xpath("string(//*[@id='f-error'])").strip()
