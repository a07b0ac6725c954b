"""What a mail server's no is about: the recipient, for whom it is final, or our set-up, which somebody will fix.

Servers answer at RCPT what they think of HELO and MAIL FROM (Postfix's smtpd_delay_reject), and use
codes freely. So the enhanced status (RFC 3463, RFC 5248) counts more than the code, and words count
where the status is general. When in doubt a mail waits: that costs attempts, the other way the mail.
"""

from __future__ import annotations

import re

STATUS = re.compile(r"(?:^|#)\s*5\.(?P<subject>\d{1,3})\.(?P<detail>\d{1,3})\b", re.MULTILINE)
ADDRESSES_AND_LINKS = re.compile(r"<[^>]*>|https?://\S+|\S+@\S+")

ADDRESSING, MAILBOX, SECURITY = 1, 2, 7  # subjects of RFC 3463
SENDERS = {7, 8}  # details of ADDRESSING that are about the sender's address
# Mailbox unavailable, not local, its name not allowed (RFC 5321 §4.2.3), domain without mail (RFC 7504)
RECIPIENT_CODES = {550, 551, 553, 556}

SENDER = re.compile(
    r"\bsender\b|\bmail from\b|\bfrom address\b|return[- ]path|\b(?:he|eh)lo\b|client host"
    r"|your (?:ip|host|domain|server|address|network)",
    re.IGNORECASE,
)
RECIPIENT = re.compile(
    r"user (?:is )?unknown|unknown (?:user|recipient|mailbox|address|local)|mailbox name|user not local|unroute?able"
    r"|no such (?:user|mailbox|recipient|address|account|person|domain|local)|no mailbox|recipient address rejected"
    r"|invalid (?:recipient|mailbox|user)|not a valid (?:recipient|mailbox|user)|have an? \S+ account"
    r"|(?:user|mailbox|recipient|account|inbox)\b[^.;]{0,60}?"
    r"\b(?:unknown|not found|not exist|doesn.?t exist|unavailable|disabled|inactive|suspended|full|quota)",
    re.IGNORECASE,
)
SETUP = re.compile(
    r"relay|rcpthosts|authenti|\bauth\b|log ?in|credential|\btls\b|reverse|\bptr\b|\brdns\b|\bspf\b|dkim|dmarc"
    r"|black ?list|block ?list|blocked|\brbl\b|dnsbl|listed|spam|reputation|polic|denied|permitted|not allowed"
    r"|prohibit|authori[sz]ed|rate|too many|grey|gray|temporar",
    re.IGNORECASE,
)

ADVICE = (
    (r"\b(?:he|eh)lo\b|fully[- ]qualified host", "Set EMAIL_EHLO_NAME to a name that the mail server accepts."),
    (r"tls\b|encryption", "Set EMAIL_USE_TLS, or EMAIL_USE_SSL with its port."),
    (
        r"^53[0458]|authenti|log ?in|credential",
        "Set EMAIL_HOST_USER and EMAIL_HOST_PASSWORD to an account of the mail server.",
    ),
    (r"\bsender\b|mail from|from address|5\.1\.[78]\b", "Set DEFAULT_FROM_EMAIL to an address it may send from."),
    (r"relay|rcpthosts", "Let the mail server relay for this host, or log in with EMAIL_HOST_USER."),
    (r"list|block|spam|reputation|reverse|\bptr\b", "The mail server does not trust this host: ask who runs it."),
)
OTHER_ADVICE = "Ask who runs the mail server; the mails go out by themselves once it accepts them."


def concerns_recipient(code: int, text: str, *, is_envelope: bool = True) -> bool:
    """Return whether a 5xx is an answer about the recipient.

    `is_envelope` says that it answers RCPT; an answer to the content needs to say so by itself.
    """
    words = ADDRESSES_AND_LINKS.sub(" ", text)
    if SENDER.search(words):
        return False
    if status := STATUS.search(text):
        subject, detail = int(status["subject"]), int(status["detail"])
        if subject == ADDRESSING:
            return detail not in SENDERS
        if subject in {MAILBOX, SECURITY}:
            return subject == MAILBOX
    if RECIPIENT.search(words):
        return True
    return is_envelope and status is None and code in RECIPIENT_CODES and not SETUP.search(words)


def connection_advice(reason: str) -> str:
    """Return what an operator may do about a session that cannot be opened."""
    known = advice(reason)
    return "Start it, or fix EMAIL_HOST and EMAIL_PORT." if known == OTHER_ADVICE else known


def without_addresses(reason: str) -> str:
    """Return an answer in one line that names nobody."""
    return " ".join(ADDRESSES_AND_LINKS.sub("…", reason).split())


def advice(reason: str) -> str:
    """Return what an operator may do about an answer that keeps mail waiting."""
    words = ADDRESSES_AND_LINKS.sub(" ", reason)
    return next((text for pattern, text in ADVICE if re.search(pattern, words, re.IGNORECASE)), OTHER_ADVICE)
