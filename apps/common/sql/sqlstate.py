"""What a PostgreSQL error means to a client (SQLSTATE: PostgreSQL manual, appendix A)."""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError, OperationalError

from apps.common.errors import ConflictError, DomainError, UnavailableError, ValidationError
from apps.common.transactions import RETRIED, sqlstate_of

# Too long, out of range, bad date, date overflow, bad encoding, bad text, untranslatable character
BAD_VALUES = {"22001", "22003", "22007", "22008", "22021", "22P02", "22P05"}
CONFLICTS = {"23503", "23505"}
# Lock not available, cancelled by the time limit
TIMEOUTS = {"55P03", "57014"}
# Connection lost, out of resources, operator intervention
OUTAGE_CLASSES = ("08", "53", "57P")
RETRY_AFTER = 1  # second


def domain_error(error: DatabaseError) -> DomainError | None:
    """Return the rejection, or None when the error is a bug of ours."""
    state = sqlstate_of(error)
    if state in BAD_VALUES:
        return ValidationError(detail="A value is out of range or not storable.")
    if state in CONFLICTS:
        return ConflictError("It collides with something that exists, or refers to something that is gone.")
    if state in RETRIED | TIMEOUTS or state.startswith(OUTAGE_CLASSES):
        return UnavailableError(retry_after=RETRY_AFTER)
    if not state and isinstance(error, OperationalError | InterfaceError):
        return UnavailableError("The database does not answer.", retry_after=RETRY_AFTER)
    return None
