"""Who may register: everybody, only who is invited, or nobody (REGISTRATION, contract IN8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from django.conf import settings

from apps.common.errors import DomainError, ForbiddenError, ValidationError
from apps.users.models import User

OPEN, INVITE, CLOSED = "open", "invite", "closed"


class Admission(Protocol):
    """An invitation by which somebody registers; its rows are locked."""

    proves_address: bool

    def require_address(self, email: str) -> None:
        """Raise ValidationError at /email for another address than the invited one."""

    def complete(self, user: User) -> None:
        """Do what the invitation is for, with the account that was just made."""


Finder = Callable[[str], "Admission | None"]  # by a token; DomainError for an invitation that is over
_finders: list[Finder] = []


def set_finder(finder: Finder) -> None:
    """Let `finder` look invitations up: the app above that knows them says so when it starts."""
    _finders[:] = [finder]


def is_registration_open() -> bool:
    """Return whether somebody without an invitation can register."""
    return bool(settings.REGISTRATION == OPEN)


def require_registration(*, is_invited: bool) -> None:
    """Raise ForbiddenError `registration_closed` where nobody can register, or only who brings an invitation."""
    if settings.REGISTRATION == CLOSED or (settings.REGISTRATION == INVITE and not is_invited):
        raise _closed()


def admit(token: str) -> Admission | None:
    """Return the admission by a token, None without one; inside the transaction of the registration.

    Raises ForbiddenError `registration_closed`, ValidationError `invalid` at /invitation for an unknown token, and
    DomainError `invitation_over`.
    """
    require_registration(is_invited=bool(token))
    if not token:
        return None
    try:
        found = next((admission for finder in _finders if (admission := finder(token)) is not None), None)
    except DomainError as error:
        raise (_closed() if settings.REGISTRATION == INVITE else error) from None
    if found is None:
        if settings.REGISTRATION == INVITE:
            raise _closed()
        raise ValidationError.at("/invitation", "invalid", "There is no such invitation.")
    return found


def _closed() -> ForbiddenError:
    return ForbiddenError("Accounts are opened by invitation here, or not at all.", code="registration_closed")
