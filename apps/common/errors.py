"""Domain errors: what a rule rejects, without HTTP frameworks.

Each carries its HTTP status (RFC 9110), a stable `code` for programs and a
`detail` for people. `apps.common.api.problems` turns them into answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One bad field: `pointer` is a JSON Pointer (RFC 6901) into the body; `extra` has further members of the entry."""

    pointer: str
    code: str
    detail: str
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


class DomainError(Exception):
    """Base of all rejections. `retry_after` is in seconds, `extra` has further members of the problem (RFC 9457)."""

    status = 400
    code = "invalid"
    detail = "The request was rejected."

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        retry_after: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.detail = detail or self.detail
        self.code = code or self.code
        self.retry_after = retry_after
        self.extra = dict(extra or {})
        super().__init__(self.detail)


class ValidationError(DomainError):
    """400: fields that break a rule; nothing was written."""

    code = "validation_error"
    detail = "Some of the fields are not valid."

    def __init__(self, *errors: FieldError, detail: str | None = None, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.errors = errors

    @classmethod
    def at(cls, pointer: str, code: str, detail: str) -> ValidationError:
        """Return the error for a single field."""
        return cls(FieldError(pointer, code, detail))


def collect_faults(*steps: Callable[[], Any]) -> list[Any]:
    """Run every step and return their results; raise one ValidationError with the fields of all that raised one."""
    results: list[Any] = []
    faults: list[FieldError] = []
    for step in steps:
        try:
            results.append(step())
        except ValidationError as error:
            faults += error.errors
    if faults:
        raise ValidationError(*faults)
    return results


class AuthenticationError(DomainError):
    """401: the caller is not known."""

    status = 401
    code = "not_authenticated"
    detail = "Authentication credentials were not provided or are not valid."


class ForbiddenError(DomainError):
    """403: the caller sees the thing but may not do this."""

    status = 403
    code = "permission_denied"
    detail = "Your role does not allow this."


class NotFoundError(DomainError):
    """404: there is no such thing, or the caller may not know of it."""

    status = 404
    code = "not_found"
    detail = "Not found."


class ConflictError(DomainError):
    """409: the state of the thing does not allow this now."""

    status = 409
    code = "conflict"
    detail = "The current state does not allow this."


class GoneError(DomainError):
    """410: it was there, and will not come back."""

    status = 410
    code = "events_expired"
    detail = "It is no longer kept."


class PreconditionFailedError(DomainError):
    """412: the stored version is none of those in If-Match (RFC 9110 §13.1.1)."""

    status = 412
    code = "precondition_failed"
    detail = "The thing was changed since you read it."


class PayloadTooLargeError(DomainError):
    """413: more bytes than the limit."""

    status = 413
    code = "payload_too_large"
    detail = "The request is too large."


class UnprocessableError(DomainError):
    """422: the key of another request (draft-ietf-httpapi-idempotency-key-header §2.7)."""

    status = 422
    code = "idempotency_key_reused"
    detail = "This Idempotency-Key was used with another request."


class RateLimitedError(DomainError):
    """429: too many requests; `retry_after` seconds to wait."""

    status = 429
    code = "rate_limited"
    detail = "Too many requests."


class UnavailableError(DomainError):
    """503: a part that is needed does not answer now."""

    status = 503
    code = "unavailable"
    detail = "The service cannot answer now; try again."


class InsufficientStorageError(DomainError):
    """507: no room left for the bytes (RFC 4918)."""

    status = 507
    code = "insufficient_storage"
    detail = "There is no room for this file now."
