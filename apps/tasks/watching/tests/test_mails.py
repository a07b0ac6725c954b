"""What a mail about a watched task says, in text and HTML, and when it is not sent any more (N3)."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from apps.batches.context import RunningBatch, acting_in
from apps.notifications.delivery import sender
from apps.notifications.models import Notification
from apps.projects.models import Activity
from apps.tasks.models import Task, Watch
from apps.tasks.services import archive_task, change_task_status, delete_task
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.watching.services import notify_batch, notify_unblocked
from apps.tasks.watching.tests.watch_helpers import rows_for, watch, watch_project
from apps.users.models import User


@pytest.fixture
def deliver(mailbox):
    """Return a function that sends what is due and returns the mails to a person, as (subject, text, HTML)."""

    def send(person: User) -> list[tuple[str, str, str]]:
        sender.deliver()
        mails = [mail for mail in mailbox.mails if mail["To"] == person.email]
        bodies = [[read(mail, kind) for kind in ("plain", "html")] for mail in mails]
        return [(mail["Subject"], *both) for mail, both in zip(mails, bodies, strict=True)]

    return send


def read(mail: EmailMessage, kind: str) -> str:
    """Return a part of a mail without what sets names apart from the words around them."""
    content = mail.get_body((kind,)).get_content()
    return content.replace("\r\n", "\n").replace("<bdi>", "").replace("</bdi>", "")


def states(person: User) -> list[tuple[str, str]]:
    return list(Notification.objects.filter(recipient=person).order_by("pk").values_list("mail_state", "reason"))


def comment(client, task: Task, body: str) -> int:
    return client.post(f"/api/tasks/{task.pk}/comments/", {"body": body}).json()["id"]


def test_a_mention_in_a_comment_quotes_it(api, admin, member, task, deliver):
    comment(api(admin), task, "@member, look at <b>this</b>:\nhttps://evil.example")

    [(subject, text, html)] = deliver(member)

    assert subject == "WEB-1 mentions you: Fix the login page"
    assert "projectadmin mentioned you in a comment on the task “Fix the login page”." in text
    assert "@member, look at <b>this</b>:\n" in text
    assert "https://evil.example" not in text  # no mail program makes a link of what people wrote
    assert "&lt;b&gt;this&lt;/b&gt;" in html
    assert "<b>this" not in html
    assert "You get this because you were mentioned." in text
    assert f"/tasks/{task.pk}/" in text


def test_a_mention_in_the_description_quotes_it(api, admin, member, task, deliver):
    api(admin).patch(f"/api/tasks/{task.pk}/", {"description": "Ask @member first."})

    [(subject, text, html)] = deliver(member)

    assert subject == "WEB-1 mentions you: Fix the login page"
    for part in (text, html):
        assert "mentioned you in the description of the task" in part
        assert "Ask @member first." in part


def test_c_the_first_300_characters_of_a_comment_are_shown_as_they_are_when_it_is_sent(
    api, admin, owner, task, deliver
):
    client = api(admin)
    number = comment(client, task, "first")
    client.patch(f"/api/tasks/{task.pk}/comments/{number}/", {"body": "x" * 299 + "Y☃"})

    [(subject, text, html)] = deliver(owner)

    assert subject == "WEB-1 has a new comment: Fix the login page"
    for part in (text, html):
        assert "projectadmin commented on the task" in part
        assert "x" * 299 + "Y" in part
        assert "☃" not in part
        assert "first" not in part
    assert "You get this because you created the task." in text
    shown = api(owner).get("/api/notifications/").json()["results"][0]
    assert shown["body"].split("\n\n")[1] == "x" * 299 + "Y"
    assert (shown["kind"], shown["task"], shown["changes"]) == ("comment_added", task.pk, {})
    assert "☃" not in str(list(Notification.objects.values("data")))


def test_being_added_says_by_whom(api, admin, member, task, deliver):
    api(admin).post(f"/api/tasks/{task.pk}/watchers/", {"user": member.pk})

    [(subject, text, html)] = deliver(member)

    assert subject == "WEB-1 is now watched by you: Fix the login page"
    for part in (text, html):
        assert "projectadmin added you to those who watch the task" in part
    assert "You can stop watching it there." in text


def test_a_task_that_can_go_on_says_so(admin, member, project, task, deliver):
    blocked = TaskFactory(project=project, title="Ship it", assigned_to=member)
    change_task_status(actor=admin, task=task, status="done")
    notify_unblocked(Activity.objects.latest("pk"), [blocked.pk])

    [(subject, text, html)] = deliver(member)

    assert subject == "WEB-2 can go on: Ship it"
    for part in (text, html):
        assert "no longer waits for another task: projectadmin finished the last one." in part


def test_a_batch_names_its_tasks(admin, owner, project, deliver):
    tasks = [TaskFactory(project=project, title=f"Part {number}") for number in range(11)]
    with acting_in(RunningBatch()) as running:
        for task in tasks:
            archive_task(actor=admin, task=task)
    notify_batch(running.events, action="archive")

    [(subject, text, html)] = deliver(owner)

    assert subject == "projectadmin archived 11 tasks"
    for part in (text, html):
        assert "WEB-1 Part 0" in part
        assert "… and 1 more." in part
    assert "You get this because these tasks are yours, or you watch them." in text


def test_who_watches_reads_why(api, admin, member, viewer, project, task, deliver):
    watch(member, task)
    watch_project(viewer, project, "all")
    api(admin).patch(f"/api/tasks/{task.pk}/", {"title": "Another"})
    api(admin).post("/api/tasks/", {"project": project.pk, "title": "New"})
    Notification.objects.filter(kind="task_created").update(mail_state="pending")
    User.objects.filter(pk=viewer.pk).update(notification_preferences={"task_created": {"email": True}})

    assert "You get this because you watch the task." in deliver(member)[0][1]
    changed, created = deliver(viewer)
    assert "You get this because you watch the task." in changed[1]
    assert "You get this because you watch the project." in created[1]


@pytest.mark.parametrize(
    "kind", ["task_mentioned", "comment_added", "watcher_added", "task_unblocked", "tasks_changed"]
)
def test_the_new_kinds_are_on_by_default_for_people_who_have_chosen_other_things_before(api, owner, kind):
    chosen = {"task_updated": {"email": False, "in_app": True}}
    User.objects.filter(pk=owner.pk).update(notification_preferences=chosen)
    client = api(owner)

    assert client.get("/api/auth/profile/").json()["notification_preferences"][kind] == {"email": True, "in_app": True}
    client.patch("/api/auth/profile/", {"notification_preferences": {kind: {"email": False}}})
    assert client.get("/api/auth/profile/").json()["notification_preferences"][kind] == {"email": False, "in_app": True}


def test_n3_a_comment_deleted_before_the_sender_runs_is_no_mail_and_shows_nothing(
    api, admin, owner, member, task, deliver
):
    client = api(admin)
    number = comment(client, task, "a secret for @member")
    client.delete(f"/api/tasks/{task.pk}/comments/{number}/")

    assert deliver(owner) == deliver(member) == []
    gone = "what it is about is gone or no longer visible to the recipient"
    assert states(owner) == states(member) == [("suppressed", gone)]
    shown = api(member).get("/api/notifications/").json()["results"][0]
    assert (shown["body"], shown["changes"]) == ("It is no longer there.", {})
    assert "secret" not in str(shown)


def test_n3_a_task_in_the_trash_is_no_mail_and_shows_nothing(api, admin, owner, member, task, deliver):
    comment(api(admin), task, "@member")
    delete_task(actor=owner, task=task)

    assert deliver(owner) == deliver(member) == []
    assert api(owner).get("/api/notifications/").json()["results"][0]["body"] == "It is no longer there."


def test_n3_who_is_no_member_any_more_or_inactive_gets_no_mail(api, admin, member, viewer, project, task, deliver):
    comment(api(admin), task, "@member @viewer")
    project.memberships.filter(user=member).delete()
    User.objects.filter(pk=viewer.pk).update(is_active=False)

    assert deliver(member) == deliver(viewer) == []
    assert {state for state, _ in (*states(member), *states(viewer))} == {"suppressed"}


@pytest.mark.parametrize(
    ("level", "of_project", "kinds"),
    [
        ("none", None, {"task_mentioned", "task_assigned"}),
        ("muted", None, {"task_assigned"}),
        (None, "muted", {"task_assigned"}),
        ("all", "muted", {"task_mentioned", "task_assigned", "comment_added", "task_updated", "task_status_changed"}),
    ],
)
def test_n3_a_level_chosen_before_the_sender_runs_forbids_the_mail(
    api, admin, member, project, task, deliver, level, of_project, kinds
):
    watch(member, task)
    client = api(admin)
    comment(client, task, "Hello")
    comment(client, task, "@member")
    client.patch(f"/api/tasks/{task.pk}/", {"title": "Another"})
    client.patch(f"/api/tasks/{task.pk}/status/", {"status": "review"})
    client.patch(f"/api/tasks/{task.pk}/assign/", {"assigned_to": member.pk})
    assert len(rows_for(member)) == 5
    Watch.objects.all().delete()
    if level:
        watch(member, task, level)
    if of_project:
        watch_project(member, project, of_project)

    assert len(deliver(member)) == len(kinds)
    sent = Notification.objects.filter(recipient=member, mail_state="sent").values_list("kind", flat=True)
    assert set(sent) == kinds
    withheld = Notification.objects.filter(recipient=member, mail_state="suppressed").values_list("reason", flat=True)
    assert set(withheld) <= {"the recipient hears no more of it"}
    # In the app the rows stay, and say what was true then.
    assert api(member).get("/api/notifications/unread-count/").json() == {"unread": 5}


def test_n3_a_watcher_taken_away_before_the_sender_runs_gets_no_mail(api, admin, member, task, deliver):
    api(admin).post(f"/api/tasks/{task.pk}/watchers/", {"user": member.pk})
    comment(api(admin), task, "Hello")
    api(admin).delete(f"/api/tasks/{task.pk}/watchers/{member.pk}/")

    assert deliver(member) == []
    assert [state for state, _ in states(member)] == ["suppressed", "suppressed"]
