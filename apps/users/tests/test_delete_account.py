"""DELETE profile/: the account ends, history keeps its shape."""

from __future__ import annotations

import pytest

from apps.notifications.models import Notification
from apps.notifications.services import notify
from apps.projects.models import Membership, Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory
from apps.users.messages import PasswordChanged
from apps.users.models import Session, User
from apps.users.tests.factories import PASSWORD, UserFactory
from apps.users.tests.helpers import codes, is_in, log_in, refresh, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(username="ben", email="ben@example.org", nickname="Ben", first_name="B", last_name="B")


def close(tokens, password=PASSWORD):
    return send("profile/", {"password": password}, method="delete", token=tokens["access"])


def test_an_account_ends_at_once(user):
    tokens, other = log_in(user), log_in(user)

    response = close(tokens)

    assert (response.status_code, response.content) == (204, b"")
    assert not is_in(tokens["access"])
    assert not is_in(other["access"])
    assert refresh(other["refresh"]).status_code == 401
    assert send("login/", {"username": "ben", "password": PASSWORD}).status_code == 401


def test_nothing_personal_is_left(user):
    user.notification_preferences = {"task_updated": {"email": False}}
    user.save(update_fields=["notification_preferences"])
    close(log_in(user))

    user.refresh_from_db()
    assert user.deleted_at is not None
    assert (user.is_active, user.has_usable_password()) == (False, False)
    assert (user.nickname, user.first_name, user.last_name, user.pending_email, user.avatar) == ("",) * 5
    assert user.notification_preferences == {}
    assert user.username.startswith("deleted-")
    assert "ben" not in user.email
    assert set(Session.objects.filter(user=user).values_list("device", "ip_address")) <= {("", None)}


def test_the_ledger_forgets_the_person_and_nobody_else(user):
    notify(PasswordChanged, recipient_ids=[user.pk, UserFactory().pk], dedupe="x")

    close(log_in(user))

    assert [row.recipient_id for row in Notification.objects.all()] != []
    assert not Notification.objects.filter(recipient=user).exists()


def test_name_and_address_are_free_again(user):
    close(log_in(user))

    body = {"username": "BEN", "email": "BEN@example.org", "password": "a long secret of mine"}
    assert send("register/", body).status_code == 201
    assert User.objects.count() == 2


def test_unshared_projects_go_and_tasks_in_others_projects_stay(user):
    tokens = log_in(user)
    own = ProjectFactory(owner=user)
    others = MembershipFactory(user=user).project
    task = TaskFactory(project=others, created_by=user, assigned_to=user)

    assert close(tokens).status_code == 204

    assert not Project.objects.filter(owner=user).exists()
    assert not Project.objects.filter(pk=own.pk).exists()
    assert not Membership.objects.filter(user=user).exists()
    task = Task.objects.get(pk=task.pk)
    assert (task.created_by_id, task.assigned_to_id) == (user.pk, None)


def test_who_owns_a_shared_project_must_hand_it_over_first(user):
    tokens = log_in(user)
    project = ProjectFactory(owner=user)
    MembershipFactory(project=project)

    response = close(tokens)

    assert (response.status_code, response.json()["code"]) == (409, "owns_projects")
    user.refresh_from_db()
    assert (user.username, user.is_active, user.deleted_at) == ("ben", True, None)
    assert is_in(tokens["access"])


def test_the_password_is_asked_for_and_cannot_be_guessed(user):
    tokens = log_in(user)

    answers = [close(tokens, "wrong") for _ in range(6)]

    assert codes(answers[0]) == {"/password": "wrong_password"}
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert close(tokens).status_code == 429
    user.refresh_from_db()
    assert user.is_active


@pytest.mark.parametrize("body", [{}, {"password": None}, {"password": ""}, {"password": PASSWORD, "force": True}])
def test_half_a_request_ends_nothing(user, body):
    assert send("profile/", body, method="delete", token=log_in(user)["access"]).status_code == 400
    user.refresh_from_db()
    assert user.is_active
