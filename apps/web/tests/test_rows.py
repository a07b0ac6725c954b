"""PG15, PG12: rows and cards are written without a template, and escape and speak as one does."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.projects.tests.factories import MembershipFactory
from apps.tasks.models import Label, TaskLabel
from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db

HOSTILE = "<i>{0} %s & \"'"


@pytest.fixture
def hostile(project, owner):
    """Return a task whose own texts and those around it are markup."""
    person = MembershipFactory(project=project).user
    person.nickname = HOSTILE
    person.save()
    project.name = HOSTILE
    project.save()
    task = TaskFactory(project=project, title=HOSTILE, assigned_to=person, due_date=timezone.now())
    for number in range(4):
        label = Label.objects.create(project=project, name=f"{HOSTILE}{number}", color="#112233")
        TaskLabel.objects.create(project_id=project.pk, task=task, label=label)
    return task


@pytest.mark.parametrize("path", ["/projects/{}/", "/projects/{}/board/", "/search/?search=i"])
def test_pg15_texts_of_people_are_texts_in_rows_and_cards(owner, project, hostile, path):
    browser = Browser(owner)
    browser.open(path.format(project.pk))

    [part] = browser.page.xpath("//li[@data-task]")
    assert part.xpath(".//i") == []
    [title] = part.xpath(".//a[@dir='auto']")
    assert title.text_content() == HOSTILE
    assert part.xpath(".//*[@role='img' and contains(@class, 'av')]/@title") == [HOSTILE]
    assert [each.text_content() for each in part.xpath(".//span[contains(@class, 'label l-')]")] == [
        f"{HOSTILE}0",
        f"{HOSTILE}1",
    ]
    [more] = part.xpath(".//span[@class='label more']")
    assert more.get("title") == f"{HOSTILE}2, {HOSTILE}3"


def test_pg12_rows_and_cards_speak_the_language_of_their_reader(owner, project):
    TaskFactory(project=project, comments_count=0)
    said = {}
    for language in ("en", "de", "en"):
        owner.language = language
        owner.save()
        browser = Browser(owner)
        found = []
        for path in (f"/projects/{project.pk}/", f"/projects/{project.pk}/board/"):
            browser.open(path)
            [part] = browser.page.xpath("//li[@data-task]")
            found.append(part.xpath(".//@aria-label"))
        assert said.setdefault(language, found) == found

    assert [len(each) for each in said["en"]] == [len(each) for each in said["de"]]
    for english, german in zip(said["en"], said["de"], strict=True):
        assert english
        assert set(english).isdisjoint(german)


def test_pg15_texts_of_people_are_texts_in_the_choices_of_a_list(owner, project, hostile):
    browser = Browser(owner)
    [chosen, *_] = Label.objects.order_by("pk")
    browser.open(f"/projects/{project.pk}/?label_any={chosen.pk}&status=todo&status=done&ordering=title")
    page = browser.page

    assert page.xpath("//select//i | //*[@id='bulk-who']//i") == []
    assert HOSTILE in [each.text_content() for each in page.xpath("//select[@id='f-who']/option")]
    assert any(each.text_content().endswith(HOSTILE) for each in page.xpath("//*[@id='bulk-who']/button"))
    assert [each.text_content() for each in page.xpath("//select[@id='f-label']/option[@selected]")] == [chosen.name]
    assert page.xpath("//select[@id='f-order']/option[@selected]/@value") == ["title"]
    assert page.xpath("//input[@type='checkbox'][@name='status'][@checked]/@value") == ["todo", "done"]
