"""Access and refresh tokens: SimpleJWT signs and verifies them, the session decides what they are worth."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenError
from rest_framework_simplejwt.tokens import Token

from apps.common.errors import AuthenticationError
from apps.users.models import Session

INVALID = "The token is invalid or has expired."
TOKENS = 1_024  # access tokens whose signature a process need not verify again


class KeyRingBackend(TokenBackend):
    """Signs with the newest key and says which in the header (`kid`, RFC 7515 §4.1.4).

    A token of a key in JWT_PREVIOUS_KEYS still verifies: that is how the key is exchanged without
    logging everybody out.
    """

    def __init__(self, signing_key: str, key_id: str, previous: Mapping[str, str]) -> None:
        options = settings.SIMPLE_JWT
        super().__init__(options["ALGORITHM"], signing_key, audience=options["AUDIENCE"], issuer=options["ISSUER"])
        self._key_id, self._previous = key_id, previous

    def encode(self, payload: dict[str, Any]) -> str:
        claims = payload | {"aud": self.audience, "iss": self.issuer}
        return jwt.encode(claims, self.prepared_signing_key, algorithm=self.algorithm, headers={"kid": self._key_id})

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """Return the claims of a token of ours that has not expired; TokenBackendError for anything else.

        Unlike SimpleJWT's, it lets a token be younger than this machine's clock: another one may
        have issued it a moment ago, with a clock that is ahead.
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self.get_verifying_key(token),
                algorithms=[self.algorithm],
                audience=self.audience,
                issuer=self.issuer,
                options={"verify_iat": False, "verify_signature": verify},
            )
        except jwt.InvalidTokenError as error:
            raise TokenBackendError("Token is invalid") from error
        return claims

    def get_verifying_key(self, token: Any) -> Any:
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
        except jwt.InvalidTokenError as error:
            raise TokenBackendError("Token is invalid") from error
        if key_id == self._key_id:
            return self.prepared_signing_key
        if not isinstance(key_id, str) or key_id not in self._previous:
            raise TokenBackendError("Token is signed with an unknown key")
        return self._prepare_key(self._previous[key_id])


def key_ring() -> KeyRingBackend:
    """Return the one that signs and verifies with the keys of the settings."""
    return _key_ring(settings.JWT_SIGNING_KEY, settings.JWT_KEY_ID, tuple(settings.JWT_PREVIOUS_KEYS.items()))


@lru_cache(maxsize=4)
def _key_ring(signing_key: str, key_id: str, previous: tuple[tuple[str, str], ...]) -> KeyRingBackend:
    return KeyRingBackend(signing_key, key_id, dict(previous))


@dataclass(frozen=True)
class Claims:
    """What a verified token says: the session by id, owner and start, and the refresh generation.

    Owner and start are there because a database restored from a backup hands out the same
    session ids again, to other people.
    """

    session_id: int
    user_id: int
    started_at: int  # Unix seconds
    expires_at: int  # Unix seconds
    generation: int  # 0 in an access token

    def fits(self, session: Session) -> bool:
        """Return whether the session found under the id is the one the token was made for."""
        return session.user_id == self.user_id and int(session.created_at.timestamp()) == self.started_at


class SessionToken(Token):
    """A token of a session. It holds no secret and no permission, and ends with the session at the latest."""

    lifetime: timedelta

    @classmethod
    def of(cls, session: Session) -> str:
        """Return the encoded token.

        Everything in it comes from the session's row, so that one generation always reads the
        same: a refresh that is repeated gets its first answer again.
        """
        token = cls()
        token.payload |= {
            "sid": session.pk,
            "sub": str(session.user_id),
            "auth_time": int(session.created_at.timestamp()),
            "iat": int(session.rotated_at.timestamp()),
            "exp": int(min(session.rotated_at + cls.lifetime, session.expires_at).timestamp()),
        }
        token.add_claims(session)
        return str(token)

    @classmethod
    def read(cls, text: str | bytes) -> Claims:
        """Return the claims of a valid token of this type; AuthenticationError for anything else."""
        try:
            payload = cls(text).payload  # type: ignore[arg-type]
            return Claims(
                session_id=_integer(payload["sid"]),
                user_id=_integer(int(payload["sub"])),
                started_at=_integer(payload["auth_time"]),
                expires_at=_integer(payload["exp"]),
                generation=_integer(payload.get("gen", 0)),
            )
        except (TokenError, KeyError, TypeError, ValueError, OverflowError):
            raise AuthenticationError(INVALID, code="token_not_valid") from None

    def add_claims(self, session: Session) -> None:
        """Add what only this type of token says."""

    def verify(self) -> None:
        """Check expiry and type. Unlike SimpleJWT's tokens these have no id of their own."""
        self.check_exp()
        self.verify_token_type()

    def set_jti(self) -> None:
        """Leave out the id: session and generation say which token it is."""

    def set_iat(self, claim: str = "iat", at_time: datetime | None = None) -> None:
        """Leave it to `of`: the time of issue is that of the session's last rotation."""

    def get_token_backend(self) -> TokenBackend:
        return key_ring()


class AccessToken(SessionToken):
    """Lets its bearer in while the session lives."""

    token_type = "access"  # noqa: S105 - a name
    lifetime = settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"]

    @classmethod
    def read(cls, text: str | bytes) -> Claims:
        """Return the claims of a valid access token; AuthenticationError for anything else.

        A signature is verified once per process, the expiry each time.
        """
        claims = _signed(text, key_ring())
        if claims.expires_at <= time.time():
            raise AuthenticationError(INVALID, code="token_not_valid")
        return claims


@lru_cache(maxsize=TOKENS)
def _signed(text: str | bytes, _keys: KeyRingBackend) -> Claims:
    """Return the claims of an access token; what does not verify raises and is not kept. Other keys, other entries."""
    return super(AccessToken, AccessToken).read(text)


class RefreshToken(SessionToken):
    """Buys the next pair, once."""

    token_type = "refresh"  # noqa: S105 - a name
    lifetime = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]

    def add_claims(self, session: Session) -> None:
        self.payload["gen"] = session.generation


def pair(session: Session) -> dict[str, str]:
    """Return the access and the refresh token of the session's present generation."""
    return {"access": AccessToken.of(session), "refresh": RefreshToken.of(session)}


def _integer(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(value)
    return value
