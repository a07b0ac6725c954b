"""PG3: what shares its name with another is told apart wherever it is chosen."""

from __future__ import annotations

import pytest

from apps.projects.services import create_project
from apps.tasks.filtering.reader import reader_of
from apps.tasks.saved_views.judging import kept_filter
from apps.tasks.saved_views.services import create_view
from apps.tasks.tests.factories import TaskFactory
from apps.tokens.tests.factories import make_token
from apps.users.models import User
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db
TOKENS = "/settings/tokens/"


def keep_view(owner, name, text="", **fields):
    return create_view(actor=owner, name=name, **kept_filter(text, reader_of(owner)), **fields)


@pytest.fixture
def kims(owner, member):
    """Two members who are called Kim."""
    User.objects.filter(pk__in=[owner.pk, member.pk]).update(nickname="Kim")
    return {f"Kim ({owner.username})", f"Kim ({member.username})"}


def test_pg3_projects_and_people_of_one_name_are_distinct_names_where_they_are_chosen(owner, member, project, task):
    other = create_project(actor=owner, name=project.name.upper())
    alone = create_project(actor=owner, name="Garden")
    User.objects.filter(pk__in=[owner.pk, member.pk]).update(nickname="Kim")
    browser = Browser(owner)
    wanted = {f"{project.name} ({project.key})", f"{other.name} ({other.key})", alone.name}

    browser.open(TOKENS)
    assert wanted <= set(browser.page.xpath("//fieldset//label//span/text()"))
    for page in (f"/tasks/new/?project={project.pk}", "/views/new/"):
        browser.open(page)
        assert wanted <= set(browser.page.xpath("//select[@name='project']/option/text()"))
    browser.open(f"/tasks/new/?project={project.pk}")
    people = set(browser.page.xpath("//select[@name='assigned_to']/option/text()"))
    assert people >= {f"Kim ({owner.username})", f"Kim ({member.username})"}
    browser.open(f"/projects/{project.pk}/")
    assert wanted - {f"{project.name} ({project.key})"} <= set(browser.page.xpath("//*[@id='bulk-move']//span/text()"))

    make_token(owner, projects=[project])
    browser.open(TOKENS)
    assert f"{project.name} ({project.key})" in browser.page.xpath("//table//td[2]/span/text()")


def test_pg3_people_of_one_name_are_distinct_in_the_filter_the_bulk_bar_and_the_menu_of_owners(
    owner, member, project, task, kims
):
    browser = Browser(owner)

    browser.open(f"/projects/{project.pk}/?assigned_to={member.pk}")
    assert kims <= set(browser.page.xpath("//select[@id='f-who']/option/text()"))
    assert f"Kim ({member.username})" in browser.page.xpath("//*[@class='chip plain']//b/text()")
    browser.open(f"/projects/{project.pk}/")
    assert kims <= set(browser.page.xpath("//*[@id='bulk-who']/button/text()"))
    browser.open(f"/projects/{project.pk}/settings/end/")
    [new_owner] = browser.page.xpath("//select[@name='user_id']/option[@value!='']/text()")
    assert new_owner == f"Kim ({member.username})"


@pytest.mark.parametrize("layout", ["list", "board"])
def test_pg3_people_and_projects_of_one_name_have_groups_and_columns_of_their_own(owner, member, project, kims, layout):
    other = create_project(actor=owner, name=project.name)
    TaskFactory(project=project, title="One", assigned_to=owner)
    TaskFactory(project=project, title="Two", assigned_to=member)
    TaskFactory(project=other, title="Three", assigned_to=owner)
    browser = Browser(owner)
    names = {}
    for group_by in ("assignee", "project"):
        view = keep_view(owner, group_by, layout=layout, group_by=group_by, ordering="title")
        browser.open(f"/views/{view.pk}/")
        names[group_by] = set(browser.page.xpath("//*[@id='list']//h2/text()")) - {"Nobody"}

    assert names["assignee"] == kims
    assert names["project"] == {f"{each.name} ({each.key})" for each in (project, other)}


def test_pg3_views_of_one_name_are_distinct_where_a_feed_is_made(owner, project):
    for text, of in (("status = done", project), ("status = todo", project), ("", None)):
        keep_view(owner, "Late", text, project_id=of.pk if of else None)
    keep_view(owner, "Alone", "status = done")
    browser = Browser(owner)

    browser.open("/settings/calendars/")

    offered = set(browser.page.xpath("//select[@name='view']/option/text()"))
    assert offered >= {
        f"Late ({project.key}: status = done)",
        f"Late ({project.key}: status = todo)",
        "Late (every task)",
        "Alone",
    }
    chosen = browser.page.xpath("//option[starts-with(., 'Late (every')]/@value")[0]
    browser.send("/settings/calendars/", name="All", view=chosen)
    assert "Late (every task)" in browser.open("/settings/calendars/").content.decode()
