"""The Inbox: made for everybody, on whatever way the account came to be."""

from __future__ import annotations

from apps.projects import services
from apps.projects.models import Membership, Project
from apps.projects.roles import Role
from apps.projects.tests.cast import history
from apps.projects.tests.factories import ProjectFactory
from apps.users import announcements
from apps.users.models import User
from apps.users.tests.factories import UserFactory


def inboxes(user):
    return Project.objects.filter(owner=user, is_inbox=True)


def test_registering_and_logging_in_leave_one_inbox(db):
    user = UserFactory()

    announcements.account_opened.announce(user)
    announcements.session_opened.announce(user)

    inbox = inboxes(user).get()
    assert (inbox.name, inbox.key, inbox.members_count) == ("Inbox", "INBOX", 1)
    assert Membership.objects.get(project=inbox).role == Role.OWNER
    assert history(inbox) == []


def test_asking_again_gives_the_same_inbox(db):
    user = UserFactory()

    assert services.ensure_inbox(user) == services.ensure_inbox(user)


def test_the_inbox_takes_another_key_when_its_own_is_in_use(db):
    user = UserFactory()
    ProjectFactory(owner=user, key="INBOX")

    assert services.ensure_inbox(user).key == "INB"


def test_the_inbox_is_listed_as_such(api, outsider):
    services.ensure_inbox(outsider)

    rows = api(outsider).get("/api/projects/?search=inbox").json()["results"]

    assert [(row["is_inbox"], row["role"]) for row in rows] == [(True, "owner")]


def test_who_registers_finds_the_inbox_at_the_first_login(api):
    person = {"username": "newcomer", "email": "newcomer@example.org", "password": "a long enough sentence"}
    assert api().post("/api/auth/register/", person).status_code == 201

    access = api().post("/api/auth/login/", {name: person[name] for name in ("username", "password")}).json()["access"]

    rows = api().get("/api/projects/", headers={"Authorization": f"Bearer {access}"}).json()["results"]
    assert [(row["name"], row["is_inbox"]) for row in rows] == [("Inbox", True)]


def test_an_account_made_by_a_command_has_its_inbox_from_the_first_login_on(api):
    User.objects.create_superuser("root", "root@example.org", "a long enough sentence")
    assert not Project.objects.exists()

    assert api().post("/api/auth/login/", {"username": "root", "password": "a long enough sentence"}).status_code == 200

    assert Project.objects.get().is_inbox
