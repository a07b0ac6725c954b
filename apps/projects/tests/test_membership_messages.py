"""How changes of membership read, when they are held back, and who still sees them in the app."""

from __future__ import annotations

import pytest

from apps.notifications.delivery import sender
from apps.notifications.models import Notification
from apps.notifications.reading import load
from apps.notifications.scopes import readable
from apps.notifications.tests.mailbox import Mailbox, serving
from apps.notifications.tests.outbox_rows import as_read
from apps.projects import messages, services
from apps.projects.roles import Role
from apps.projects.tests.factories import ProjectFactory
from apps.users.tests.factories import UserFactory


@pytest.fixture
def newcomer(db):
    return UserFactory()


@pytest.fixture
def added(project, owner, newcomer):
    services.add_member(actor=owner, project_id=project.pk, user_id=newcomer.pk, role=Role.MEMBER)
    return Notification.objects.get(recipient=newcomer)


def read(row):
    kind = {
        "project_member_added": messages.ProjectMemberAdded,
        "project_member_removed": messages.ProjectMemberRemoved,
        "project_role_changed": messages.ProjectRoleChanged,
    }[row.kind]
    subject = load([row])[row.pk]
    return kind.reason_to_withhold(row, subject), as_read(kind.content(row, subject))


def test_an_added_member_reads_by_whom_where_and_as_what(added):
    reason_to_withhold, content = read(added)

    assert reason_to_withhold == ""
    assert content.title == "You were added to Website"
    assert content.lines == (
        "owner added you to the project “Website” as member.",
        "You can also create, edit and assign tasks.",
    )


def test_who_is_removed_before_the_mail_goes_out_gets_only_the_removal(project, owner, newcomer, added):
    services.remove_member(actor=owner, project_id=project.pk, user_id=newcomer.pk)
    removed = Notification.objects.get(kind="project_member_removed")
    services.update_project(actor=owner, project_id=project.pk, changes={"name": "Secret merger"})

    assert read(added)[0] == "the membership has changed since"
    reason_to_withhold, content = read(removed)
    assert (reason_to_withhold, content.title) == ("", "You were removed from Website")
    assert "Secret" not in repr(content)


def test_a_removal_that_was_taken_back_is_not_told(project, owner, newcomer, added):
    services.remove_member(actor=owner, project_id=project.pk, user_id=newcomer.pk)
    services.add_member(actor=owner, project_id=project.pk, user_id=newcomer.pk, role=Role.VIEWER)

    removed = Notification.objects.get(kind="project_member_removed")
    assert read(removed)[0] == "the membership has changed since"


def test_of_two_changes_of_role_only_the_last_is_mailed(project, owner, newcomer, added):
    for role in (Role.ADMIN, Role.VIEWER):
        services.change_role(actor=owner, project_id=project.pk, user_id=newcomer.pk, role=role)

    first, last = Notification.objects.filter(kind="project_role_changed").order_by("id")
    assert read(first)[0] == "the membership has changed since"
    reason_to_withhold, content = read(last)
    assert (reason_to_withhold, content.title) == ("", "You are now viewer of Website")
    assert [(change.old, change.new) for change in content.changes] == [("admin", "viewer")]


def test_the_new_owner_reads_what_that_means(project, owner, newcomer, added):
    services.transfer_project(actor=owner, project_id=project.pk, user_id=newcomer.pk)

    _, content = read(Notification.objects.get(kind="project_role_changed"))
    assert content.title == "You are now owner of Website"
    assert "transfer it or delete it" in content.lines[1]


def test_in_the_app_who_has_left_sees_of_the_project_only_the_removal(project, owner, newcomer, added):
    services.remove_member(actor=owner, project_id=project.pk, user_id=newcomer.pk)

    shown = Notification.objects.filter(readable(newcomer), recipient=newcomer)

    assert [row.kind for row in shown] == ["project_member_removed"]


def test_rows_are_loaded_in_a_constant_number_of_queries(owner, newcomer, django_assert_num_queries):
    for _ in range(5):
        project = ProjectFactory(owner=owner)
        services.add_member(actor=owner, project_id=project.pk, user_id=newcomer.pk, role=Role.MEMBER)
    rows = list(Notification.objects.filter(recipient=newcomer).select_related("recipient"))

    with django_assert_num_queries(1):
        assert len(messages.ProjectMemberAdded.load(rows)) == 5


@pytest.fixture
def mailbox(db):
    sender.mail_breaker.succeeded()
    with serving(Mailbox()) as box:
        yield box


@pytest.mark.django_db(transaction=True)
def test_the_mails_of_an_addition_a_promotion_and_a_removal_arrive(api, project, owner, newcomer, mailbox):
    members = f"/api/projects/{project.pk}/members/"
    assert api(owner).post(members, {"user_id": newcomer.pk}).status_code == 201
    sender.deliver()
    assert api(owner).patch(f"{members}{newcomer.pk}/", {"role": "admin"}).status_code == 200
    sender.deliver()
    assert api(owner).delete(f"{members}{newcomer.pk}/").status_code == 204
    sender.deliver()

    assert [mail["To"] for mail in mailbox.mails] == [newcomer.email] * 3
    assert [mail["Subject"] for mail in mailbox.mails] == [
        "You were added to Website",
        "You are now admin of Website",
        "You were removed from Website",
    ]
    assert all("Website" in mail.get_body(("plain",)).get_content() for mail in mailbox.mails)


def test_in_the_app_a_change_of_role_shows_old_and_new(api, project, owner, newcomer, added):
    api(owner).patch(f"/api/projects/{project.pk}/members/{newcomer.pk}/", {"role": "viewer"})

    row = api(newcomer).get("/api/notifications/").json()["results"][0]

    assert (row["kind"], row["title"], row["project"]) == (
        "project_role_changed",
        "You are now viewer of Website",
        project.pk,
    )
    assert row["changes"] == {"role": {"from": "member", "to": "viewer"}}
    assert row["actor"]["username"] == "owner"
