"""Which language a page has: the person's, else the browser's, else English; programs always get English."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.urls import get_resolver
from django.utils import translation
from django.utils.translation import gettext, ngettext

from apps.common.language.choosing import speaking
from apps.common.language.dates import written
from apps.common.language.problems import translated
from apps.users.models import Language
from apps.users.tests.factories import UserFactory
from apps.users.tests.helpers import send
from apps.users.tests.tokens import access_token_for
from apps.web.base.forms import ServiceForm
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db
REQUEST_ID = re.compile(rb'"request_id": ?"\w+"')
GERMAN = {"accept-language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.fixture
def user():
    return UserFactory(username="mara")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-CH, fr;q=0.9", "de"),
        ("fr, de;q=0.5, en;q=0.3", "de"),
        ("en-GB, de;q=0.9", "en"),
        ("fr, it;q=0.8", "en"),
        ("de;q=0, en;q=0.1", "en"),
        ("fr, *;q=0.5", "en"),
        ("\u0000;;q=x,,", "en"),
        ("de;q=" + "9" * 2_000, "en"),
    ],
)
def test_without_a_session_pages_are_in_the_browsers_language(accepted, language):
    browser = Browser()

    browser.open("/login/", **({"accept-language": accepted} if accepted else {}))

    assert browser.page.xpath("/html/@lang") == [language]
    assert browser.page.xpath("//h1/text()") == [{"de": "Anmelden", "en": "Sign in"}[language]]
    assert "Accept-Language" in browser.response["Vary"]


def test_the_language_of_the_profile_wins_and_is_chosen_in_the_settings(user):
    browser = Browser(user)
    browser.open("/settings/", **GERMAN)
    assert browser.page.xpath("/html/@lang") == ["de"]

    browser.send("/settings/", language="en")

    assert browser.open("/settings/", **GERMAN).content.decode().count('lang="en"') == 1
    browser.send("/settings/", language="de")
    browser.follow()
    assert browser.page.xpath("/html/@lang") == ["de"]
    assert "Dein Profil ist gespeichert" in browser.text


def test_a_page_that_the_browser_has_in_another_language_is_sent_anew(user):
    browser = Browser(user)
    tag = browser.open("/settings/password/")["ETag"]

    again = browser.open("/settings/password/", **{"if-none-match": tag})
    german = browser.open("/settings/password/", **{"if-none-match": tag}, **GERMAN)

    assert (again.status_code, german.status_code) == (304, 200)


@pytest.mark.parametrize("path", ["/nowhere/", "/verify-email/x/", "/password-reset/x/", "/unsubscribe/x/"])
def test_pages_behind_links_and_error_pages_are_in_the_browsers_language(path):
    browser = Browser()

    browser.open(path, **GERMAN)

    assert browser.page.xpath("/html/@lang") == ["de"]
    assert browser.open(path).content.decode().count('lang="en"') == 1


def test_the_api_is_english_byte_for_byte_whatever_the_browser_and_the_profile_say(user):
    user.language = "de"
    user.save(update_fields=["language"])
    token = access_token_for(user)

    bad = {"timezone": "Mars", "theme": "pink", "email": "", "nickname": 5}
    reads = ("profile/", "/api/projects/0/", "/api/nowhere/", "/api/tasks/?filter=status", "/api/tasks/?page_size=x")

    def answers(**headers):
        asked = [send("profile/", bad, method="patch", token=token, **headers)]
        asked += [send(path, method="get", token=token, **headers) for path in reads]
        return [REQUEST_ID.sub(b"", each.content) for each in asked]

    assert answers(HTTP_ACCEPT_LANGUAGE="de") == answers()


def test_the_admin_site_is_english(user):
    browser = Browser()

    assert "Log in" in browser.open("/admin/login/", **GERMAN).content.decode()


def test_no_language_stays_behind_after_a_page(user):
    browser = Browser(user)

    for path in ("/login/", "/settings/", "/nowhere/", "/unsubscribe/x/"):
        browser.open(path, **GERMAN)
        assert translation.get_language() == "en", path


def test_the_languages_of_profiles_are_those_of_the_settings():
    assert Language.values == ["", *(code for code, _ in settings.LANGUAGES)]


def test_texts_of_services_are_translated_where_pages_show_them():
    with speaking("de"):
        assert translated("Not found.") == "Nicht gefunden."
        assert translated("A title has at most 200 characters.") == "Ein Titel hat höchstens 200 Zeichen."
        assert translated("Something that nobody has translated.") == "Something that nobody has translated."
    assert translated("Not found.") == "Not found."


def _kinds(kind: type) -> set[type]:
    return {kind}.union(*(_kinds(each) for each in kind.__subclasses__()))


def test_pg_texts_of_forms_wait_for_the_language_of_the_reader():
    """A method of a text, as `capitalize`, that is called where a form is defined leaves English behind for ever."""
    assert get_resolver().url_patterns  # all forms are defined by now
    texts = {
        str(text)
        for form in _kinds(ServiceForm)
        for field in form.base_fields.values()
        for text in (field.label, field.help_text, *(text for _, text in getattr(field, "choices", None) or ()))
        if type(text) is str  # and so not one that waits
    }

    with translation.override("de"):
        fixed = {text for text in texts for key in (text, text[:1].lower() + text[1:]) if key and gettext(key) != key}
    assert fixed - {"English"} == set()  # languages are named in their own words


def test_pg_what_a_token_may_is_said_in_the_readers_language(user):
    browser = Browser(user)

    browser.open("/settings/tokens/", **GERMAN)

    assert "Kommentare schreiben" in browser.text
    assert "Write comments" not in browser.text


def test_a_form_gives_the_reasons_of_services_and_of_libraries_in_the_readers_language(user):
    UserFactory(username="taken")
    browser = Browser(user)
    browser.open("/settings/", **GERMAN)

    browser.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    browser.send("/settings/", username="taken")
    assert "Dieser Benutzername ist vergeben." in browser.text
    browser.send("/settings/", reminder_lead_minutes="-5")
    assert "größer oder gleich 0" in browser.text


def test_dates_and_counts_are_written_as_the_language_does():
    with speaking("de"):
        assert written(date(2026, 11, 28), "l j F Y") == "Samstag, 28. November 2026"
        assert ngettext("{n} day late", "{n} days late", 1).format(n=1) == "1 Tag zu spät"
        assert filesizeformat(1_572_864) == "1,5\xa0MB"
    assert written(date(2026, 11, 28), "l j F Y") == "Saturday 28 November 2026"
