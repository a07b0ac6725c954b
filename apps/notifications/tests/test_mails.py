"""How a mail reads, and what user text cannot become in it."""

from __future__ import annotations

import re

import pytest
from django.test import override_settings

from apps.common.text.mail_addresses import BadAddressError, normal_address
from apps.notifications.delivery import sender
from apps.notifications.delivery.safe_text import JOINER, body_text, header_text, unlinked
from apps.notifications.models import Notification
from apps.notifications.tests.kinds_for_tests import AccountPoked, Poked
from apps.notifications.tests.outbox_rows import notified
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(owner, mailbox):
    def send(kind=Poked, **data):
        notified(owner, kind, **data)
        sender.deliver()
        return mailbox.mails[-1]

    return send


def text_of(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def html_of(mail) -> str:
    return mail.get_body(("html",)).get_content()


def test_a_mail_says_what_changed_from_what_to_what_where_and_why(sent):
    mail = sent()

    assert mail["Subject"] == "[WEB-1] You were poked"
    for part in (text_of(mail), html_of(mail)):
        assert "Somebody poked you." in part
        assert "http://testserver/tasks/1/" in part
        assert "You get this because you are assigned to the task." in part
    assert "Status: To do → Done" in text_of(mail)
    assert re.search(r"<bdi>To do</bdi></s> → <strong><bdi>Done", html_of(mail))


@override_settings(FRONTEND_URL="https://tasks.example.org")
def test_links_lead_to_the_front_end_if_there_is_one(sent):
    mail = sent()

    assert "https://tasks.example.org/tasks/1/" in text_of(mail)
    assert "http://testserver" not in text_of(mail)
    assert mail["List-Unsubscribe"].strip().startswith("<http://testserver/unsubscribe/")


def test_mails_of_a_task_hang_under_one_thread(sent):
    first, second = sent(), sent()

    assert first["References"] == second["References"] == second["In-Reply-To"]
    assert first["Message-ID"] != second["Message-ID"]
    assert re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", first["Message-ID"])


def test_a_kind_that_can_be_switched_off_says_how(sent):
    mail = sent()

    header = mail["List-Unsubscribe"].strip()
    assert re.fullmatch(r"<http://testserver/unsubscribe/[^/]+/>", header)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert header[1:-1] in text_of(mail)


def test_an_account_mail_cannot_be_switched_off(sent):
    mail = sent(AccountPoked)

    assert mail["List-Unsubscribe"] is None
    assert mail["List-Unsubscribe-Post"] is None
    assert "unsubscribe" not in html_of(mail)


def test_no_machine_answers_a_mail(sent):
    assert sent()["Auto-Submitted"] == "auto-generated"


HOSTILE_TITLES = [
    "a\r\nBcc: victim@example.org",
    "a\nSubject: other",
    "a\u2028Bcc: x@example.org",
    "a\u2029b",
    "\u202etxt.exe",
    "a\x1b[31mb\x07",
    "é" * 500,
    "=?utf-8?q?Bcc:_x?=",
]


@pytest.mark.parametrize("title", HOSTILE_TITLES)
def test_user_text_becomes_no_header(sent, mailbox, title):
    mail = sent(title=title)

    assert sorted(mail.keys()) == sorted(
        [
            "Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted",
            "X-Auto-Response-Suppress", "References", "In-Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post",
        ]
    )  # fmt: skip
    assert not re.search("[\x00-\x1f\u2028\u2029\u202a-\u202e]", mail["Subject"])
    assert len(mail["Subject"].strip()) <= 200
    assert mailbox.envelopes[-1][1] == ["owner@example.org"]
    assert all(len(line) <= 998 for line in mailbox.raw[-1].split(b"\r\n"))


# What Gmail, Outlook and Apple Mail make links of by themselves, as far as a pattern can say.
AUTOLINKED = re.compile(
    r"(?:\b(?:https?|ftp|mailto|tel|javascript|data):[^\s\u2060])|//\w|www\.\w|[\w.+-]+@\w|[\w-]\.(?:com|org|net|example|de)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/login",
        "HTTP://EVIL.EXAMPLE",
        "www.evil.com",
        "evil.com/login?x=1",
        "write to bob@evil.com",
        "mailto:bob@evil.com",
        "tel:+4912345",
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/x",
        "(https://evil.example)",
        "https:\u200b//evil.example",
        "http://10.0.0.1/x",
        "münchen.de",
        "<a href='https://evil.example'>click</a>",
        "[click](https://evil.example)",
        "![](https://evil.example/pixel.png)",
        "<img src=https://evil.example/pixel.png>",
    ],
)
def test_user_text_becomes_no_link_and_no_image(sent, text):
    mail = sent(text=text, title=f"[WEB-1] {text}")

    html, plain = html_of(mail), text_of(mail)
    body = re.sub(r"http://testserver/\S+", "", plain)
    assert not AUTOLINKED.search(body), body
    ours = re.findall(r"<a href=\"http://testserver/[^>]*", html)
    assert re.findall(r"<(?:img|a|script|iframe|link|base|form)\b[^>]*", html) == ours
    inner = re.sub(r"<[^>]*>", "", html[html.index("<body") :])
    assert not AUTOLINKED.search(inner), inner


def test_harmless_text_stays_as_it_is():
    for text in ("Version 1.5 of 2026, e.g. 10:30", "a/b and c: d", "Really?! Yes.", "50 % (about)", "Grüße, 你好"):
        assert unlinked(text) == text


def test_broken_text_reads_the_same():
    text = "see https://evil.example/x or bob@evil.com"

    assert body_text(text).replace(JOINER, "") == text


def test_a_body_keeps_its_lines_and_loses_controls():
    assert body_text("a\r\nb\u2028c\x07\u202ed") == "a\nb\nc d"


def test_a_long_header_text_is_cut():
    assert len(header_text("x" * 300)) == 200
    assert header_text("x" * 300).endswith("…")


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b@c.org", "Bob <bob@example.org>", "a@example.org,b@example.org", "a@example.org\nBcc: x@y.org"],
)
def test_only_one_plain_address_is_written_to(address):
    with pytest.raises(BadAddressError):
        normal_address(address)


def test_an_international_domain_is_written_in_ascii(mailbox):
    notified(UserFactory(email="bob@bücher.example"))

    sender.deliver()

    assert mailbox.envelopes[-1][1] == ["bob@xn--bcher-kva.example"]
    assert Notification.objects.get().mail_state == "sent"


@override_settings(DEFAULT_FROM_EMAIL="Bücher <post@bücher.example>")
def test_real_case_16_the_senders_domain_is_ascii_in_envelope_and_headers(owner, mailbox):
    notified(owner, Poked)

    sender.deliver()

    mail = mailbox.mails[-1]
    assert mailbox.envelopes[-1][0] == "post@xn--bcher-kva.example"
    assert mail["From"].addresses[0].addr_spec == "post@xn--bcher-kva.example"
    assert mail["Message-ID"].endswith("@xn--bcher-kva.example>")
