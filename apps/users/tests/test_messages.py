"""How account mails read, and when they are not sent."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from apps.notifications.delivery.mail import compose
from apps.notifications.kinds import KINDS
from apps.notifications.models import Notification
from apps.notifications.services import notify
from apps.users.credentials.signed_links import PASSWORD_RESET, VERIFICATION
from apps.users.messages import (
    AccountMail,
    EmailChange,
    PasswordChanged,
    PasswordReset,
    SessionRevoked,
    Verification,
)
from apps.users.tests.factories import UserFactory
from apps.users.tests.helpers import newest_mail

pytestmark = pytest.mark.django_db

# Those of higher apps by name.
ACCOUNT_KINDS = [
    Verification,
    PasswordReset,
    PasswordChanged,
    SessionRevoked,
    EmailChange,
    KINDS["token_created"],
]
DATA = {"to": "old@example.org", "done": True, "name": "ci", "hint": "x7Qe"}


@pytest.fixture
def user():
    return UserFactory(username="ben", email_verified_at=None, timezone="Asia/Kathmandu")


def parsed(mail):
    return message_from_bytes(mail.content, policy=default)


def texts(mail):
    """The plain and the HTML text."""
    return [mail.get_body((form,)).get_content() for form in ("plain", "html")]


def enter(kind, user):
    state = PASSWORD_RESET.state(user) if kind is PasswordReset else VERIFICATION.state(user)
    notify(kind, recipient_ids=[user.pk], dedupe="once", data=DATA | {"state": state})
    Notification.objects.update(created_at=datetime(2026, 11, 20, 18, 30, tzinfo=UTC))


def test_every_account_kind_is_tried_here():
    assert {kind for kind in KINDS.values() if issubclass(kind, AccountMail)} == set(ACCOUNT_KINDS)


@pytest.mark.parametrize("kind", ACCOUNT_KINDS)
def test_account_mails_are_sent_whatever_the_preferences_say_and_stay_out_of_the_app(user, kind):
    user.notification_preferences = {kind.name: {"email": False, "in_app": True}}
    user.save(update_fields=["notification_preferences"])

    enter(kind, user)

    row = Notification.objects.get()
    assert (row.mail_state, row.in_app) == ("pending", False)


@pytest.mark.parametrize("kind", ACCOUNT_KINDS)
def test_account_mails_greet_and_say_why_and_cannot_be_unsubscribed(user, kind):
    enter(kind, user)
    row = Notification.objects.select_related("recipient").get()
    words, address, rejection = newest_mail(user, kind.name)

    mail = parsed(compose(row, kind, words))

    assert rejection == ""
    assert mail["To"] == address == ("old@example.org" if kind is EmailChange else user.email)
    assert mail["Subject"] == words.title
    assert "List-Unsubscribe" not in mail
    plain, html = texts(mail)
    assert "Hello ben," in plain
    assert "Hello <bdi>ben</bdi>," in html
    assert words.why in plain
    assert words.why in html


@pytest.mark.parametrize("kind", [PasswordChanged, SessionRevoked, EmailChange])
def test_times_are_in_utc_where_the_system_no_longer_has_the_readers_zone(user, kind):
    user.timezone = "Mars/Phobos"
    user.save(update_fields=["timezone"])
    enter(kind, user)

    assert "18:30" in " ".join(newest_mail(user, kind.name)[0].lines)


@pytest.mark.parametrize("kind", [PasswordChanged, SessionRevoked, EmailChange])
def test_times_are_the_readers_own(user, kind):
    enter(kind, user)

    text = " ".join(newest_mail(user, kind.name)[0].lines)

    assert "21 November 2026 at 00:15 (Asia/Kathmandu)" in text


@pytest.mark.parametrize(("kind", "path"), [(Verification, "/verify-email/"), (PasswordReset, "/password-reset/")])
def test_the_button_leads_to_the_page_with_a_token_made_just_now(user, kind, path, settings):
    settings.FRONTEND_URL = "https://app.example.org"
    enter(kind, user)
    row = Notification.objects.select_related("recipient").get()
    words = newest_mail(user, kind.name)[0]

    mail = parsed(compose(row, kind, words))

    assert words.path.startswith(path)
    for text in texts(mail):
        assert f"https://app.example.org{words.path}" in text
    assert words.path not in str(row.data)
