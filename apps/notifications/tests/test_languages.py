"""Each mail is in its recipient's language, also among others."""

from __future__ import annotations

import pytest
from django.utils import translation

from apps.notifications.delivery import sender
from apps.notifications.services import notify
from apps.users.messages import PasswordChanged
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_mails_of_one_batch_are_each_in_the_language_of_their_recipient(mailbox):
    languages = ["de", "en", "", "de", ""]
    for number, language in enumerate(languages):
        user = UserFactory(username=f"reader-{number}", language=language)
        notify(PasswordChanged, recipient_ids=[user.pk], dedupe=f"changed:{number}")

    assert sender.deliver().sent == len(languages)

    german, english = ("Dein Passwort wurde geändert", "Your password was changed")
    assert [mail["Subject"] for mail in mailbox.mails] == [german if each == "de" else english for each in languages]
    bodies = [mail.get_body(("html",)).get_content() for mail in mailbox.mails]
    assert ['lang="de"' in body for body in bodies] == [each == "de" for each in languages]
    assert ["Hallo" in body for body in bodies] == [each == "de" for each in languages]
    assert translation.get_language() == "en"
