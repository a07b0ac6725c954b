"""The same invitation used by several at the same instant, on connections of their own."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from apps.common.errors import DomainError
from apps.common.tests.races import at_once
from apps.invitations import services
from apps.invitations.models import Invitation
from apps.invitations.secrets import mail_secret
from apps.projects.models import Activity, Membership
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.users.models import User
from apps.users.services import register
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def outcomes(results):
    """Return how often each thing happened, by the code of a rejection; raises what no rejection of ours is."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, DomainError):
            raise result
    return Counter(result.code if isinstance(result, DomainError) else "done" for result in results)


def make(number):
    """Return an admin and their new invitation of an address of its own."""
    admin = MembershipFactory(project=ProjectFactory(), role=Role.ADMIN)
    email = f"ann{number}@example.org"
    return admin.user, services.invite(actor=admin.user, project_id=admin.project_id, email=email, role=Role.MEMBER)


def assert_joined_once(invitation):
    """The project has its owner, its admin and at most one more, each with one event; the state says the same."""
    invitation.refresh_from_db()
    project = invitation.project
    joined = Membership.objects.filter(project=project, user_id=invitation.accepted_by_id).count()
    assert joined == (1 if invitation.state == "accepted" else 0)
    assert Activity.objects.filter(project=project, type="member.added").count() == joined
    assert project.members_count == project.memberships.count() == 2 + joined


def test_in7_parallel_accepts_by_both_secrets_make_one_membership():
    for number in range(ROUNDS):
        _, made = make(number)
        ann = UserFactory(email=made.invitation.email)
        secrets = [made.link_secret, mail_secret(made.invitation.seed)] * 2

        results = at_once(*[partial(services.accept_invitation, actor=ann, token=secret) for secret in secrets])

        assert outcomes(results) == {"done": 4}
        assert_joined_once(made.invitation)


def test_in5_two_who_register_with_one_invitation_make_one_account():
    for number in range(ROUNDS):
        _, made = make(number)
        secrets = [made.link_secret, mail_secret(made.invitation.seed)]

        results = at_once(
            *[
                partial(
                    register,
                    username=f"ann{number}-{place}",
                    email=made.invitation.email,
                    password="a long enough phrase",
                    invitation=secret,
                )
                for place, secret in enumerate(secrets)
            ]
        )

        assert outcomes(results)["done"] == 1
        assert User.objects.filter(username__startswith=f"ann{number}-").count() == 1
        assert_joined_once(made.invitation)


def test_in3_in7_accepting_declining_and_revoking_at_once_have_one_winner():
    seen = Counter()
    for number in range(ROUNDS):
        admin, made = make(number)
        ann = UserFactory(email=made.invitation.email)

        results = at_once(
            partial(services.accept_invitation, actor=ann, token=made.link_secret),
            partial(services.decline_invitation, token=mail_secret(made.invitation.seed)),
            partial(services.revoke_invitation, actor=admin, invitation=made.invitation),
        )

        assert outcomes(results) == {"done": 1, "invitation_over": 2}
        assert_joined_once(made.invitation)
        seen[Invitation.objects.get(pk=made.invitation.pk).state] += 1

    print(f"{ROUNDS} rounds, outcomes {dict(seen)}")


def test_in1_two_who_invite_one_address_at_once_make_one_invitation():
    admin = MembershipFactory(project=ProjectFactory(), role=Role.ADMIN)
    asked = {"project_id": admin.project_id, "email": "ann@example.org", "role": Role.MEMBER}
    people = (admin.user, admin.project.owner)

    results = at_once(*[partial(services.invite, actor=person, **asked) for person in people])

    assert outcomes(results) == {"done": 1, "already_invited": 1}
    assert Invitation.objects.count() == 1
