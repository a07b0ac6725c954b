"""What an invited person does: /api/invitations/{token}/ and registering (contract IN)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.common.monitoring.logs import without_secrets
from apps.common.secret_links import ALPHABET, LENGTH, random_secret
from apps.invitations import services
from apps.invitations.models import Invitation
from apps.invitations.secrets import mail_secret, masked
from apps.notifications.delivery import outbox, sender
from apps.notifications.kinds import KINDS
from apps.notifications.models import Notification
from apps.notifications.reading import load
from apps.projects.models import Activity, Membership
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory
from apps.users.models import User
from apps.users.services import anonymise
from apps.users.tests.factories import UserFactory

ANN = "ann@example.org"
PASSWORD = "correct horse battery"


@pytest.fixture
def made(project, admin):
    return services.invite(actor=admin, project_id=project.pk, email=ANN, role=Role.MEMBER)


@pytest.fixture
def ann(db):
    return UserFactory(username="ann", email="Ann@example.org", email_verified_at=None)


def path(token, act=""):
    return f"/api/invitations/{token}/{act}"


def register(api, **fields):
    body = {"username": "ann", "email": ANN, "password": PASSWORD, **fields}
    return api().post("/api/auth/register/", body)


def test_in3_a_secret_is_43_characters_and_that_of_the_mail_can_be_made_again(made):
    seed = made.invitation.seed

    assert mail_secret(seed) == mail_secret(seed) != random_secret()
    for secret in (mail_secret(seed), random_secret()):
        assert len(secret) == LENGTH == 43
        assert set(secret) <= set(ALPHABET)


def test_in9_everybody_with_a_secret_sees_little_and_changes_nothing(api, made, project):
    for token in (made.link_secret, mail_secret(made.invitation.seed)):
        assert api().get(path(token)).json() == {
            "project": {"name": "Website"},
            "inviter": {"username": "projectadmin", "nickname": ""},
            "role": "member",
            "email": "a…@example.org",
            "state": "pending",
        }
    assert Invitation.objects.get().state == "pending"


def test_in9_an_unknown_secret_is_404_after_the_statements_of_a_known_one(api, made, django_assert_num_queries, caplog):
    for token, status in ((made.link_secret, 200), (random_secret(), 404)):
        with django_assert_num_queries(1):
            assert api().get(path(token)).status_code == status
        assert token not in without_secrets(caplog.text)
    unknown = random_secret()
    answer = api().post(path(unknown, "decline/"))
    assert (answer.status_code, answer.json()["instance"]) == (404, "/api/invitations/[token]/decline/")
    assert unknown not in answer.content.decode()  # H3: no error holds a secret
    assert api().get("/api/invitations/short/").status_code == 404


def test_in4_in9_accepting_joins_and_notifies_nobody(api, made, ann, admin, project):
    before = Notification.objects.count()

    answer = api(ann).post(path(made.link_secret, "accept/"))

    assert (answer.status_code, answer.json()) == (200, {"project": project.pk, "role": "member"})
    event = Activity.objects.get(type="member.added", actor=ann)
    assert event.changes == {
        "member": {"from": None, "to": ann.pk},
        "role": {"from": None, "to": "member"},
        "invited_by": {"from": None, "to": admin.pk},
    }
    assert Notification.objects.count() == before
    ann.refresh_from_db()
    assert not ann.is_verified  # a link proves nothing about the address
    row = Invitation.objects.get()
    assert (row.state, row.accepted_by) == ("accepted", ann)


def test_in4_the_secret_of_the_mail_verifies_the_address(api, made, ann):
    assert api(ann).post(path(mail_secret(made.invitation.seed), "accept/")).status_code == 200

    ann.refresh_from_db()
    assert ann.is_verified


def test_in4_another_address_is_told_the_masked_one_and_nothing_else(api, made, outsider, project):
    answer = api(outsider).post(path(made.link_secret, "accept/"))

    assert (answer.status_code, answer.json()["code"]) == (409, "other_address")
    assert answer.json()["email"] == masked(ANN) == "a…@example.org"
    assert ANN not in answer.content.decode()
    assert not Membership.objects.filter(project=project, user=outsider).exists()
    assert api().post(path(made.link_secret, "accept/")).status_code == 401


def test_in7_accepting_again_is_200_for_that_person_while_a_member_and_410_for_others(api, made, ann, outsider):
    for token in (made.link_secret, mail_secret(made.invitation.seed)):
        assert api(ann).post(path(token, "accept/")).status_code == 200
        other = api(outsider).post(path(token, "accept/"))
        assert (other.status_code, other.json()["state"]) == (410, "accepted")
        assert api().get(path(token)).status_code == 410
    assert Membership.objects.filter(user=ann, role="member").count() == 1
    Membership.objects.filter(user=ann, role="member").delete()
    assert api(ann).post(path(made.link_secret, "accept/")).status_code == 410


def test_deleting_an_account_takes_the_address_of_the_invitation_that_it_accepted(api, made, ann, admin):
    services.resend_invitation(actor=admin, invitation=made.invitation)
    assert api(ann).post(path(made.link_secret, "accept/")).status_code == 200

    anonymise(user=ann)

    assert not Invitation.objects.exists()
    assert not Notification.objects.filter(address=ANN).exists()


def test_in7_who_became_a_member_otherwise_keeps_the_role(api, made, ann, project):
    MembershipFactory(project=project, user=ann, role=Role.VIEWER)

    answer = api(ann).post(path(made.link_secret, "accept/"))

    assert answer.json()["role"] == "viewer"
    assert Invitation.objects.get().state == "accepted"


def test_in7_declining_ends_both_secrets(api, made):
    assert api().post(path(made.link_secret, "decline/")).status_code == 204

    for token in (made.link_secret, mail_secret(made.invitation.seed)):
        answer = api().get(path(token))
        assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (
            410,
            "invitation_over",
            "declined",
        )


def test_in2_an_archived_project_takes_nobody_in(api, made, ann, project):
    project.archived_at = timezone.now()
    project.save()

    answer = api(ann).post(path(made.link_secret, "accept/"))
    assert (answer.status_code, answer.json()["code"]) == (409, "project_archived")
    assert register(api, email="other@example.org", invitation=made.link_secret).status_code == 409


@pytest.mark.parametrize("by_mail", [True, False])
def test_in5_registering_with_an_invitation_joins_and_the_mail_verifies(api, made, project, by_mail):
    token = mail_secret(made.invitation.seed) if by_mail else made.link_secret

    answer = register(api, invitation=token)

    assert answer.status_code == 201, answer.json()
    ann = User.objects.get(username="ann")
    assert Membership.objects.get(project=project, user=ann).role == "member"
    assert ann.is_verified is answer.json()["is_verified"] is by_mail
    assert Notification.objects.filter(recipient=ann, kind="verification").exists() is not by_mail
    assert register(api, username="ann2", invitation=token).status_code == 410


def test_in5_another_address_does_not_register_and_leaves_nothing(api, made):
    answer = register(api, email="eve@example.org", invitation=made.link_secret)

    assert answer.status_code == 400
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [("/email", "other_address")]
    unknown = register(api, invitation=random_secret())
    assert [(each["pointer"], each["code"]) for each in unknown.json()["errors"]] == [("/invitation", "invalid")]
    assert not User.objects.filter(username="ann").exists()
    assert Invitation.objects.get().state == "pending"


def test_in8_registration_by_invitation_alone_or_not_at_all(api, made, settings, ann):
    settings.REGISTRATION = "invite"
    for fields in ({}, {"invitation": random_secret()}, {"invitation": ""}):
        answer = register(api, username="eve", **fields)
        assert (answer.status_code, answer.json()["code"]) == (403, "registration_closed")
    settings.REGISTRATION = "closed"
    closed = register(api, username="eve", invitation=made.link_secret)
    assert (closed.status_code, closed.json()["code"]) == (403, "registration_closed")
    assert api(ann).post(path(made.link_secret, "accept/")).status_code == 200  # existing accounts are served
    settings.REGISTRATION = "invite"
    assert register(api, username="eve", invitation=made.link_secret).json()["code"] == "registration_closed"


def test_in8_with_a_valid_invitation_it_registers(api, made, settings):
    settings.REGISTRATION = "invite"

    assert register(api, invitation=made.link_secret).status_code == 201


def mail_of(row):
    return sender._mail(row, sender._ask([row]))


def test_in10_the_mail_goes_to_the_address_with_its_secret_and_no_unsubscribe_link(made, admin):
    row = Notification.objects.get(kind="invitation")

    mail = mail_of(row)

    text = mail.content.decode()
    assert mail.recipient == ANN
    assert "List-Unsubscribe" not in text
    assert KINDS["invitation"].mandatory
    content = KINDS["invitation"].content(row, load([row])[row.pk])
    assert content.path == f"/invitations/{mail_secret(made.invitation.seed)}/"
    assert any("abuse" in line for line in content.lines)


def test_in10_it_is_suppressed_when_the_invitation_is_over_or_has_other_secrets(made, admin):
    row = Notification.objects.get(kind="invitation")
    services.change_invitation(actor=admin, invitation=made.invitation, email="anna@example.org")
    with pytest.raises(sender.Suppressed):
        mail_of(row)
    services.revoke_invitation(actor=admin, invitation=made.invitation)
    with pytest.raises(sender.Suppressed):
        mail_of(Notification.objects.get(address="anna@example.org"))
    assert outbox.count_due(limit=9) == 2
    assert services.purge(timezone.now()) == 0
