"""PG10 on the board of a view: a column says which field of a card it sets: status, priority or assignee."""

from __future__ import annotations

import pytest

from apps.notifications.models import Notification
from apps.projects.models import Activity
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.filtering.reader import reader_of
from apps.tasks.labels.services import create_label
from apps.tasks.models import Task
from apps.tasks.saved_views.judging import kept_filter
from apps.tasks.saved_views.services import create_view
from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser, values_of
from apps.web.tests.test_board import columns

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(owner):
    return Browser(owner)


@pytest.fixture
def board(owner, project):
    """Return a maker of boards of the project: `board("priority")` is the path of one by priority."""

    def make(group_by, text="", **options):
        fields = {"layout": "board", "ordering": "title", "project_id": project.pk} | options
        fields |= kept_filter(text, reader_of(owner))
        view = create_view(actor=owner, name=f"By {group_by}", group_by=group_by, **fields)
        return f"/views/{view.pk}/"

    return make


def ways_of(browser, task):
    """Return what the Move menu of a card offers: the field, and each value with its words."""
    found = browser.page.xpath(f"//div[@id='move-{task.pk}' or @id='move-{task.pk}-1']/button")
    return [(each.get("name"), each.get("value"), each.text_content()) for each in found]


def said(browser):
    return browser.page.xpath("normalize-space(//*[@role='status']//span)")


def test_pg10_a_board_by_priority_has_all_columns_and_a_card_moves_and_back_by_undo(mara, project, board):
    task = TaskFactory(project=project, title="a", priority="medium")
    path = board("priority")
    mara.open(path)
    assert columns(mara) == {"urgent": "", "high": "", "medium": "a", "low": ""}
    assert [value for _, value, _ in ways_of(mara, task)] == ["urgent", "high", "low"]

    mara.send(f"{path}tasks/{task.pk}/", priority="urgent")
    mara.follow()

    assert columns(mara) == {"urgent": "a", "high": "", "medium": "", "low": ""}
    assert said(mara) == f"{task.key} a has the priority Urgent"
    event = Activity.objects.latest("pk")
    assert (event.type, event.origin, set(event.changes)) == ("task.updated", "page", {"priority"})
    mara.send(f"/batches/{event.batch_id}/undo/")
    mara.follow()
    assert columns(mara)["medium"] == "a"


def test_pg10_a_board_by_assignee_gives_a_task_to_members_and_to_nobody(mara, project, board, owner, member):
    task = TaskFactory(project=project, title="a")
    path = board("assignee")
    mara.open(path)
    assert columns(mara) == {"": "a", str(owner.pk): "", str(member.pk): ""}

    mara.send(f"{path}tasks/{task.pk}/", assigned_to=member.pk)
    mara.follow()

    assert columns(mara)[str(member.pk)] == "a"
    assert said(mara) == f"{task.key} a is assigned to {member.nickname or member.username}"
    assert Notification.objects.filter(recipient=member, kind="task_assigned").exists()  # as by the API
    nobody = next(each for each in ways_of(mara, task) if each[1] == "")
    assert nobody == ("assigned_to", "", "Nobody")
    mara.send(f"{path}tasks/{task.pk}/", assigned_to="")
    mara.follow()
    assert Task.objects.get().assigned_to is None
    assert said(mara) == f"{task.key} a is assigned to nobody"


def test_pg10_a_board_by_status_of_a_view_moves_by_the_same_form_and_is_undone_with_the_instant(mara, project, board):
    task = TaskFactory(project=project, title="a", status="done")
    before = Task.objects.get().completed_at
    path = board("status")
    mara.open(path)

    mara.send(f"{path}tasks/{task.pk}/", status="todo")
    mara.follow()
    mara.send(f"/batches/{Activity.objects.latest('pk').batch_id}/undo/")

    now = Task.objects.get()
    assert (now.status, now.completed_at) == ("done", before)


def test_pg10_the_menu_offers_only_members_of_the_task_and_others_are_refused_with_the_board(mara, board, owner):
    here, there = ProjectFactory(owner=owner), ProjectFactory(owner=owner)
    ann, ben = MembershipFactory(project=here).user, MembershipFactory(project=there).user
    mine = TaskFactory(project=here, title="a", assigned_to=ann)
    TaskFactory(project=there, title="b", assigned_to=ben)
    path = board("assignee", project_id=None)
    mara.open(path)

    assert {value for _, value, _ in ways_of(mara, mine)} == {"", str(owner.pk)}
    answer = mara.post(f"{path}tasks/{mine.pk}/", assigned_to=ben.pk, next=path)

    assert answer.status_code == 422
    assert mara.page.xpath("normalize-space(//*[@role='alert'])") == "An assignee must be a member of the project."
    assert columns(mara)[str(ann.pk)] == "a"
    form, _ = mara.form(f"{path}tasks/{mine.pk}/")
    assert values_of(form)["next"] == path


def test_pg10_where_members_are_many_only_those_with_a_card_have_columns_and_the_rest_is_one_press_away(
    mara, project, board, owner
):
    for _ in range(13):
        MembershipFactory(project=project)
    task = TaskFactory(project=project, title="a", assigned_to=owner)
    path = board("assignee")

    mara.open(path)

    assert columns(mara) == {"": "", str(owner.pk): "a"}
    assert f"/tasks/{task.pk}/choose/?field=assigned_to&next={path}" in mara.links()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"priority": "no such"},
        {"assigned_to": "x"},
        {"assigned_to": 10**17},
        {"status": "done", "priority": "low"},
        {"title": "other"},
        {"priority": ""},
    ],
)
def test_pg3_a_wrong_move_is_the_board_again_with_the_reason(mara, project, board, fields):
    task = TaskFactory(project=project, title="a", priority="low")
    path = board("priority")
    mara.open(path)

    answer = mara.post(f"{path}tasks/{task.pk}/", **fields)

    assert answer.status_code == 422
    assert mara.page.xpath("//*[@role='alert']//p[normalize-space()]")
    assert columns(mara)["low"] == "a"
    now = Task.objects.get()
    assert (now.title, now.status, now.priority, now.version) == ("a", "todo", "low", task.version)


def test_pg10_open_sub_tasks_are_asked_about_on_the_board_of_a_view(mara, project, board):
    type(project).objects.update(on_parent_done="reject")
    task = TaskFactory(project=project, title="a")
    TaskFactory(project=project, title="b", parent=task)
    path = board("status")
    mara.open(path)

    assert mara.post(f"{path}tasks/{task.pk}/", status="done", next=path).status_code == 409
    asked = next(each for each in mara.page.forms if each.xpath(".//button[@name='on_subtasks']"))
    mara.post(f"{path}tasks/{task.pk}/", **values_of(asked), on_subtasks="complete")

    assert mara.response.status_code == 303
    assert set(Task.objects.values_list("status", flat=True)) == {"done"}


def test_pg2_a_viewer_sees_the_board_of_a_view_without_handles_and_moves_nothing(project, board, viewer, outsider):
    task = TaskFactory(project=project, title="a", priority="low")
    path = board("priority", is_shared=True)
    browser = Browser(viewer)
    browser.open(path)
    assert columns(browser)["low"] == "a"
    assert not browser.page.xpath("//button[@formaction][ancestor::form[@id='board']]")

    assert browser.post(f"{path}tasks/{task.pk}/", priority="high").status_code == 403
    assert Browser(outsider).open(path).status_code == 404
    stranger = Browser(outsider)
    stranger.open("/views/")
    assert stranger.post(f"{path}tasks/{task.pk}/", priority="high").status_code == 404


def test_pg10_by_label_and_by_project_cards_stay_in_their_columns_and_offer_the_status(mara, project, board):
    task = TaskFactory(project=project, title="a")
    for group in ("label", "project"):
        path = board(group)
        mara.open(path)
        assert not mara.page.xpath("//ol[@data-field]")
        assert [name for name, _, _ in ways_of(mara, task)] == ["status"] * 3


def test_vi6_a_view_broken_meanwhile_says_so_to_who_moves_a_card(mara, project, board, owner):
    label = create_label(actor=owner, project_id=project.pk, name="bug")
    task = TaskFactory(project=project, title="a", priority="low")
    path = board("priority", text="label = bug or priority = low")
    mara.open(path)
    label.delete()

    assert mara.post(f"{path}tasks/{task.pk}/", priority="high").status_code == 303  # the task is still there
    assert mara.post(f"{path}tasks/{task.pk}/", priority="no such").status_code == 409
    assert mara.page.xpath("string(//mark)") == "bug"
