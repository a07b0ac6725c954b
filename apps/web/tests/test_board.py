"""PG10 and RK2, RK3 from the board: one form for the menu, the keys and dragging."""

from __future__ import annotations

import pytest

from apps.projects.models import Activity
from apps.tasks.models import Status, Task
from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser, values_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(owner):
    return Browser(owner)


@pytest.fixture
def tasks(project):
    """Return three tasks to do and one in review, in this order."""
    made = [TaskFactory(project=project, title=title) for title in "abc"]
    return [*made, TaskFactory(project=project, title="r", status="review")]


def columns(browser):
    return {
        ol.get("data-value"): "".join(link.text_content() for link in ol.xpath(".//a[@class='t']"))
        for ol in browser.page.xpath("//section[@class='col']/ol")
    }


def move(browser, task, **fields):
    browser.open(f"/projects/{task.project_id}/board/")
    return browser.post(f"/tasks/{task.pk}/move/", next=f"/projects/{task.project_id}/board/", **fields)


def test_pg10_a_card_moves_beside_another_and_the_result_is_said_by_title_and_place(mara, tasks):
    a, b, c, r = tasks

    for fields, stand in (
        ({"after": c.pk}, "bca"),
        ({"before": b.pk}, "abc"),
        ({"position": "last"}, "bca"),
        ({"position": "first"}, "abc"),
    ):
        assert move(mara, a, **fields).status_code == 303
        mara.follow()
        assert columns(mara)["todo"] == stand
    move(mara, a, after=r.pk, status="review")
    mara.follow()

    assert columns(mara) == {"todo": "bc", "in_progress": "", "review": "ra", "done": ""}
    assert mara.page.xpath("normalize-space(//*[@role='status']//span)") == f"{a.key} a is in In review, 2 of 2"
    event = Activity.objects.latest("pk")
    assert (event.type, event.origin, set(event.changes)) == ("task.updated", "page", {"status"})


def test_pg10_the_menu_of_a_card_offers_the_other_columns_and_its_neighbours(mara, tasks):
    _a, b, _c, _r = tasks
    mara.open(f"/projects/{b.project_id}/board/")

    buttons = mara.page.xpath(f"//div[@id='move-{b.pk}']/button")

    assert [each.text_content() for each in buttons] == [
        *("In progress", "In review", "Done"),
        *("Up", "Down", "To the top", "To the end"),
    ]
    assert {each.get("formaction").rpartition("/tasks")[2] for each in buttons} == {f"/{b.pk}/move/"}
    [up] = [each for each in buttons if each.get("data-way") == "up"]
    mara.post(f"/tasks/{b.pk}/move/", **{up.get("name"): up.get("value")})
    mara.follow()
    assert columns(mara)["todo"] == "bac"
    mara.post(f"/tasks/{b.pk}/move/", status="in_progress")  # a column alone means its beginning
    mara.follow()
    assert columns(mara)["in_progress"] == "b"


def test_pg10_a_board_is_narrowed_like_a_list_and_stays_so_while_cards_move(mara, tasks, owner):
    a, _b, c, r = tasks
    Task.objects.filter(pk__in=(a.pk, c.pk, r.pk)).update(priority="urgent")
    path = f"/projects/{a.project_id}/board/?priority=urgent"
    mara.open(path)
    assert columns(mara) == {"todo": "ac", "in_progress": "", "review": "r", "done": ""}
    assert f"/views/new/?priority=urgent&project={a.project_id}&layout=board" in mara.links()

    form, _button = mara.form(f"/tasks/{a.pk}/move/")
    mara.post(f"/tasks/{a.pk}/move/", after=c.pk, next=values_of(form)["next"])

    assert mara.response["Location"] == path
    mara.follow()
    assert columns(mara)["todo"] == "ca"
    assert mara.post(f"/tasks/{a.pk}/move/", after="x", next=path).status_code == 422
    assert columns(mara)["todo"] == "ca"
    assert mara.open(f"{path}x").status_code == 400


def test_pg10_a_neighbour_that_moved_meanwhile_is_409_with_the_board_as_it_is_now(mara, tasks):
    a, b, _c, _r = tasks
    Task.objects.filter(pk=b.pk).update(status=Status.REVIEW)

    answer = move(mara, a, after=b.pk, status="todo")

    assert answer.status_code == 409
    assert mara.page.xpath("normalize-space(//*[@role='alert'])").startswith(f"Somebody moved the neighbour of {a.key}")
    assert columns(mara) == {"todo": "ac", "in_progress": "", "review": "br", "done": ""}
    assert not Activity.objects.filter(type="task.reordered").exists()


@pytest.mark.parametrize("fields", [{"after": "x"}, {"status": "gone"}, {"after": 1, "before": 1}, {"after": 10**17}])
def test_pg3_a_wrong_move_is_the_board_again_with_the_reason(mara, tasks, fields):
    answer = move(mara, tasks[0], **fields)

    assert answer.status_code == 422
    assert mara.page.xpath("//*[@role='alert']")
    assert columns(mara)["todo"] == "abc"


def test_pg2_a_viewer_sees_the_board_and_moves_nothing(tasks, viewer, outsider):
    assert move(Browser(viewer), tasks[0], position="last").status_code == 403
    assert move(Browser(outsider), tasks[0], position="last").status_code == 404
    browser = Browser(viewer)
    browser.open(f"/projects/{tasks[0].project_id}/board/")
    assert not browser.page.xpath("//button[@formaction]")


def test_pg10_the_list_has_the_order_by_hand(mara, tasks):
    move(mara, tasks[0], after=tasks[2].pk)

    mara.open(f"/projects/{tasks[0].project_id}/?ordering=rank")

    links = mara.page.xpath("//li[contains(@class, 'row')]//span[@class='t']/a")
    assert [link.text_content() for link in links] == ["b", "c", "a", "r"]


def test_pg10_open_sub_tasks_are_asked_about_where_the_project_wants_it(mara, tasks):
    a, b, _c, _r = tasks
    type(a.project).objects.update(on_parent_done="reject")
    Task.objects.filter(pk=b.pk).update(parent=a)

    assert move(mara, a, status="done").status_code == 409
    assert move(mara, a, status="done", on_subtasks="complete").status_code == 303
    assert set(Task.objects.filter(pk__in=(a.pk, b.pk)).values_list("status", flat=True)) == {"done"}
