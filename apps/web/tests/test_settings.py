"""The person's own settings."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from apps.notifications import preferences
from apps.notifications.models import Notification
from apps.users.models import Session, User
from apps.users.tests.factories import PASSWORD, UserFactory
from apps.users.tests.helpers import log_in
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db
NEW = "another long secret"


@pytest.fixture
def user():
    return UserFactory(username="mara")


@pytest.fixture
def mara(user):
    return Browser(user)


def test_the_profile_is_saved_and_used(mara, user):
    mara.open("/settings/")

    mara.send("/settings/", nickname="Mara L.", timezone="Europe/Berlin", reminder_lead_minutes="60")

    user.refresh_from_db()
    assert (user.nickname, user.timezone, user.reminder_lead_minutes) == ("Mara L.", "Europe/Berlin", 60)
    assert "Mara L." in mara.follow().content.decode()


def test_pg16_colours_and_single_keys_are_chosen_here(mara, user):
    mara.open("/settings/")
    assert mara.page.xpath("/html/@data-theme") == []

    mara.send("/settings/", theme="dark", single_keys=None)

    user.refresh_from_db()
    assert (user.theme, user.single_keys) == ("dark", False)
    mara.follow()
    assert mara.page.xpath("/html/@data-theme") == ["dark"]
    mara.send("/settings/", single_keys="on")
    user.refresh_from_db()
    assert user.single_keys


@pytest.mark.parametrize(
    "fields",
    [
        {"timezone": "Mars/Base"},
        {"username": ""},
        {"username": "taken"},
        {"email": "x"},
        {"reminder_lead_minutes": "-1"},
    ],
)
def test_pg3_a_bad_profile_is_422_at_its_field(mara, user, fields):
    UserFactory(username="taken")
    mara.open("/settings/")

    assert mara.send("/settings/", **fields).status_code == 422

    [name] = fields
    assert mara.page.xpath(f"//input[@name='{name}']")[0].get("aria-invalid") == "true"


def test_who_has_not_confirmed_the_address_gets_the_mail_again(mara, user):
    User.objects.filter(pk=user.pk).update(email_verified_at=None)
    mara.open("/settings/")

    assert mara.send("/settings/verification/").status_code == 303
    assert Notification.objects.filter(recipient=user, kind="verification").count() == 1
    assert "A mail with a link is on its way" in mara.follow().content.decode()
    User.objects.filter(pk=user.pk).update(email_verified_at=timezone.now())
    mara.open("/settings/")
    assert "Send the mail again" not in mara.text
    User.objects.filter(pk=user.pk).update(pending_email="other@example.org")
    assert "Send the mail again" in mara.open("/settings/").content.decode()


def test_a_picture_is_taken_and_removed(mara, user, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    data = io.BytesIO()
    Image.new("RGB", (20, 20)).save(data, "PNG")
    mara.open("/settings/")

    mara.send("/settings/", avatar=SimpleUploadedFile("me.png", data.getvalue()))
    user.refresh_from_db()
    assert user.avatar
    mara.follow()
    mara.send("/settings/", remove_avatar="on")

    user.refresh_from_db()
    assert not user.avatar
    mara.open("/settings/")
    assert mara.send("/settings/", avatar=SimpleUploadedFile("me.png", b"text")).status_code == 422


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(mara, user):
    other = Browser(user)
    mara.open("/settings/password/")

    mara.send("/settings/password/", old_password=PASSWORD, new_password=NEW, new_password_confirm=NEW)

    assert mara.response.status_code == 303
    assert mara.open("/settings/").status_code == 200
    assert other.open("/settings/").status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)


@pytest.mark.parametrize(
    "fields",
    [
        {"old_password": "wrong", "new_password": NEW, "new_password_confirm": NEW},
        {"old_password": PASSWORD, "new_password": "short", "new_password_confirm": "short"},
        {"old_password": PASSWORD, "new_password": NEW, "new_password_confirm": "other"},
    ],
)
def test_pg3_a_bad_password_is_422(mara, user, fields):
    mara.open("/settings/password/")

    assert mara.send("/settings/password/", **fields).status_code == 422
    assert mara.page.xpath("//*[@role='alert']")


def test_a_session_is_ended_by_its_button_and_all_others_at_once(mara, user):
    log_in(user)
    second = Browser(user)
    mara.open("/settings/sessions/")
    assert len(mara.page.xpath("//tbody/tr")) == 3
    [newest, *_] = mara.page.xpath("//button[@name='session']/@value")

    mara.post("/settings/sessions/", session=newest)
    assert Session.objects.filter(revoked_at=None).count() == 2
    mara.post("/settings/sessions/", session="others")

    assert Session.objects.filter(revoked_at=None).count() == 1
    assert second.open("/settings/").status_code == 302
    assert mara.open("/settings/").status_code == 200


def test_somebody_elses_session_is_not_there(mara, user):
    Browser(UserFactory())
    theirs = Session.objects.exclude(user=user).get()
    mara.open("/settings/sessions/")

    assert mara.post("/settings/sessions/", session=theirs.pk).status_code == 404
    assert mara.post("/settings/sessions/", session="x").status_code == 422  # no word of the form


def test_kinds_are_switched_off_and_on(mara, user):
    mara.open("/settings/notifications/")
    ticked = mara.page.xpath("//input[@name='on' and @checked]/@value")
    assert "task_assigned:email" in ticked

    mara.post("/settings/notifications/", on=[each for each in ticked if each != "task_assigned:email"])

    user.refresh_from_db()
    assert preferences.shown(user.notification_preferences)["task_assigned"] == {"email": False, "in_app": True}


def test_the_account_ends_after_the_password(mara, user):
    mara.open("/settings/account/")
    assert mara.send("/settings/account/", password="wrong").status_code == 422

    assert mara.send("/settings/account/", password=PASSWORD).status_code == 303

    user.refresh_from_db()
    assert user.deleted_at
    assert mara.open("/settings/").status_code == 302
