"""Contract 8, SMTP: a no about our set-up waits like a server that is away; only one about the recipient is final."""

from __future__ import annotations

import pytest
from django.test import override_settings

from apps.common.monitoring.doctor import CHECKS, Level
from apps.notifications.delivery import sender
from apps.notifications.delivery.smtp_answers import advice, concerns_recipient, without_addresses
from apps.notifications.models import MailState, Notification
from apps.notifications.tests.outbox_rows import make_due, notified

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(sender.time, "sleep", lambda seconds: None)


OURS = [
    "530 5.7.0 Authentication required",
    "530 Must issue a STARTTLS command first",
    "535 5.7.8 Error: authentication failed",
    "538 5.7.11 Encryption required for requested authentication mechanism",
    "554 5.7.1 <bob@example.org>: Relay access denied",
    "550 5.7.1 <bob@example.org>... Relaying denied",
    "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
    "550 relay not permitted",
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    "551 we do not relay",
    "571 relaying denied",
    "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname",
    "550 5.7.1 <web1>: Helo command rejected: Host not found",
    "501 5.5.4 Invalid domain name",
    "503 5.5.1 Error: need MAIL command",
    "503 This mail server requires authentication when attempting to send to a non-local e-mail address.",
    "502 5.5.1 VRFY command is disabled",
    "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied",
    "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
    "550 Rejected because 192.0.2.1 is in a black list at zen.spamhaus.org",
    "550-5.7.26 This mail has been blocked because the sender is unauthenticated.\n550 5.7.26 SPF check failed",
    "550 5.7.25 The IP address sending this message does not have a PTR record setup",
    "553 5.7.1 <tasks@example.org>: Sender address rejected: not owned by user tasks",
    "550 5.1.0 <tasks@example.org>: Sender address rejected: User unknown in virtual mailbox table",
    "550 5.1.8 <tasks@example.org>: Sender address rejected: Domain not found",
    "501 5.1.7 Bad sender address syntax",
    "550 Sender verify failed",
    "550 Administrative prohibition",
    "550 5.7.1 Message rejected due to content restrictions",
    "554 5.7.1 Policy rejection: rate limit exceeded",
    "554 Transaction failed",
    "552 5.3.4 Message size exceeds fixed limit",
    "555 5.5.4 Unsupported option: SMTPUTF8",
    "550 5.4.6 Routing loop detected",
]
THEIRS = [
    "550 5.1.1 <bob@example.org>: Recipient address rejected: User unknown in local recipient table",
    "550 5.1.1 <bob@example.org>: Recipient address rejected: User unknown in relay recipient table",
    "550-5.1.1 The email account that you tried to reach does not exist.\n550 5.1.1 https://support.example/NoSuchUser",
    "550 5.1.1 <sender-relay-policy@example.org> does not exist",
    "550 5.1.2 Bad destination system address",
    "501 5.1.3 Bad recipient address syntax",
    "550 5.1.6 Recipient has moved",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    "556 5.1.10 Recipient address has null MX",
    "550 5.2.1 The email account that you tried to reach is disabled",
    "552 5.2.2 Mailbox full",
    "554 5.2.2 mailbox over quota",
    "550 5.4.1 Recipient address rejected: Access denied",
    "550 5.5.0 Requested action not taken: mailbox unavailable",
    "550 5.0.0 User unknown",
    "550 Requested action not taken: mailbox unavailable",
    "551 User not local; please try <bob@elsewhere.example>",
    "553 Requested action not taken: mailbox name not allowed",
    "550 user unknown",
    "550 No such user here",
    "550 Unrouteable address",
    "554 delivery error: dd This user doesn't have a yahoo.com account",
    "550 sorry, no mailbox here by that name (#5.1.1)",
    "550",
    "556 Domain does not accept mail",
]


def parts(answer):
    return int(answer[:3]), answer[4:].replace("\n550 ", "\n").replace("\n550-", "\n")


@pytest.mark.parametrize("answer", OURS)
@pytest.mark.parametrize("is_envelope", [True, False])
def test_real_case_17_an_answer_about_our_set_up_is_not_final(answer, is_envelope):
    assert not concerns_recipient(*parts(answer), is_envelope=is_envelope)


@pytest.mark.parametrize("answer", THEIRS)
def test_real_case_17_an_answer_about_the_recipient_is_final(answer):
    assert concerns_recipient(*parts(answer))


@pytest.mark.parametrize("answer", ["550 rejected", "554 5.6.0 bad content", "552 too much mail data", "550 spam"])
def test_real_case_17_an_answer_to_the_content_is_final_only_if_it_names_the_recipient(answer):
    assert not concerns_recipient(*parts(answer), is_envelope=False)
    assert concerns_recipient(550, "5.1.1 user unknown", is_envelope=False)


SET_UP = [
    "530 5.7.0 Authentication required",
    "554 5.7.1 <owner@example.org>: Relay access denied",
    "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname",
    "550 5.7.1 <localhost>: Sender address rejected",
    "501 5.1.7 Bad sender address syntax",
    "503 5.5.1 bad sequence",
]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", SET_UP)
def test_real_case_17_a_mail_waits_until_the_set_up_is_right_and_then_arrives(owner, mailbox, step, answer):
    row = notified(owner)
    mailbox.always[step] = answer

    for _ in range(3):
        sender.deliver()
        make_due()

    row.refresh_from_db()
    assert (row.mail_state, row.attempts, row.reason) == (MailState.PENDING, 3, answer)

    del mailbox.always[step]
    assert sender.deliver().sent == 1
    row.refresh_from_db()
    assert (row.mail_state, row.reason, row.uncertain_count) == (MailState.SENT, "", 0)


def test_real_case_17_an_unknown_user_fails_at_once(owner, mailbox):
    row = notified(owner)
    mailbox.answers["RCPT"] = ["550 5.1.1 <owner@example.org>: Recipient address rejected: User unknown"]

    sender.deliver()

    row.refresh_from_db()
    assert (row.mail_state, row.attempts) == (MailState.FAILED, 1)


def test_real_case_17_a_server_that_takes_nobody_costs_the_others_no_attempts(owner, mailbox):
    for _ in range(8):
        notified(owner)
    mailbox.always["RCPT"] = "530 5.7.0 Authentication required"

    sender.deliver()

    tried = list(Notification.objects.order_by("id").values_list("attempts", flat=True))
    assert tried == [1] * 5 + [0] * 3
    assert sender.mail_breaker.is_open
    assert set(Notification.objects.values_list("mail_state", flat=True)) == {"pending"}


@pytest.mark.parametrize("answer", ["504 5.5.2 need fully-qualified hostname", "550 5.7.1 HELO rejected", "501 bad"])
def test_real_case_17_a_server_that_takes_no_greeting_is_away(owner, mailbox, answer):
    row = notified(owner)
    mailbox.always["HELO"] = answer

    sender.deliver()

    row.refresh_from_db()
    assert (row.mail_state, row.attempts) == (MailState.PENDING, 0)

    del mailbox.always["HELO"]
    sender.mail_breaker.succeeded()
    assert sender.deliver().sent == 1


@pytest.mark.parametrize(
    ("name", "from_email", "greeting"),
    [
        ("", "Tasks <tasks@company.example>", "company.example"),
        ("", "tasks@bücher.example", "xn--bcher-kva.example"),
        ("mail-out.company.example", "tasks@company.example", "mail-out.company.example"),
        ("straße.example", "tasks@company.example", "xn--strae-oqa.example"),
        ("[192.0.2.1]", "tasks@company.example", "[192.0.2.1]"),
    ],
)
def test_real_case_17_the_host_introduces_itself_by_a_setting(owner, mailbox, name, from_email, greeting):
    notified(owner)

    with override_settings(EMAIL_EHLO_NAME=name, DEFAULT_FROM_EMAIL=from_email):
        sender.deliver()

    assert mailbox.greeted_as == [greeting]


@override_settings(EMAIL_EHLO_NAME="a\r\nQUIT")
def test_a_name_with_a_line_break_is_no_crash(owner, mailbox):
    row = notified(owner)

    sender.deliver()

    row.refresh_from_db()
    assert (row.mail_state, row.attempts) == (MailState.PENDING, 0)


def findings(name):
    return list(CHECKS[name]())


def test_real_case_17_doctor_says_why_mail_waits_without_naming_anybody(owner, mailbox):
    for _ in range(2):
        notified(owner)
    mailbox.always["RCPT"] = "554 5.7.1 <owner@example.org>: Relay access denied"
    sender.deliver()

    (waiting,) = findings("mail")

    assert waiting.level == Level.WARN
    assert waiting.text == "2 wait after the answer: 554 5.7.1 …: Relay access denied"
    assert "EMAIL_HOST_USER" in waiting.fix


@pytest.mark.parametrize(
    ("step", "answer", "named"),
    [
        ("HELO", "504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname", "EMAIL_EHLO_NAME"),
        ("MAIL", "530 5.7.0 Must issue a STARTTLS command first", "EMAIL_USE_TLS"),
        ("MAIL", "530 5.7.0 Authentication required", "EMAIL_HOST_USER"),
        ("MAIL", "553 5.7.1 <tasks@localhost>: Sender address rejected", "DEFAULT_FROM_EMAIL"),
        ("CONNECT", "554", "EMAIL_HOST"),
    ],
)
def test_real_case_17_doctor_tries_the_server_as_the_worker_does(mailbox, step, answer, named):
    (fine,) = findings("mail server")
    assert fine.level == Level.OK

    mailbox.always[step] = answer
    (finding,) = findings("mail server")

    assert finding.level == Level.FAIL
    assert named in finding.fix
    assert "@" not in finding.text
    assert mailbox.raw == []


@override_settings(EMAIL_HOST="127.0.0.1", EMAIL_PORT=1)
def test_doctor_finds_a_server_that_is_not_there():
    (finding,) = findings("mail server")

    assert (finding.level, finding.fix) == (Level.FAIL, "Start it, or fix EMAIL_HOST and EMAIL_PORT.")


@override_settings(EMAIL_HOST_USER="tasks", EMAIL_HOST_PASSWORD="wrong")
def test_doctor_finds_a_login_that_the_server_does_not_take(mailbox):
    (finding,) = findings("mail server")

    assert finding.level == Level.FAIL


def test_an_answer_is_told_without_addresses_in_one_line():
    assert without_addresses("550 <a@b.c>: no\nsuch user a@b.c") == "550 …: no such user …"
    assert advice("451 4.3.0 whatever").startswith("Ask who runs")
