"""What an admin does with invitations: /api/projects/{id}/invitations/ (contract IN)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.common.models import IdempotencyRecord
from apps.invitations.messages import ProjectInvitation
from apps.invitations.models import Invitation
from apps.notifications.models import Hold, MailState, Notification
from apps.projects.models import Activity
from apps.projects.roles import Role
from apps.projects.services import change_role, delete_project, ensure_inbox, remove_member
from apps.users.services import anonymise, set_active
from apps.users.tests.factories import UserFactory

ANN = "ann@example.org"


@pytest.fixture
def url(project):
    return f"/api/projects/{project.pk}/invitations/"


@pytest.fixture
def invite(api, admin, url):
    """Return a function that invites an address and returns the answer."""

    def send(email=ANN, **more):
        response = api(admin).post(url, {"email": email, **more})
        assert response.status_code == 201, response.json()
        return response.json()

    return send


def token_of(url):
    return re.search(r"/invitations/([0-9A-Za-z]{43})/$", url)[1]


def state_of(api, token):
    response = api().get(f"/api/invitations/{token}/")
    return response.status_code, response.json().get("state")


def test_in1_the_answer_is_the_same_whether_the_address_has_an_account(api, admin, url, invite):
    UserFactory(email="known@example.org")

    answers = [invite("known@example.org", role="viewer"), invite("nobody@example.org", role="viewer")]

    own = ("id", "email", "accept_url", "created_at", "expires_at")
    first, second = ({name: value for name, value in each.items() if name not in own} for each in answers)
    assert first == second
    assert first == {
        "role": "viewer",
        "state": "pending",
        "invited_by": {"id": admin.pk, "username": "projectadmin", "nickname": "", "avatar": None},
        "accepted_by": None,
        "mail": {"state": "pending", "error": ""},
    }
    listed = api(admin).get(url).json()["results"]
    assert [each["id"] for each in listed] == [answers[1]["id"], answers[0]["id"]]
    assert "accept_url" not in listed[0]


def test_in1_members_and_invited_addresses_are_conflicts_whatever_the_case(api, admin, url, member, invite):
    made = invite()

    known = api(admin).post(url, {"email": member.email.upper()})
    again = api(admin).post(url, {"email": "ANN@Example.org"})

    assert (known.status_code, known.json()["code"]) == (409, "already_member")
    assert (again.status_code, again.json()["code"], again.json()["invitation"]) == (409, "already_invited", made["id"])


def test_in2_the_limits_and_the_projects_that_take_none(api, admin, owner, project, url, invite, settings):
    settings.INVITATIONS_MAX = 1
    invite()
    full = api(admin).post(url, {"email": "b@example.org"})
    assert (full.status_code, full.json()["code"], full.json()["limit"]) == (409, "too_many_invitations", 1)

    inbox = ensure_inbox(owner)
    personal = api(owner).post(f"/api/projects/{inbox.pk}/invitations/", {"email": ANN})
    assert (personal.status_code, personal.json()["code"]) == (409, "inbox_is_personal")
    as_owner = api(admin).post(url, {"email": "c@example.org", "role": "owner"})
    assert as_owner.json()["errors"][0] | {"detail": ""} == {"pointer": "/role", "code": "invalid_choice", "detail": ""}
    project.archived_at = timezone.now()
    project.save()
    archived = api(admin).post(url, {"email": "c@example.org"})
    assert (archived.status_code, archived.json()["code"]) == (409, "project_archived")


@pytest.mark.parametrize(("who", "status"), [("member", 403), ("viewer", 403), ("outsider", 404), ("owner", 200)])
def test_in2_only_admins_see_and_send_invitations(api, url, who, status, request):
    client = api(request.getfixturevalue(who))

    assert client.get(url).status_code == status
    assert client.post(url, {"email": ANN}).status_code == (201 if status == 200 else status)


def test_in2_a_fourth_resend_within_a_day_is_too_many(api, admin, url, invite):
    made = invite()

    answers = [api(admin).post(f"{url}{made['id']}/resend/") for _ in range(4)]

    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert 86_000 < int(answers[3]["Retry-After"]) <= 86_400
    assert Notification.objects.filter(kind="invitation").count() == 4
    row = Invitation.objects.get()
    row.resent_at = [instant - timedelta(hours=25) for instant in row.resent_at]
    row.save()
    assert api(admin).post(f"{url}{made['id']}/resend/").status_code == 200


def test_in3_h3_secrets_are_in_no_row_and_shown_once(api, admin, url, caplog):
    client = api(admin)
    body, header = {"email": ANN}, {"HTTP_IDEMPOTENCY_KEY": "k"}

    first = client.post(url, body, **header).json()
    again = client.post(url, body, **header).json()

    token = token_of(first["accept_url"])
    assert again == first | {"accept_url": None}
    assert api().get(f"/api/invitations/{token}/").status_code == 200
    assert token not in caplog.text
    assert token not in IdempotencyRecord.objects.get().body
    for table in ("invitations_invitation", "notifications_notification", "projects_activity"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table} AS row WHERE row::text LIKE %s", [f"%{token}%"])
            assert cursor.fetchone() == (0,)


def test_in3_another_link_ends_the_one_before(api, admin, url, invite):
    made = invite()

    renewed = api(admin).post(f"{url}{made['id']}/link/").json()

    old, new = token_of(made["accept_url"]), token_of(renewed["accept_url"])
    assert (state_of(api, old), state_of(api, new)) == ((410, "revoked"), (200, "pending"))


def test_in6_another_address_makes_new_secrets_and_another_role_keeps_them(api, admin, url, invite):
    made = invite()
    old = token_of(made["accept_url"])
    one = f"{url}{made['id']}/"

    assert api(admin).patch(one, {"role": "admin"}).json()["role"] == "admin"
    assert state_of(api, old) == (200, "pending")
    changed = api(admin).patch(one, {"email": "anna@example.org"})

    assert (changed.status_code, changed.json()["email"]) == (200, "anna@example.org")
    assert state_of(api, old) == (410, "revoked")
    assert list(Notification.objects.order_by("pk").values_list("address", flat=True)) == [ANN, "anna@example.org"]
    assert api(admin).delete(one).status_code == 204
    assert [each["state"] for each in api(admin).get(url, {"state": "revoked"}).json()["results"]] == ["revoked"]
    assert api(admin).patch(one, {"role": "viewer"}).status_code == 410


ENDS = {
    "demoted": lambda owner, admin, project: change_role(
        actor=owner, project_id=project.pk, user_id=admin.pk, role=Role.MEMBER
    ),
    "left": lambda owner, admin, project: remove_member(actor=admin, project_id=project.pk, user_id=admin.pk),
    "deactivated": lambda owner, admin, project: set_active(
        actor=UserFactory(is_staff=True), user=admin, is_active=False
    ),
    "deleted": lambda owner, admin, project: anonymise(user=admin),
    "in the trash": lambda owner, admin, project: delete_project(actor=owner, project_id=project.pk),
    "late": lambda owner, admin, project: Invitation.objects.update(expires_at=timezone.now()),
}


@pytest.mark.parametrize("end", ENDS)
def test_in7_an_invitation_ends_with_what_it_stands_on(api, admin, owner, project, invite, end):
    token = token_of(invite()["accept_url"])

    ENDS[end](owner, admin, project)

    expected = (410, "expired" if end == "late" else "revoked")
    assert state_of(api, token) == expected
    person = UserFactory(email=ANN)
    assert api(person).post(f"/api/invitations/{token}/accept/").status_code == 410
    assert api().post(f"/api/invitations/{token}/decline/").status_code == 410


def test_in7_an_expired_address_can_be_invited_again(invite):
    invite()
    Invitation.objects.update(expires_at=timezone.now())

    invite()

    assert sorted(Invitation.objects.values_list("state", flat=True)) == ["expired", "pending"]


def test_in10_the_state_of_the_mail_is_shown(api, admin, url, invite):
    made = invite()
    row = Notification.objects.get(kind="invitation")
    assert (row.recipient_id, row.address, row.in_app, row.mail_state) == (None, ANN, False, "pending")

    one = f"{url}{made['id']}/"
    hold = Hold.objects.create(covers=["webhooks"])
    assert api(admin).get(one).json()["mail"]["state"] == "pending"
    hold.covers = ["mail"]
    hold.save()
    assert api(admin).get(one).json()["mail"]["state"] == "held"
    Notification.objects.update(mail_state=MailState.FAILED, reason="550")

    assert api(admin).get(one).json()["mail"] == {"state": "failed", "error": "550"}
    assert not Activity.objects.filter(type__startswith="invitation").exists()


@pytest.mark.parametrize(("left", "said"), [(335.9, "14 days"), (23.9, "1 day"), (0.2, "1 day"), (24.1, "2 days")])
def test_in10_the_mail_counts_a_day_that_has_begun(invite, left, said):
    invitation = Invitation.objects.get(pk=invite()["id"])
    invitation.expires_at = timezone.now() + timedelta(hours=left)

    content = ProjectInvitation.content(Notification.objects.get(kind="invitation"), invitation)

    assert f"for {said}," in content.lines[1]


@pytest.mark.parametrize("body", [{}, {"email": "no address"}, {"email": ANN, "color": 1}, {"email": ANN, "role": 3}])
def test_bad_bodies_are_400_and_write_nothing(api, admin, url, body):
    assert api(admin).post(url, body).status_code == 400
    assert not Invitation.objects.exists()
