"""Sessions are named by what people know of a User-Agent; hostile ones stay text."""

from __future__ import annotations

import pytest

from apps.common.web.devices import SHOWN, device_name
from apps.users.models import Session
from apps.web.tests.browser import Browser

GECKO = "Gecko/20100101 Firefox/128.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) {GECKO}", "Firefox on Linux"),
        (f"Mozilla/5.0 (Android 14; Mobile; rv:128.0) {GECKO}", "Firefox on Android"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64) {WEBKIT} Chrome/126.0 Safari/537.36", "Chrome on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64) {WEBKIT} Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/126.0 Safari/537.36", "Chrome on ChromeOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.5 Safari/605.1.15", "Safari on Mac"),
        ("Mozilla/5.0 (compatible)", "Mozilla 5.0"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Linux"),
        ("curl/7.88.1", "curl 7.88"),
        ("python-requests/2.32.3", "python-requests 2.32"),
        ("Go-http-client/2.0", "Go-http-client 2.0"),
        ("The backup of the kitchen", "The backup of the kitchen"),
        ("", "An unnamed program"),
        (" \t\x00\n", "An unnamed program"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("curl/", "curl/"),
        ("x" * 4_096, "x" * (SHOWN - 1) + "…"),
        ("a/" * 2_048, ("a/" * 2_048)[: SHOWN - 1] + "…"),
        ("\u202eevil/1.0", "evil 1.0"),
    ],
)
def test_a_device_is_named_by_what_people_know(text, name):
    assert device_name(text) == name


@pytest.mark.django_db
def test_pg7_the_sessions_page_names_devices_and_keeps_the_raw_text_in_the_title(owner):
    raw = 'Mozilla/5.0 (X11; Linux x86_64) "><b>Firefox/128.0'
    Session.objects.create(user=owner, device=raw, expires_at="2099-01-01T00:00:00Z")
    browser = Browser(owner)

    browser.open("/settings/sessions/")

    [named] = browser.page.xpath("//td/span[@title]")
    assert (named.text_content(), named.get("title")) == ("Firefox on Linux", raw)
    assert "An unnamed program" in browser.text  # the browser of this test sends none
    assert not browser.page.xpath("//td//b")
