"""How tokens are rotated and how they end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.projects.models import Membership
from apps.tokens import services
from apps.tokens.models import ApiToken, ApiTokenProject
from apps.tokens.tests.factories import client_with, make_token, stored
from apps.users import services as users
from apps.users.tests.factories import PASSWORD
from apps.users.tests.helpers import log_in, send

pytestmark = pytest.mark.django_db

URL = "/api/auth/tokens/"


def works(text):
    status = client_with(text).get("/api/tasks/").status_code
    assert status in {200, 401}
    return status == 200


def rotate(client, made, **body):
    return client.post(f"{URL}{made.token.pk}/rotate/", {"password": PASSWORD} | body)


def test_tk7_both_texts_work_in_the_overlap_and_one_after_it(api, owner, project, time_machine):
    made = make_token(owner, scopes=["tasks:read"], projects=[project])

    response = rotate(api(owner), made, overlap_hours=2)

    assert response.status_code == 200
    body, before = response.json(), made.token
    assert (body["id"], body["scopes"], body["projects"]) == (before.pk, ["tasks:read"], [project.pk])
    assert stored(made).expires_at == before.expires_at
    assert body["previous_valid_until"] is not None
    assert (works(made.text), works(body["token"])) == (True, True)
    time_machine.move_to(timezone.now() + timedelta(hours=2, seconds=1), tick=True)
    assert (works(made.text), works(body["token"])) == (False, True)
    token = ApiToken.objects.get()
    assert token.previous_valid_until(now=timezone.now()) is None


def test_tk7_without_overlap_the_former_text_ends_at_once(api, owner):
    made = make_token(owner)

    body = rotate(api(owner), made, overlap_hours=0).json()

    assert (works(made.text), works(body["token"]), body["previous_valid_until"]) == (False, True, None)


def test_tk7_a_second_rotation_ends_the_older_one(api, owner):
    made = make_token(owner)

    second = rotate(api(owner), made).json()["token"]
    third = rotate(api(owner), made).json()["token"]

    assert [works(text) for text in (made.text, second, third)] == [False, True, True]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"overlap_hours": 25}, "/overlap_hours", "max_value"),
        ({"overlap_hours": -1}, "/overlap_hours", "min_value"),
        ({"password": "wrong"}, "/password", "wrong_password"),
    ],
)
def test_a_rejected_rotation_changes_nothing(api, owner, body, pointer, code):
    made = make_token(owner)

    response = rotate(api(owner), made, **body)

    assert {error["pointer"]: error["code"] for error in response.json()["errors"]} == {pointer: code}
    assert bytes(stored(made).digest) == bytes(made.token.digest)


def test_tk10_delete_ends_a_token_at_the_next_request(api, owner):
    made = make_token(owner)
    assert works(made.text)

    assert api(owner).delete(f"{URL}{made.token.pk}/").status_code == 204

    assert not works(made.text)
    assert api(owner).get(f"{URL}{made.token.pk}/").status_code == 404


def test_tk10_a_reset_of_the_password_ends_all_tokens(owner):
    made = make_token(owner)

    users.reset_password(token=users.credentials.PASSWORD_RESET.sign(owner), new_password="another long secret")

    assert not works(made.text)
    assert stored(made).revoked_at is not None


@pytest.mark.parametrize(("body", "lives"), [({}, True), ({"revoke_tokens": True}, False)])
def test_tk10_a_change_of_the_password_ends_them_only_if_asked_to(owner, body, lives):
    made = make_token(owner)
    body |= {"old_password": PASSWORD, "new_password": "another long secret"}

    assert send("change-password/", body, token=log_in(owner)["access"]).status_code == 204

    assert works(made.text) is lives


def test_tk10_deactivation_ends_them_for_good(staff, member):
    made = make_token(member)

    users.set_active(actor=staff, user=member, is_active=False)
    assert not works(made.text)
    member.refresh_from_db()
    users.set_active(actor=staff, user=member, is_active=True)

    assert not works(made.text)


def test_tk10_deletion_deletes_them(member, project):
    made = make_token(member, projects=[project])

    users.close_account(actor=member, password=PASSWORD, ip_address="127.0.0.1")

    assert not works(made.text)
    assert not ApiToken.objects.exists()
    assert not ApiTokenProject.objects.exists()


def test_ended_tokens_are_purged_after_90_days(owner, project):
    now = timezone.now()
    kept, expired, revoked = (make_token(owner, projects=[project]).token for _ in range(3))
    ApiToken.objects.filter(pk=expired.pk).update(expires_at=now - timedelta(days=91))
    ApiToken.objects.filter(pk=revoked.pk).update(revoked_at=now - timedelta(days=91))

    services.purge(now=now)

    assert list(ApiToken.objects.values_list("pk", flat=True)) == [kept.pk]
    assert list(ApiTokenProject.objects.values_list("token_id", flat=True)) == [kept.pk]


def test_a_command_revokes_them_after_a_restore(owner, member, capsys):
    first, second = make_token(owner), make_token(member)

    call_command("revoke_tokens", user=owner.pk)
    assert (works(first.text), works(second.text)) == (False, True)
    call_command("revoke_tokens", all=True)
    assert not works(second.text)
    assert capsys.readouterr().out == "1 revoked\n1 revoked\n"


def test_a_role_that_is_lowered_lowers_its_tokens(member, project, task):
    client = client_with(make_token(member, projects=[project]).text)
    assert client.patch(f"/api/tasks/{task.pk}/", {"title": "New"}).status_code == 200

    Membership.objects.filter(user=member).update(role="viewer")

    assert client.patch(f"/api/tasks/{task.pk}/", {"title": "Newer"}).status_code == 403
