"""Invitations on the pages (contract IN)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from apps.invitations.models import Invitation
from apps.invitations.secrets import mail_secret
from apps.invitations.services import invite
from apps.projects.models import Membership
from apps.users.models import User
from apps.users.tests.factories import UserFactory
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db
ANN = "ann@example.org"


@pytest.fixture
def made(project, admin):
    return invite(actor=admin, project_id=project.pk, email=ANN, role="member")


def test_in5_a_stranger_makes_an_account_on_the_page_behind_the_mail_and_is_a_member(made, project):
    browser = Browser()
    path = f"/invitations/{mail_secret(made.invitation.seed)}/"
    browser.open(path)
    assert "a…@example.org" in browser.text
    password = "a long enough phrase"

    wrong = browser.send(
        "/register/", username="ann", email="eve@example.org", password=password, password_confirm=password
    )
    assert wrong.status_code == 422
    assert not User.objects.filter(username="ann").exists()
    assert f"/login/?next={quote(path, safe='')}" in browser.links()
    made_account = browser.send("/register/", email=ANN, password=password, password_confirm=password)
    assert (made_account.status_code, made_account["Location"]) == (303, f"/projects/{project.pk}/")

    assert Membership.objects.get(project=project, user__username="ann").user.is_verified
    assert browser.open(path).status_code == 410


def test_in4_with_an_account_one_signs_in_and_accepts_and_another_account_does_not(made, project, outsider):
    path = f"/invitations/{made.link_secret}/"
    browser = Browser()
    browser.open(path)
    assert browser.post(path, act="accept")["Location"] == f"/login/?next={path}"
    stranger = Browser(outsider)
    stranger.open(path)
    assert stranger.post(path, act="accept").status_code == 409
    assert ANN not in stranger.text

    ann = Browser(UserFactory(email=ANN))
    ann.open(path)
    assert ann.send(path, act="accept")["Location"] == f"/projects/{project.pk}/"
    assert Membership.objects.filter(project=project, user__email=ANN).exists()


def test_in7_declining_needs_no_session_and_an_unknown_link_is_404(made):
    browser = Browser()
    path = f"/invitations/{made.link_secret}/"
    browser.open(path)

    assert browser.post(path, act="decline").status_code == 200
    assert Invitation.objects.get().state == "declined"
    assert browser.open(f"/invitations/{'x' * 43}/").status_code == 404


def test_in8_the_page_of_registration_follows_the_setting(settings, made):
    browser = Browser()
    assert all("Make an account" in browser.open(page).content.decode() for page in ("/", "/login/"))
    settings.REGISTRATION = "invite"

    assert browser.open("/register/").status_code == 403
    assert all("Make an account" not in browser.open(page).content.decode() for page in ("/", "/login/"))
    assert "Make the account" in browser.open(f"/invitations/{made.link_secret}/").content.decode()
    settings.REGISTRATION = "closed"
    assert "Make the account" not in browser.open(f"/invitations/{made.link_secret}/").content.decode()


def test_in2_an_admin_invites_sends_again_makes_a_link_and_revokes(admin, member, project):
    browser, path = Browser(admin), f"/projects/{project.pk}/settings/invitations/"
    browser.open(path)

    assert browser.send(path, email=ANN, role="viewer").status_code == 201
    [link] = browser.page.xpath("//input[@id='accept-url']/@value")
    assert browser.send(path, email=ANN).status_code == 409
    row = Invitation.objects.get()
    assert browser.post(f"{path}change/", invitation=row.pk, act="resend").status_code == 303
    renewed = browser.post(f"{path}change/", invitation=row.pk, act="link").content.decode()
    assert link not in renewed
    assert browser.post(f"{path}change/", invitation=row.pk, act="revoke").status_code == 303
    assert Invitation.objects.get().state == "revoked"
    assert Browser(member).open(path).status_code == 403
