"""A outbox row and its words as the bytes of a mail (RFC 5322), text and HTML."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache

from django.conf import settings

from apps.common.text.mail_addresses import comparable_address, normal_address
from apps.notifications import unsubscribe
from apps.notifications.delivery import layouts, mime
from apps.notifications.delivery.safe_text import header_text
from apps.notifications.kinds import Content, Kind
from apps.notifications.models import Notification


@dataclass(frozen=True)
class Mail:
    """What goes over the wire: envelope addresses, and the content with CRLF line ends."""

    sender: str
    recipient: str
    content: bytes


def site_url(path: str) -> str:
    """Return the absolute link to a page: the front end's if there is one, else our own."""
    return f"{settings.FRONTEND_URL or settings.PUBLIC_URL}{path}"


def message_id(row: Notification) -> str:
    """Return the Message-ID of the row, the same on every attempt (RFC 5322 §3.6.4)."""
    seed = f"{row.dedupe_key}\x1f{row.created_at.timestamp()}"
    return f"<{row.pk}.{_digest(seed)}@{_domain()}>"


def compose(row: Notification, kind: type[Kind], words: Content) -> Mail:
    """Return the mail for `row.recipient`. Raises BadAddressError."""
    recipient = normal_address(kind.address(row))
    sender = sender_address()
    token = (
        "" if kind.mandatory else unsubscribe.make_token(user_id=row.reader_id, address=row.recipient.email, kind=kind)
    )
    link = site_url(words.path) if words.path else ""
    stop = site_url(unsubscribe.path(token)) if token else ""
    content = mime.assemble(
        {"Subject": header_text(words.title), "To": recipient} | headers(row, words, token),
        text=layouts.text_body(kind, words, link=link, unsubscribe=stop),
        html=layouts.html_body(kind, words, link=link, unsubscribe=stop),
        boundary=_digest(row.dedupe_key),
    )
    return Mail(sender, recipient, content)


def headers(row: Notification, words: Content, token: str) -> dict[str, str]:
    """Return the headers beside To and Subject."""
    found = {
        "From": _from(settings.DEFAULT_FROM_EMAIL),
        "Date": format_datetime(datetime.now(UTC)),
        "Message-ID": message_id(row),
        "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday notifications in return
        "X-Auto-Response-Suppress": "All",
    }
    if words.thread:
        root = f"<{header_text(words.thread).replace(' ', '-')}.{_digest(settings.PUBLIC_URL)}@{_domain()}>"
        found |= {"References": root, "In-Reply-To": root}
    if token:
        found |= {
            "List-Unsubscribe": f"<{unsubscribe.one_click_url(token)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
        }
    return found


def sender_address() -> str:
    """Return the address that all mail is sent from, for the envelope."""
    return _address(settings.DEFAULT_FROM_EMAIL)


@lru_cache
def _from(address: str) -> str:
    """Return the sender for the header, its name encoded if need be."""
    return formataddr((parseaddr(address)[0], _address(address)))


@lru_cache
def _address(sender: str) -> str:
    return comparable_address(parseaddr(sender)[1])


def _domain() -> str:
    return sender_address().rpartition("@")[2] or "localhost"


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
