"""The pages of API tokens."""

from __future__ import annotations

import pytest

from apps.tokens.models import ApiToken
from apps.tokens.tests.factories import client_with, make_token
from apps.users.tests.factories import PASSWORD
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db

URL = "/settings/tokens/"


def shown(browser):
    """Return the text of the token on the page."""
    [field] = browser.page.xpath("//input[@id='secret']")
    return field.get("value")


def works(text):
    return client_with(text).get("/api/tasks/").status_code == 200


def test_a_token_is_made_shown_once_rotated_and_revoked(owner, project):
    browser = Browser(owner)
    browser.open("/settings/")
    assert URL in browser.links()
    browser.open(URL)

    ticked = browser.page.xpath("//input[@name='scopes'][@checked]/@value")
    made = browser.send(URL, name="nightly", scopes=ticked, projects=[str(project.pk)], password=PASSWORD)

    assert (made.status_code, made["Cache-Control"]) == (201, "private, no-store")
    text = shown(browser)
    assert works(text)
    token = ApiToken.objects.get()
    assert (token.name, token.all_projects, len(token.scopes)) == ("nightly", False, 6)
    assert text not in browser.open(URL).content.decode()
    assert {"nightly", "Website"} <= set(browser.page.xpath("//table//text()"))

    browser.open(f"{URL}{token.pk}/rotate/")
    assert browser.send(f"{URL}{token.pk}/rotate/", overlap_hours="0", password=PASSWORD).status_code == 201
    assert (works(text), works(shown(browser))) == (False, True)
    text = shown(browser)

    browser.open(URL)
    browser.send(f"{URL}{token.pk}/revoke/")
    assert "You have no tokens" in browser.follow().content.decode()
    assert not works(text)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"password": "wrong"}, "The password is wrong."),
        ({"name": ""}, "This field is required."),
        ({"projects": None}, "Name its projects"),
        ({"all_projects": "on"}, "Name its projects"),
        ({"scopes": None}, "This list may not be empty."),
        ({"projects": ["999999999"]}, "999999999"),
        ({"days": "3000"}, "3000"),
    ],
)
def test_pg3_a_bad_token_is_422_and_not_made(owner, project, fields, words):
    browser = Browser(owner)
    browser.open(URL)

    response = browser.send(URL, **({"name": "ci", "projects": [str(project.pk)], "password": PASSWORD} | fields))

    assert response.status_code == 422
    assert words in browser.text
    assert not ApiToken.objects.exists()


def test_a_full_list_says_so(owner, settings):
    settings.TOKENS_MAX = 1
    make_token(owner)
    browser = Browser(owner)
    browser.open(URL)

    response = browser.send(URL, name="ci", all_projects="on", password=PASSWORD)

    assert response.status_code == 409
    assert "revoke one first" in browser.text


def test_a_bad_rotation_changes_nothing_and_somebody_elses_token_is_404(owner, member):
    made, theirs = make_token(owner), make_token(member)
    browser = Browser(owner)
    browser.open(f"{URL}{made.token.pk}/rotate/")

    assert browser.send(f"{URL}{made.token.pk}/rotate/", password="wrong").status_code == 422
    assert works(made.text)
    assert browser.open(f"{URL}{theirs.token.pk}/rotate/").status_code == 404
    assert browser.post(f"{URL}{theirs.token.pk}/rotate/", password=PASSWORD).status_code == 404
    assert browser.post(f"{URL}{theirs.token.pk}/revoke/").status_code == 404
    assert works(theirs.text)


def test_pages_take_no_token(owner):
    response = client_with(make_token(owner).text).get(URL)

    assert (response.status_code, response["Location"]) == (302, "/login/?next=%2Fsettings%2Ftokens%2F")
