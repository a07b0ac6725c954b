"""Comments and files of a task, and what its history says."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.projects.events import UNLISTED, EventType
from apps.projects.models import Activity
from apps.tasks.attachments.tests.files import PDF
from apps.tasks.comments.services import create_comment, edit_comment
from apps.tasks.models import Attachment, Comment
from apps.tasks.services import update_task
from apps.users.models import User
from apps.users.services import anonymise
from apps.web.tasks.history import WORDS
from apps.web.tests.browser import Browser, values_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def mara(owner):
    return Browser(owner)


def test_a_comment_is_shown_as_html_in_the_line_of_time(mara, task, member):
    mara.open(f"/tasks/{task.pk}/")

    mara.send(f"/tasks/{task.pk}/comments/", body="Look, @member: **31 readers**\r\n\r\n<script>x</script>")

    comment = Comment.objects.get()
    assert comment.body == "Look, @member: **31 readers**\n\n<script>x</script>"
    assert mara.response["Location"] == f"/tasks/{task.pk}/#comment-{comment.pk}"
    mara.follow()
    [article] = mara.page.xpath(f"//article[@id='comment-{comment.pk}']")
    assert article.xpath("string(.//strong)") == "31 readers"
    assert article.xpath("string(.//*[@class='mention'])") == "@member"
    assert not article.xpath(".//script")


@pytest.mark.parametrize("body", ["", " \r\n ", "x" * 20_001])
def test_pg3_a_bad_comment_is_422_below_its_task(mara, task, body):
    mara.open(f"/tasks/{task.pk}/")

    answer = mara.send(f"/tasks/{task.pk}/comments/", body=body)

    assert answer.status_code == 422
    assert mara.page.xpath("//textarea[@name='body']")[0].get("aria-invalid") == "true"
    assert "Fix the login page" in mara.text


def test_pg3_two_edits_of_a_comment_show_both_texts(mara, task, owner):
    comment = create_comment(actor=owner, task=task, body="First")
    path = f"/tasks/{task.pk}/comments/{comment.pk}/"
    mara.open(path)
    sent = values_of(mara.form(path, name="body")[0])
    assert sent["body"] == "First"
    edit_comment(actor=owner, comment=comment, body="From the phone")

    mara.response = mara.client.post(path, sent | {"body": "From the desk"})

    assert mara.response.status_code == 412
    assert "From the phone" in mara.text
    again = values_of(mara.form(path, name="body")[0])
    assert (again["body"], again["version"]) == ("From the desk", "2")
    assert mara.client.post(path, again).status_code == 303
    comment.refresh_from_db()
    assert comment.body == "From the desk"


def test_a_deleted_comment_leaves_its_place(mara, task, owner):
    comment = create_comment(actor=owner, task=task, body="Never mind")
    mara.open(f"/tasks/{task.pk}/")

    mara.send(f"/tasks/{task.pk}/comments/{comment.pk}/delete/")
    mara.follow()

    assert "Never mind" not in mara.text
    assert "deleted this comment" in mara.text
    assert mara.post(f"/tasks/{task.pk}/comments/{comment.pk}/", body="Again").status_code == 409


def test_a_comment_is_found_below_its_own_task_alone(mara, task, owner, project):
    from apps.tasks.tests.factories import TaskFactory

    comment = create_comment(actor=owner, task=task, body="Here")
    other = TaskFactory(project=project)

    assert mara.open(f"/tasks/{other.pk}/comments/{comment.pk}/").status_code == 404
    assert mara.post(f"/tasks/{other.pk}/comments/{comment.pk}/delete/").status_code == 404


def test_the_history_says_who_did_what_in_words(mara, task, owner, member):
    update_task(actor=member, task=task, changes={"status": "review"})
    update_task(actor=member, task=task, changes={"assigned_to": owner.pk, "title": "<b>New</b>"})

    mara.open(f"/tasks/{task.pk}/?show=history")

    entries = [" ".join(each.text_content().split()) for each in mara.page.xpath("//li[contains(@class, 'act')]")]
    assert entries[0].startswith("member changed the status: Status To do → In review")
    assert "Title Fix the login page → <b>New</b>" in entries[1]
    assert "owner" in entries[1]


def test_every_event_of_a_history_has_words():
    shown = {each.verb for each in EventType if each not in UNLISTED}

    assert shown - WORDS.keys() == set()


@pytest.mark.parametrize(("show", "shown"), [("all", (1, 1)), ("comments", (1, 0)), ("history", (0, 2)), ("x", (1, 1))])
def test_talk_and_history_can_be_seen_apart(mara, task, owner, show, shown):
    create_comment(actor=owner, task=task, body="Hello")
    update_task(actor=owner, task=task, changes={"status": "done"})

    mara.open(f"/tasks/{task.pk}/?show={show}")

    found = mara.page.xpath("//article[@class='comment']"), mara.page.xpath("//li[contains(@class, 'act')]")
    assert tuple(map(len, found)) == shown


def test_a_file_is_attached_listed_and_deleted(mara, task):
    mara.open(f"/tasks/{task.pk}/")

    mara.send(f"/tasks/{task.pk}/attachments/", file=SimpleUploadedFile("<b>résumé.pdf", PDF))

    assert mara.response["Location"] == f"/tasks/{task.pk}/#files"
    file = Attachment.objects.ready().get()
    mara.follow()
    assert "<b>résumé.pdf" in mara.text
    assert b"".join(mara.open(f"/tasks/{task.pk}/attachments/{file.pk}/").streaming_content) == PDF
    mara.open(f"/tasks/{task.pk}/")
    mara.send(f"/tasks/{task.pk}/attachments/{file.pk}/delete/")
    assert mara.open(f"/tasks/{task.pk}/attachments/{file.pk}/").status_code == 404


@pytest.mark.parametrize(
    "file", [None, SimpleUploadedFile("a.html", b"<html><script>"), SimpleUploadedFile("a.pdf", b"")]
)
def test_pg3_a_file_that_is_not_taken_is_422_and_leaves_nothing(mara, task, file):
    mara.open(f"/tasks/{task.pk}/")

    answer = mara.send(f"/tasks/{task.pk}/attachments/", file=file)

    assert answer.status_code == 422
    assert mara.page.xpath("//input[@name='file']")[0].get("aria-invalid") == "true"
    assert not Attachment.objects.exists()


def test_a_file_over_the_limit_is_413_before_its_body_is_read(mara, task, settings):
    settings.ATTACHMENT_MAX_BYTES = 1000
    mara.open(f"/tasks/{task.pk}/")

    answer = mara.send(f"/tasks/{task.pk}/attachments/", file=SimpleUploadedFile("a.pdf", PDF + b"x" * 300_000))

    assert answer.status_code == 413
    assert not Attachment.objects.exists()


def test_pg3_a_file_without_the_token_is_rejected(mara, task, owner):
    browser = Browser(owner)
    bare = Client(enforce_csrf_checks=True)
    bare.cookies = browser.client.cookies

    answer = bare.post(f"/tasks/{task.pk}/attachments/", {"file": SimpleUploadedFile("a.pdf", PDF)})

    assert answer.status_code == 403
    assert not Attachment.objects.exists()
    assert not Activity.objects.exists()


def test_a_viewer_gets_403_before_the_file_is_taken(task, viewer):
    browser = Browser(viewer)
    browser.open("/projects/")

    answer = browser.post(f"/tasks/{task.pk}/attachments/", file=SimpleUploadedFile("a.pdf", PDF))

    assert answer.status_code == 403
    assert not Attachment.objects.exists()


def test_pg8_who_deleted_their_account_is_named_as_somebody_who_left(mara, project, task, member):
    create_comment(actor=member, task=task, body="Mine")
    update_task(actor=member, task=task, changes={"assigned_to": member.pk})
    anonymise(user=User.objects.get(pk=member.pk))
    gone = User.objects.get(pk=member.pk).username

    for page in (f"/tasks/{task.pk}/", f"/projects/{project.pk}/activity/"):
        mara.open(page)
        assert gone not in mara.response.content.decode()
        assert "Somebody who left" in mara.text
