"""PG2 and property 5: what the API's access matrix says holds for the pages."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.urls.converters import UUIDConverter

from apps.projects.services import delete_project
from apps.tasks.attachments.tests.files import PDF
from apps.tasks.comments.services import create_comment
from apps.tasks.services import delete_task
from apps.tasks.tests.factories import TaskFactory
from apps.users.tests.factories import UserFactory
from apps.web.tests.browser import Browser
from apps.web.urls import urlpatterns

pytestmark = pytest.mark.django_db
WHO = ("outsider", "viewer", "commenter", "member", "admin", "owner")
# Page or act -> the answers to WHO; the numbers are those of the API with 200 and 303 for its 2xx
READS = dict.fromkeys(
    (
        "/projects/{project}/",
        "/projects/{project}/board/",
        "/projects/{project}/activity/",
        "/projects/{project}/settings/",
        "/projects/{project}/settings/members/",
        "/projects/{project}/settings/labels/",
        "/projects/{project}/settings/export/",
        "/projects/{project}/settings/end/",
        "/projects/{project}/calendar/",
        "/tasks/{task}/",
    ),
    (404, 200, 200, 200, 200, 200),
) | dict.fromkeys(
    ("/projects/{project}/settings/webhooks/", "/projects/{project}/settings/import/"), (404, 403, 403, 403, 200, 200)
)
ACTS = {
    ("/projects/{project}/", ("text", "New")): (404, 403, 403, 303, 303, 303),
    ("/tasks/{task}/", ("status", "done")): (404, 403, 403, 303, 303, 303),
    ("/tasks/{task}/archive/", ()): (404, 403, 403, 303, 303, 303),
    ("/tasks/{task}/unarchive/", ()): (404, 403, 403, 303, 303, 303),
    ("/tasks/{task}/delete/", ()): (404, 403, 403, 403, 303, 303),
    ("/tasks/{task}/comments/", ("body", "Hello")): (404, 403, 303, 303, 303, 303),
    ("/tasks/{task}/comments/{comment}/", ("body", "Other")): (404, 403, 403, 403, 403, 303),
    ("/tasks/{task}/comments/{comment}/delete/", ()): (404, 403, 403, 403, 303, 303),
    ("/projects/{project}/settings/", ("name", "Other")): (404, 403, 403, 403, 303, 303),
    ("/projects/{project}/settings/members/", ("username", "guest")): (404, 403, 403, 403, 303, 303),
    ("/projects/{project}/settings/webhooks/", ("url", "no address")): (404, 403, 403, 403, 422, 422),
    ("/projects/{project}/settings/import/", ("source", "csv")): (404, 403, 403, 403, 422, 422),
    ("/projects/{project}/settings/end/", ("act", "archive")): (404, 403, 403, 403, 303, 303),
    ("/projects/{project}/settings/end/", ("act", "delete")): (404, 403, 403, 403, 403, 303),
}


@pytest.fixture
def people(request, project, admin, member, commenter, viewer, outsider, owner):
    UserFactory(username="guest")
    return dict(zip(WHO, (outsider, viewer, commenter, member, admin, owner), strict=True))


@pytest.fixture
def places(project, task, owner):
    comment = create_comment(actor=owner, task=task, body="First")
    return {"project": project.pk, "task": task.pk, "comment": comment.pk}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("path", READS)
def test_pg2_a_page_is_there_for_members_and_for_nobody_else(people, places, path, who):
    answer = Browser(people[who]).open(path.format(**places))

    assert answer.status_code == READS[path][WHO.index(who)]
    if answer.status_code == 200:
        assert answer["Cache-Control"] == "private, no-store"
        assert "Cookie" in answer["Vary"]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("act", ACTS, ids=lambda act: f"{act[0]} {'='.join(act[1])}")
def test_pg2_an_act_needs_the_role_that_the_api_asks_for(people, places, act, who):
    path, fields = act
    browser = Browser(people[who])
    browser.open("/projects/")

    answer = browser.post(path.format(**places), **(dict([fields]) if fields else {}), role="viewer")

    assert answer.status_code == ACTS[act][WHO.index(who)], answer.content[:3000]
    if answer.status_code in {403, 404}:
        assert b"Fix the login page" not in answer.content


@pytest.mark.parametrize("path", ["/tasks/{}/", "/projects/{}/", "/projects/{}/settings/"])
def test_pg2_without_a_session_the_answer_is_the_same_whether_the_thing_exists(project, task, path, db):
    there = Browser().open(path.format(task.pk if "tasks" in path else project.pk))
    not_there = Browser().open(path.format(999_999_999))

    assert there.status_code == not_there.status_code == 302
    assert (
        there["Location"].replace(str(task.pk), "") == not_there["Location"].replace("999999999", "")
        or "tasks" not in path
    )


def example(converter):
    """Return a value of a path that names nothing; a group of a regular expression is a secret."""
    if converter is None:
        return "x" * 43
    return UUID(int=1) if isinstance(converter, UUIDConverter) else 999_999_999


def test_pg2_pg3_every_page_needs_a_session_and_every_form_its_token(owner):
    """The routes themselves are gone through, so that a new page cannot be forgotten. Property 4."""
    stranger, mara = Browser(), Browser(owner)
    found = {"open": [], "without a token": []}
    posts = 0
    for pattern in urlpatterns:
        view = pattern.callback.view_class
        names = dict.fromkeys(pattern.pattern.regex.groupindex) | pattern.pattern.converters
        path = reverse(pattern.name, kwargs={name: example(each) for name, each in names.items()})
        if not view.public and stranger.open(path).status_code != 302:
            found["open"].append(path)
        if hasattr(view, "post") and mara.client.post(path, {"next": "/"}).status_code not in (403, 404):
            found["without a token"].append(path)
        posts += hasattr(view, "post")

    print(f"pages: {len(urlpatterns)} routes, {posts} of them take forms: {found}")
    assert found == {"open": [], "without a token": []}
    assert posts > 40


def test_pg3_every_act_that_is_opened_like_a_page_leads_to_the_page_of_its_form(owner, project, task):
    """After a rejection the address bar holds the path of the act, which a person opens anew."""
    browser = Browser(owner)
    ends = {}
    for pattern in urlpatterns:
        view = pattern.callback.view_class
        if hasattr(view, "get") and "get" in view.http_method_names:
            continue
        names = dict.fromkeys(pattern.pattern.regex.groupindex) | pattern.pattern.converters
        path = reverse(pattern.name, kwargs={name: example(each) for name, each in names.items()})
        answer = browser.open(path)
        assert answer.status_code == 302, path
        ends[path] = answer["Location"]
        assert browser.open(answer["Location"]).status_code in {200, 404}, path

    print(f"{len(ends)} acts lead to {len(set(ends.values()))} pages")
    assert len(ends) > 30
    for path, end in (
        (f"/tasks/{task.pk}/relations/", f"/tasks/{task.pk}/"),
        (f"/projects/{project.pk}/settings/members/role/", f"/projects/{project.pk}/settings/members/"),
        ("/trash/1/restore/", "/trash/"),
        ("/logout/", "/"),
    ):
        browser.open(path)
        assert browser.response["Location"] == end
    assert Browser().open(f"/tasks/{task.pk}/relations/")["Location"].startswith("/login/?next=")


def test_pg2_who_may_restore_is_led_to_the_trash_and_an_outsider_is_told_nothing(task, owner, viewer, outsider):
    delete_task(actor=owner, task=task)

    mine, seen, theirs = Browser(owner), Browser(viewer), Browser(outsider)
    assert mine.open(f"/tasks/{task.pk}/").status_code == 404
    assert "It is in the trash." in mine.text
    assert "Look in the trash" in mine.text
    assert seen.open(f"/tasks/{task.pk}/").status_code == 404
    assert "It is in the trash." in seen.text
    assert "Look in the trash" not in seen.text  # it would be empty for them
    assert theirs.open(f"/tasks/{task.pk}/").status_code == 404
    assert "It is in the trash." not in theirs.text


def test_pg2_the_pages_of_a_trashed_project_are_404_with_the_way_to_the_trash(project, task, owner):
    delete_project(actor=owner, project_id=project.pk)
    browser = Browser(owner)

    for path in (f"/projects/{project.pk}/", f"/projects/{project.pk}/board/", f"/tasks/{task.pk}/"):
        assert browser.open(path).status_code == 404
        assert "It is in the trash." in browser.text
        assert "Look in the trash" in browser.text


def test_pg2_a_file_is_there_for_members_of_its_task_alone(task, owner, outsider, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    browser = Browser(owner)
    browser.open(f"/tasks/{task.pk}/")
    assert browser.send(f"/tasks/{task.pk}/attachments/", file=SimpleUploadedFile("a.pdf", PDF)).status_code == 303
    browser.follow()
    [path] = [each for each in browser.links() if "/attachments/" in each]
    other = TaskFactory(project=task.project)

    assert b"".join(browser.open(path).streaming_content) == PDF
    assert browser.response["Content-Disposition"].startswith("attachment")
    assert browser.open(path.replace(f"/tasks/{task.pk}/", f"/tasks/{other.pk}/")).status_code == 404
    assert Browser(outsider).open(path).status_code == 404
    assert Browser().open(path).status_code == 302


@pytest.mark.parametrize("kind", ["restore", "purge"])
def test_pg2_a_trash_entry_is_for_people_who_may_restore_it(task, owner, viewer, outsider, kind):
    entry = delete_task(actor=owner, task=task)

    answers = []
    for person in (outsider, viewer, owner):
        browser = Browser(person)
        browser.open("/trash/")
        answers.append(browser.post(reverse(f"trash-{kind}", args=[entry.pk])).status_code)

    assert answers == [404, 403, 303]
