"""One-click unsubscription (RFC 8058): tokens that name a person, a kind and the address written to.

A mail of before domains were stored in ASCII names the address in its own letters.
A token has no expiry, since mails are kept; it dies when the person's address changes or the account ends.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.signing import BadSignature, Signer

from apps.common.text.mail_addresses import readable_address
from apps.notifications.kinds import Kind
from apps.notifications.preferences import optional_kinds

SALT = "notifications.unsubscribe"
TOKENS = 4_096  # that a process keeps


@dataclass(frozen=True)
class Subscription:
    """What a valid token stands for."""

    user_id: int
    kind: type[Kind]


def make_token(*, user_id: int, address: str, kind: type[Kind]) -> str:
    """Return the token for a mail of `kind` to `address`."""
    return _signed(settings.SECRET_KEY, user_id, kind.name, _digest(address))


@lru_cache(maxsize=TOKENS)
def _signed(key: str, *names: int | str) -> str:
    return Signer(key=key, salt=SALT).sign_object(list(names))


def read_token(token: str) -> Subscription | None:
    """Return what `token` stands for, or None when it was not made by us or has died."""
    try:
        user_id, name, digest = Signer(salt=SALT).unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    kind = optional_kinds().get(str(name))
    users: Any = get_user_model()._default_manager
    address = users.filter(pk=user_id, is_active=True).values_list("email", flat=True).first()
    if kind is None or address is None or digest not in (_digest(address), _digest(readable_address(address))):
        return None
    return Subscription(user_id, kind)


def path(token: str) -> str:
    """Return the page's path."""
    return f"/unsubscribe/{token}/"


def one_click_url(token: str) -> str:
    """Return where a mail program posts: always this server, which acts without a browser."""
    return f"{settings.PUBLIC_URL}{path(token)}"


def _digest(address: str) -> str:
    return hashlib.blake2b(address.lower().encode(), digest_size=6).hexdigest()
