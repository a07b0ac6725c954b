"""How mails read in any script, in the dark, and without saying anything twice."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from django.template.loader import get_template

from apps.notifications.delivery import sender
from apps.notifications.delivery.safe_text import JOINER, body_html, body_text, header_text, unlinked
from apps.notifications.models import Notification
from apps.notifications.user_text import FSI, PDI, unmarked, user_text
from apps.tasks.wording import LONG, local_time, shortened
from apps.users.models import User

pytestmark = pytest.mark.django_db

HEBREW = "\u05ea\u05d9\u05e7\u05d5\u05df \u05d3\u05e3 (v2)"
ARABIC = "\u062a\u0642\u0631\u064a\u0631 2026!"
FILES = ["report.pdf", "Budget 2026.XLSX", "annual.report.v2.pdf", "a-b_c.tar.gz", "(see notes.txt)", "logs/app.log"]


@pytest.fixture
def mailed(api, owner, member, task, mailbox):
    """Change the task as its owner and return the mail to its assignee, as (subject, text, html)."""

    def write(body, path=""):
        assert api(owner).patch(f"/api/tasks/{task.pk}/{path}", body).status_code == 200
        Notification.objects.exclude(recipient=member).delete()
        sender.deliver()
        mail = mailbox.mails[-1]
        return mail["Subject"], *(mail.get_body((form,)).get_content() for form in ("plain", "html"))

    return write


@pytest.fixture
def assigned(mailed, member):
    mailed({"assigned_to": member.pk}, "assign/")
    return mailed


@pytest.mark.parametrize("title", [HEBREW, ARABIC, "Ünïcode & <b>", "plain", "設計書のレビュー"])
def test_contract_8_words_of_people_find_their_own_direction(mailed, owner, member, task, title):
    User.objects.filter(pk=owner.pk).update(nickname=HEBREW)
    task.title, task.project.name = title, ARABIC
    task.save()
    task.project.save()

    subject, text, html = mailed({"assigned_to": member.pk}, "assign/")

    escaped = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f"<bdi>{HEBREW}</bdi> assigned the task “<bdi>{escaped}</bdi>” to you." in html
    assert f"Project: <bdi>{ARABIC}</bdi>" in html
    assert re.search(rf'<h1 dir="auto"[^>]*>WEB-1 <bdi>{re.escape(escaped)}</bdi></h1>', html)
    paragraphs = re.findall("<p [^>]*>", html)
    assert all('dir="auto"' in tag for tag in paragraphs[:-1])  # the last is the button
    for plain in (subject, text, html):
        assert not set(plain) & {FSI, PDI, "\u2066", "\u2067"}


def test_contract_8_old_and_new_values_find_their_own_direction(assigned):
    _, _, html = assigned({"title": HEBREW, "description": ARABIC})

    assert f"<strong><bdi>{HEBREW}</bdi></strong>" in html
    assert f"<strong><bdi>{ARABIC}</bdi></strong>" in html
    assert '<s class="quiet"' in html


def test_what_the_app_shows_has_no_marks(api, mailed, member, task):
    mailed({"assigned_to": member.pk}, "assign/")

    (shown,) = api(member).get("/api/notifications/").json()["results"]

    assert shown["title"] == "WEB-1 is assigned to you: Fix the login page"
    assert shown["body"].startswith("owner assigned the task “Fix the login page” to you.")


@pytest.mark.parametrize("text", [f"a{PDI}b{FSI}c", "\u2067x\u2069", f"{FSI}{FSI}{PDI}"])
def test_people_cannot_write_marks_themselves(text):
    marked = user_text(text)

    assert (marked[0], marked[-1], set(marked[1:-1]) & {FSI, PDI}) == (FSI, PDI, set())
    for shown in (body_html(text), body_html(f"by {marked}."), body_text(marked), header_text(marked)):
        assert not set(shown) & {FSI, PDI}
    assert body_html(f"by {marked}.").count("<bdi>") == body_html(f"by {marked}.").count("</bdi>") == 1
    assert unmarked(marked) == marked[1:-1]


@pytest.mark.parametrize("name", FILES)
def test_a_file_name_in_a_mail_can_be_copied_into_a_search(mailed, member, task, name):
    task.title = f"Check {name}"
    task.save()

    _, text, html = mailed({"assigned_to": member.pk}, "assign/")

    assert f"Check {name}" in text
    assert JOINER not in text
    assert JOINER not in html


@pytest.mark.parametrize(
    "text",
    [
        "evil.example/report.pdf", "https://evil.example/a.pdf", "//x/report.pdf", "bob@report.pdf", "www.report.pdf/x",
        "report.pdf.evil.com", "evil.zip", "README.md", "report.pdf:8080", "report.pdf@evil.com", "report.pdf/login",
    ],
)  # fmt: skip
def test_what_would_be_a_link_is_still_broken(text):
    assert JOINER in unlinked(text)
    assert unlinked(text).replace(JOINER, "") == text


def test_a_long_text_of_dots_costs_little_time():
    assert unlinked("a." * 25_000).count(JOINER) == 0
    assert unlinked("ab." * 25_000).count(JOINER) == 24_999


def test_the_subject_is_not_repeated_in_the_text(mailed, member):
    subject, text, _ = mailed({"assigned_to": member.pk}, "assign/")

    lines = text.splitlines()
    assert lines[0] == "owner assigned the task “Fix the login page” to you."
    assert subject not in lines


def test_a_due_date_that_changed_is_said_once(assigned):
    _, text, html = assigned({"due_date": "2027-01-31T08:00:00Z", "priority": "high"})

    for part in (text, html):
        assert part.count("31 January 2027") == 1
        assert part.count("High") == 1
    assert "Due: Sunday 31 January 2027, 08:00 (UTC)" in text


def test_nothing_is_struck_out_where_nothing_was(assigned):
    _, text, html = assigned({"due_date": "2027-01-31T08:00:00Z"})

    assert "<s " not in html
    assert "–" not in text + html
    assert "→" not in text + html


def test_what_is_gone_is_said_in_a_word(assigned):
    assigned({"due_date": "2027-01-31T08:00:00Z"})
    _, text, html = assigned({"due_date": None})

    assert "Due: Sunday 31 January 2027, 08:00 (UTC) → none" in text
    assert re.search(r"08:00 \(UTC\)</bdi></s> → none</td>", html)


def test_a_long_description_is_abbreviated_before_and_after(assigned):
    assigned({"description": "old words " * 400})
    _, text, html = assigned({"description": "new words " * 400})

    for part in (text, html):
        assert 10 < part.count("old words") <= LONG / 10
        assert 10 < part.count("new words") <= LONG / 10
    assert "old words old… → new words" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("short", "short"),
        ("x" * LONG, "x" * LONG),
        ("x" * (LONG + 1), "x" * LONG + "…"),
        ("\u5b57" * 500, "\u5b57" * LONG + "…"),
        ("a " * 300, ("a " * 100).strip() + "…"),
    ],
)
def test_a_text_is_cut_between_words(text, expected):
    assert shortened(text) in {expected, expected.replace(" a…", "…")}


@pytest.mark.parametrize(
    ("zone", "place"),
    [
        ("UTC", "(UTC)"),
        ("Etc/UTC", "(Etc/UTC)"),
        ("Europe/London", "(Europe/London, UTC+00:00)"),
        ("Asia/Kathmandu", "(Asia/Kathmandu, UTC+05:45)"),
    ],
)
def test_the_offset_of_utc_is_said_once(zone, place):
    from datetime import UTC, datetime

    assert local_time(datetime(2027, 1, 31, 8, tzinfo=UTC), zone).endswith(place)


def source():
    return get_template("notifications/mail.html").template.source


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("part", ["light", "dark"])
def test_a_mail_is_readable_in_both_colour_schemes_that_it_claims(part):
    style = re.search(r"<style>(.*)</style>", source(), re.DOTALL)[1]
    dark = dict(re.findall(r"\.(\w+) \{ ([^}]*)\}", style))
    if part == "dark":
        page, sheet = (re.search(r"background: (#\w+)", dark[name])[1] for name in ("page", "sheet"))
        text, quiet = (re.search(r"(?<!-)color: (#\w+)", dark[name])[1] for name in ("page", "quiet"))
        button = re.findall(r"#\w+", dark["button"])
    else:
        page, text = re.search(r'class="page" style="[^"]*background:(#\w+);color:(#\w+)', source()).groups()
        sheet = re.search(r'class="sheet"[^>]*background:(#\w+)', source())[1]
        quiet = re.search(r'class="quiet"[^>]*color:(#\w+)', source())[1]
        button = re.search(r'class="button"[^>]*background:(#\w+);color:(#\w+)', source()).groups()

    assert '<meta name="color-scheme" content="light dark">' in source()
    for one, other in [(text, sheet), (text, page), (quiet, sheet), *pairwise(button)]:
        assert contrast(one, other) >= 4.5, (one, other)
