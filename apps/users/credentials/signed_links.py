"""Signed tokens in mails: bound to the state that using them changes, so that they die with it.

Nothing is stored. A token names its purpose, the person and a digest of that state; it is made
when the mail goes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from apps.common.errors import ValidationError
from apps.users.models import User

LINK_IS_OVER = "invalid_token"  # the code of the one rejection


@dataclass(frozen=True)
class Purpose:
    """What a link is for, how long it lives, and which of the person's fields its use changes."""

    name: str
    lifetime: timedelta
    fields: tuple[str, ...]

    def state(self, user: User) -> str:
        """Return a digest of the fields as they stand; other values, another digest."""
        values = "\x1f".join(f"{getattr(user, field)!r}" for field in ("pk", *self.fields))
        return salted_hmac(f"users.{self.name}", values, algorithm="sha256").hexdigest()[:32]

    def sign(self, user: User) -> str:
        """Return a token for the present state."""
        return signing.dumps([user.pk, self.state(user)], salt=f"users.{self.name}")

    def read(self, token: str) -> tuple[int, str]:
        """Return the person's id and the state signed; ValidationError for a forged or expired token."""
        try:
            content: Any = signing.loads(token, salt=f"users.{self.name}", max_age=self.lifetime)
        except (signing.BadSignature, ValueError):
            raise self.rejected() from None
        return content[0], content[1]

    def require_same(self, user: User | None, state: str) -> User:
        """Return the person, or raise ValidationError when the state has changed since."""
        if user is None or not user.is_active or not constant_time_compare(self.state(user), state):
            raise self.rejected()
        return user

    @staticmethod
    def rejected() -> ValidationError:
        """Return the one answer to all that is wrong with a token."""
        return ValidationError.at("/token", LINK_IS_OVER, "The link is invalid, expired or was used already.")


VERIFICATION = Purpose("verification", settings.VERIFICATION_LIFETIME, ("email", "pending_email", "email_verified_at"))
PASSWORD_RESET = Purpose("password-reset", settings.PASSWORD_RESET_LIFETIME, ("password", "email"))
