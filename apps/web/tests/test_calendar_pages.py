"""The page of calendar feeds."""

from __future__ import annotations

import pytest

from apps.calendars.models import CalendarFeed
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db
URL = "/settings/calendars/"


def shown(browser):
    """Return the address on the page, without the host."""
    [field] = browser.page.xpath("//input[@id='feed-address']")
    return "/ical/" + field.get("value").rpartition("/ical/")[2]


def test_ic1_a_feed_is_made_shown_once_given_another_address_and_deleted(client, member, outsider):
    browser = Browser(member)
    browser.open("/settings/")
    assert URL in browser.links()
    browser.open(URL)

    made = browser.send(URL, name="Dates", details="on", **{"as": "both"})

    assert (made.status_code, made["Cache-Control"]) == (201, "private, no-store")
    first = shown(browser)
    assert client.get(first).status_code == 200
    feed = CalendarFeed.objects.get()
    assert (feed.name, feed.components, feed.details, feed.view_id) == ("Dates", "both", True, None)
    assert first not in browser.open(URL).content.decode()
    assert browser.send(f"{URL}{feed.pk}/regenerate/").status_code == 200
    assert (client.get(first).status_code, client.get(shown(browser)).status_code) == (404, 200)
    stranger = Browser(outsider)
    stranger.open(URL)
    assert stranger.post(f"{URL}{feed.pk}/delete/").status_code == 404
    browser.send(f"{URL}{feed.pk}/delete/")
    assert "You have no calendar feeds" in browser.follow().content.decode()


def test_ic1_the_page_says_what_is_wrong_and_that_a_view_is_gone(member):
    browser = Browser(member)
    browser.open(URL)

    assert browser.send(URL, name="").status_code == 422
    CalendarFeed.objects.create(user=member, name="Old", view_id=10**6, digest=b"x")
    assert "The view is gone" in browser.open(URL).content.decode()
