"""Invitations in the admin (contract O5)."""

from __future__ import annotations

import pytest

from apps.invitations import services
from apps.invitations.models import Invitation
from apps.notifications.models import Notification
from apps.projects.roles import Role
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/admin/invitations/invitation/"
ANN = "ann@example.org"


@pytest.fixture
def desk(client):
    client.force_login(UserFactory(username="root", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def invitation(project, admin):
    return services.invite(actor=admin, project_id=project.pk, email=ANN, role=Role.MEMBER).invitation


def test_o5_the_address_and_role_of_a_pending_one_are_changed_through_the_service(desk, member, invitation):
    path = f"{PAGE}{invitation.pk}/change/"

    assert desk.post(path, {"email": "anna@example.org", "role": "viewer"}).status_code == 302
    invitation.refresh_from_db()
    assert (invitation.email, invitation.role, len(invitation.former_digests)) == ("anna@example.org", "viewer", 2)
    assert list(Notification.objects.order_by("pk").values_list("address", flat=True)) == [ANN, "anna@example.org"]
    taken = desk.post(path, {"email": member.email, "role": "viewer"})
    assert "already a member" in taken.content.decode()


def test_o5_pending_ones_are_revoked_and_then_only_shown(desk, invitation):
    asked = {"action": "revoke", "_selected_action": [invitation.pk]}

    assert "1 revoked." in desk.post(PAGE, asked, follow=True).content.decode()
    assert Invitation.objects.get().state == "revoked"
    assert desk.post(f"{PAGE}{invitation.pk}/change/", {"email": ANN, "role": "viewer"}).status_code == 403
    shown = desk.get(f"{PAGE}{invitation.pk}/change/").content.decode()
    assert ANN in shown
    assert bytes(invitation.link_digest).hex() not in shown
    assert str(invitation.seed) not in shown
