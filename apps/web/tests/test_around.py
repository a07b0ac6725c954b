"""Sub-tasks, relations and watchers of a task, and undo."""

from __future__ import annotations

import uuid

import pytest

from apps.projects.models import OnParentDone
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Relation, Task, Watch
from apps.tasks.relations.services import create_relation
from apps.tasks.services import archive_task, create_task
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User
from apps.web.tests.browser import Browser, values_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(owner):
    return Browser(owner)


@pytest.fixture
def other(project):
    return TaskFactory(project=project, title="Switch the old editor off")


def test_a_sub_task_is_added_listed_and_finished(mara, task):
    mara.open(f"/tasks/{task.pk}/")
    mara.send(f"/tasks/{task.pk}/subtasks/", title="Export the articles")
    child = Task.objects.get(parent=task)
    mara.follow()
    assert f"/tasks/{child.pk}/" in mara.links()

    mara.send(f"/tasks/{child.pk}/")

    assert mara.response["Location"] == f"/tasks/{task.pk}/#subtasks"
    mara.follow()
    assert "1 of 1" in mara.text
    mara.open(f"/tasks/{child.pk}/")
    assert f"/tasks/{task.pk}/" in mara.links()


def test_pg3_a_bad_sub_task_is_422_on_the_page_of_its_task(mara, task):
    mara.open(f"/tasks/{task.pk}/")

    assert mara.send(f"/tasks/{task.pk}/subtasks/", title=" ").status_code == 422
    assert "Fix the login page" in mara.text


@pytest.mark.parametrize(
    ("named", "status"), [("WEB-2", 303), ("web-2", 303), ("WEB-99", 422), ("x", 422), ("WEB-1", 409)]
)
def test_a_parent_is_named_by_its_key(mara, task, other, named, status):
    mara.open(f"/tasks/{task.pk}/?edit=1")
    sent = values_of(mara.form(f"/tasks/{task.pk}/", name="description")[0])

    answer = mara.client.post(f"/tasks/{task.pk}/", sent | {"parent": named})

    task.refresh_from_db()
    assert answer.status_code == status
    assert task.parent_id == (other.pk if status == 303 else None)


def test_a_moved_sub_task_leaves_its_parent_behind(mara, task, owner):
    child = create_task(actor=owner, project=task.project_id, parent=task.pk, title="Child")
    target = ProjectFactory(owner=owner, key="NEXT")
    mara.open(f"/tasks/{child.pk}/?edit=1")
    sent = values_of(mara.form(f"/tasks/{child.pk}/", name="description")[0])
    assert sent["parent"] == "WEB-1"

    assert mara.client.post(f"/tasks/{child.pk}/", sent | {"project": str(target.pk)}).status_code == 303

    child.refresh_from_db()
    assert (child.project, child.parent_id) == (target, None)


def test_pg3_open_sub_tasks_are_409_with_the_ways_on(mara, task, owner):
    task.project.on_parent_done = OnParentDone.REJECT
    task.project.save(update_fields=["on_parent_done"])
    child = create_task(actor=owner, project=task.project_id, parent=task.pk, title="Child")
    mara.open(f"/tasks/{task.pk}/")
    form = values_of(mara.form(f"/tasks/{task.pk}/", name="status")[0])

    mara.response = mara.client.post(f"/tasks/{task.pk}/", form | {"status": "done"})
    assert mara.response.status_code == 409
    [button] = mara.page.xpath("//button[@value='complete']")
    sent = values_of(mara.form(f"/tasks/{task.pk}/", name="description")[0])
    assert sent["status"] == "done"
    mara.response = mara.client.post(f"/tasks/{task.pk}/", sent | {button.get("name"): button.get("value")})

    child.refresh_from_db()
    assert (mara.response.status_code, child.status) == (303, "done")
    assert "1 sub-task was moved with it" in mara.follow().content.decode()


def test_a_relation_is_made_by_key_shown_and_removed(mara, task, other):
    mara.open(f"/tasks/{task.pk}/")
    mara.send(f"/tasks/{task.pk}/relations/", kind="blocked_by", task="WEB-2")
    relation = Relation.objects.get()
    mara.follow()
    assert "Waits for" in mara.text
    assert f"/tasks/{other.pk}/" in mara.links()
    mara.open(f"/projects/{task.project_id}/")
    assert len(mara.page.xpath("//span[@title='waits for another task']")) == 1
    mara.open(f"/tasks/{other.pk}/")
    assert "Holds up" in mara.text

    mara.send(f"/tasks/{other.pk}/relations/{relation.pk}/delete/")

    assert not Relation.objects.exists()


def test_a_task_that_is_not_visible_is_shown_as_one_that_cannot_be_seen(mara, task, owner, outsider, member):
    hidden = TaskFactory(project=outsider.owned_projects.get(), title="Secret")
    hidden.project.memberships.create(user=owner, role="member")
    create_relation(actor=owner, task=task, kind="blocked_by", other=hidden.pk)
    browser = Browser(member)

    browser.open(f"/tasks/{task.pk}/")

    assert "A task in a project you cannot see" in browser.text
    assert "Secret" not in browser.text
    assert f"/tasks/{hidden.pk}/" not in browser.links()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"kind": "blocks", "task": "WEB-99"}, 422),
        ({"kind": "blocks", "task": "WEB-1"}, 422),
        ({"kind": "never", "task": "WEB-2"}, 422),
        ({"kind": "blocks", "task": ""}, 422),
        ({"kind": "blocks", "task": "WEB-2"}, 409),
    ],
)
def test_pg3_a_bad_relation_is_said_on_the_page(mara, task, other, owner, fields, status):
    create_relation(actor=owner, task=task, kind="blocked_by", other=other.pk)
    mara.open(f"/tasks/{task.pk}/")

    answer = mara.send(f"/tasks/{task.pk}/relations/", **fields)

    assert answer.status_code == status
    assert mara.page.xpath("//*[@role='alert']")
    assert Relation.objects.count() == 1


def test_somebody_watches_mutes_and_stops(mara, task, member):
    browser = Browser(member)
    browser.open(f"/tasks/{task.pk}/")
    for level in ("all", "muted", "none"):
        assert browser.post(f"/tasks/{task.pk}/watch/", level=level).status_code == 303
        assert Watch.objects.get(user=member, task=task).level == level
    assert browser.post(f"/tasks/{task.pk}/watch/", level="participating").status_code == 422


def test_a_member_is_made_to_watch_and_let_go(mara, task, member):
    mara.open(f"/tasks/{task.pk}/")
    mara.send(f"/tasks/{task.pk}/watchers/", user="member")
    assert Watch.objects.get(user=member, task=task).added_by == task.project.owner
    mara.follow()

    mara.send(f"/tasks/{task.pk}/watchers/{member.pk}/delete/")

    assert mara.response.status_code == 303
    assert mara.post(f"/tasks/{task.pk}/watchers/", user="nobody").status_code == 422


def test_an_act_is_undone_by_its_message_once(mara, task):
    mara.open(f"/tasks/{task.pk}/")
    mara.send(f"/tasks/{task.pk}/archive/")
    mara.follow()
    path, of_history = [each.get("action") for each in mara.page.forms if "/undo/" in (each.get("action") or "")]
    assert path == of_history
    path = path.removeprefix("http://testserver")

    assert mara.send(path).status_code == 303

    task.refresh_from_db()
    assert not task.is_archived
    assert mara.post(path).status_code == 409


def test_pg2_somebody_elses_act_is_403_and_an_unknown_one_404(task, owner, member, outsider):
    batch_id = archive_task(actor=owner, task=task).batch_id

    answers = []
    for person in (member, outsider):
        browser = Browser(person)
        browser.open("/projects/")
        answers += [browser.post(f"/batches/{each}/undo/").status_code for each in (batch_id, uuid.uuid4())]

    assert answers == [403, 404, 404, 404]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("subtasks/", {"title": "x"}),
        ("relations/", {"kind": "blocks", "task": "WEB-2"}),
        ("watchers/", {"user": "member"}),
        ("relations/1/delete/", {}),
    ],
)
def test_pg2_a_viewer_and_a_commenter_may_not(task, other, viewer, commenter, outsider, path, fields):
    answers = []
    for person in (viewer, commenter, outsider):
        browser = Browser(person)
        browser.open("/projects/")
        answers.append(browser.post(f"/tasks/{task.pk}/{path}", **fields).status_code)

    assert answers == [403, 403, 404]


@pytest.mark.parametrize(
    ("page", "action", "fields"),
    [
        ("/", "/", {"text": ""}),
        ("/projects/{project}/", "/projects/{project}/", {"text": ""}),
        ("/tasks/{task}/", "/tasks/{task}/subtasks/", {"title": ""}),
        ("/tasks/{task}/", "/tasks/{task}/relations/", {"task": "no such"}),
        ("/tasks/{task}/", "/tasks/{task}/watchers/", {"user": "nobody-of-this-name"}),
    ],
)
def test_pg12_the_reason_is_tied_to_its_field_and_in_the_readers_language(owner, project, task, page, action, fields):
    User.objects.filter(pk=owner.pk).update(language="de")
    ids = {"project": project.pk, "task": task.pk}
    browser = Browser(owner)
    browser.open(page.format(**ids))

    assert browser.send(action.format(**ids), **fields).status_code == 422

    [field] = browser.page.xpath(f"//main//form//input[@name='{next(iter(fields))}' and @aria-invalid='true']")
    said = [browser.page.xpath(f"//*[@id='{each}']") for each in field.get("aria-describedby").split()]
    assert [len(each) for each in said] == [1] * len(said)
    words = " ".join(each[0].text_content() for each in said)
    assert words.strip()
    assert not any(word in words.split() for word in ("the", "this", "Give", "may", "of", "is"))
