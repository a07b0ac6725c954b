"""Labels on the pages."""

from __future__ import annotations

import pytest

from apps.tasks.labels.colors import PALETTE
from apps.tasks.labels.services import create_label
from apps.tasks.models import Label
from apps.tasks.services import update_task
from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(owner):
    return Browser(owner)


@pytest.fixture
def bug(project, owner):
    return create_label(actor=owner, project_id=project.pk, name="bug", color="#c8473f")


def tag(task, owner, *labels):
    return update_task(actor=owner, task=task, changes={"labels": [label.pk for label in labels]})


def test_pg5_colours_come_from_a_style_sheet_with_an_entity_tag(mara, project, bug, outsider):
    path = f"/projects/{project.pk}/labels.css"
    mara.open(f"/projects/{project.pk}/")
    assert path in {link.get("href").removeprefix("http://testserver") for link in mara.page.xpath("//link")}

    answer = mara.open(path)
    assert (answer["Content-Type"], answer.content.decode()) == ("text/css", f".l-{bug.pk} {{ --c: #c8473f; }}\n")
    assert "no-store" not in answer["Cache-Control"]
    assert mara.open(path, **{"If-None-Match": answer["ETag"]}).status_code == 304
    Label.objects.filter(pk=bug.pk).update(color="#000000")
    assert mara.open(path, **{"If-None-Match": answer["ETag"]}).status_code == 200
    assert Browser(outsider).open(path).status_code == 404
    assert Browser().open(path).status_code == 302


def test_labels_stand_on_rows_cards_and_tasks(mara, project, task, bug, owner):
    others = [create_label(actor=owner, project_id=project.pk, name=name) for name in ("<b>seo</b>", "zebra")]
    tag(task, owner, bug, *others)

    mara.open(f"/projects/{project.pk}/")
    assert len(mara.page.xpath("//li[contains(@class, 'row')]//span[contains(@class, 'l-')]")) == 2
    assert "+1 more labels: zebra" in mara.text
    mara.open(f"/projects/{project.pk}/board/")
    assert mara.page.xpath(f"//li[@class='card']//span[@class='label l-{bug.pk}']")
    mara.open(f"/tasks/{task.pk}/")
    assert [each.text_content() for each in mara.page.xpath("//aside//span[contains(@class, 'l-')]")] == [
        "<b>seo</b>",
        "bug",
        "zebra",
    ]


def test_a_new_label_is_offered_a_colour_that_no_label_has(mara, project, bug):
    """A browser sends black for a colour that nobody chose."""
    mara.open(f"/projects/{project.pk}/settings/labels/")

    (offered,) = mara.page.xpath("//input[@type='color']/@value")
    assert offered in PALETTE
    assert offered != bug.color


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("label_any={bug}", {"tagged"}),
        ("label_all=name:BUG&label_any={bug}", {"tagged"}),
        ("label_none={bug}", {"plain"}),
        ("has_labels=false", {"plain"}),
        ("label_any=", {"tagged", "plain"}),
    ],
)
def test_lists_are_narrowed_by_labels_as_in_the_api(mara, project, bug, owner, query, found):
    tag(TaskFactory(project=project, title="tagged"), owner, bug)
    TaskFactory(project=project, title="plain")
    for path in (f"/projects/{project.pk}/", "/search/"):
        mara.open(f"{path}?overdue=false&{query.format(bug=bug.pk)}")
        titles = mara.page.xpath("//li[contains(@class, 'row')]//span[@class='t']/a")
        assert {each.text_content() for each in titles} == found, path


@pytest.mark.parametrize("query", ["label_any=999999", "label_all=x", "label_none=name:nothing"])
def test_pg7_an_unknown_label_is_a_400_page(mara, project, query):
    assert mara.open(f"/projects/{project.pk}/?{query}").status_code == 400


def test_the_boxes_of_a_task_set_all_its_labels(mara, task, bug, owner):
    seo = create_label(actor=owner, project_id=task.project_id, name="seo")
    tag(task, owner, bug)
    mara.open(f"/tasks/{task.pk}/?edit=1")
    assert mara.page.xpath("//input[@name='labels' and @checked]/@value") == [str(bug.pk)]
    sent = {"title": task.title}
    for chosen in ([seo.pk], [seo.pk, bug.pk], []):
        assert mara.post(f"/tasks/{task.pk}/", labels=["", *chosen], **sent).status_code == 303
        assert set(task.task_labels.values_list("label_id", flat=True)) == set(chosen)
    mara.post(f"/tasks/{task.pk}/", labels=["", seo.pk], **sent)
    mara.post(f"/tasks/{task.pk}/", status="review")
    assert task.task_labels.count() == 1
    assert mara.post(f"/tasks/{task.pk}/", labels=["", "999999"], **sent).status_code == 422


def test_pg3_a_conflict_names_labels_and_parents_of_both(mara, task, bug, owner, member):
    seo = create_label(actor=owner, project_id=task.project_id, name="seo")
    parent = TaskFactory(project=task.project)
    mara.open(f"/tasks/{task.pk}/?edit=1")
    update_task(actor=member, task=task, changes={"labels": [bug.pk], "parent": parent.pk})

    mara.post(f"/tasks/{task.pk}/", labels=["", seo.pk], parent="", version="1", title="Mine")

    assert mara.response.status_code == 412
    cells = {cell.text_content() for cell in mara.page.xpath("//table//td")}
    assert {"seo", "bug", "nothing", parent.key} <= cells
    assert mara.page.xpath("//input[@name='labels' and @checked]/@value") == [str(seo.pk)]


def test_a_label_is_made_changed_merged_and_deleted(mara, project, task, owner):
    path = f"/projects/{project.pk}/settings/labels/"
    mara.open(path)
    for name in ("bug", "defect"):
        assert mara.send(path, name=name, color="#112233").status_code == 303
        mara.follow()
    bug, defect = Label.objects.by_name()
    tag(task, owner, defect)
    mara.open(f"{path}{defect.pk}/")
    mara.post(f"{path}{defect.pk}/", name="fault", color="#445566", description="Wrong")
    defect.refresh_from_db()
    assert (defect.name, defect.color, defect.description) == ("fault", "#445566", "Wrong")

    assert mara.post(f"{path}{defect.pk}/", act="merge", into="").status_code == 422
    mara.post(f"{path}{defect.pk}/", act="merge", into=str(bug.pk))
    assert "fault is bug now, on 1 task" in mara.follow().content.decode()
    assert list(task.task_labels.values_list("label_id", flat=True)) == [bug.pk]
    assert mara.post(f"{path}{bug.pk}/", act="delete").status_code == 303

    assert not Label.objects.exists()


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"name": ""}, 422), ({"name": "BUG"}, 409), ({"name": "x", "color": "red"}, 422), ({"name": "x" * 51}, 422)],
)
def test_pg3_a_bad_label_is_shown_again(mara, project, bug, fields, status):
    path = f"/projects/{project.pk}/settings/labels/"
    mara.open(path)

    assert mara.send(path, **fields).status_code == status
    assert mara.page.xpath("//*[@role='alert']")
    assert Label.objects.count() == 1


def test_pg2_members_make_labels_and_admins_merge_and_delete_them(project, bug, viewer, member, admin, outsider):
    path = f"/projects/{project.pk}/settings/labels/"
    found = {}
    for name, person in {"outsider": outsider, "viewer": viewer, "member": member, "admin": admin}.items():
        browser = Browser(person)
        browser.open("/projects/")
        acts = (
            (path, {"name": f"by {name}"}),
            (f"{path}{bug.pk}/", {"name": "bug", "act": "save"}),
            (f"{path}{bug.pk}/", {"act": "delete"}),
        )
        found[name] = [browser.post(each, **fields).status_code for each, fields in acts]

    assert found == {
        "outsider": [404, 404, 404],
        "viewer": [403, 403, 403],
        "member": [303, 303, 403],
        "admin": [303, 303, 303],
    }
