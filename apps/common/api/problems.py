"""Every error of the API as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from apps.common.errors import DomainError, FieldError, PayloadTooLargeError, ValidationError
from apps.common.monitoring.logs import without_secrets
from apps.common.monitoring.metrics import filter_rejected_total
from apps.common.monitoring.request_id import current_request_id
from apps.common.sql.sqlstate import domain_error

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
CODES = {
    "authentication_failed": "token_not_valid",
    "error": "bad_request",
    "invalid": "validation_error",
    "throttled": "rate_limited",
}

TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}  # RFC 9110; Python before 3.13 has older words


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    instance: str = "",
    errors: tuple[FieldError, ...] = (),
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the body of a problem. `type` is `about:blank#<code>`: the list of codes is in docs/api.md.

    `extra` members stand beside `code` (contract H5).
    """
    body: dict[str, Any] = {
        "type": f"about:blank#{code}",
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "instance": without_secrets(instance),
        "request_id": current_request_id(),
    }
    body |= extra or {}
    if errors:
        body["errors"] = [{"pointer": e.pointer, "code": e.code, "detail": e.detail, **e.extra} for e in errors]
    return body


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer for DRF's views; None leaves a bug to Django's logged 500."""
    error = as_domain_error(exc)
    if error is None:
        return None
    request = context["request"]
    # Whatever the view makes, pages and YAML too, and whatever the client would rather have
    request.accepted_renderer, request.accepted_media_type = JSONRenderer(), "application/json"
    errors = error.errors if isinstance(error, ValidationError) else ()
    if error.code in ("filter_invalid", "filter_too_costly"):
        for code in {each.code for each in errors} or {error.code}:
            filter_rejected_total.labels(code).inc()
    body = problem(error.status, error.code, error.detail, instance=request.path, errors=errors, extra=error.extra)
    headers = dict(getattr(exc, "headers", None) or {})
    if auth_header := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    elif error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    elif required := error.extra.get("required_scopes"):  # RFC 6750 §3.1
        headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{" ".join(required)}"'
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return Response(body, status=error.status, headers=headers, content_type=CONTENT_TYPE)


def as_domain_error(exc: Exception) -> DomainError | None:
    """Return what `exc` means to a client, or None when it is a bug of ours."""
    if isinstance(exc, DomainError):
        return exc
    if isinstance(exc, exceptions.APIException):
        return _from_drf(exc)
    if isinstance(exc, Http404):
        return _error(404, "not_found", "Not found.")
    if isinstance(exc, PermissionDenied):
        return _error(403, "permission_denied", "You may not do this.")
    if isinstance(exc, RequestDataTooBig):
        return PayloadTooLargeError()
    if isinstance(exc, SuspiciousOperation | UnreadablePostError):
        return _error(400, "bad_request", "The request is malformed.")
    if isinstance(exc, DatabaseError):
        return domain_error(exc)
    return None


def _error(status: int, code: str, detail: str, *, retry_after: int | None = None) -> DomainError:
    error = DomainError(detail, code=code, retry_after=retry_after)
    error.status = status
    return error


def _from_drf(exc: exceptions.APIException) -> DomainError:
    if isinstance(exc, exceptions.ValidationError):
        return ValidationError(*field_errors(exc.detail))
    detail: Any = exc.detail
    code = detail.code if isinstance(detail, exceptions.ErrorDetail) else exc.default_code
    wait = getattr(exc, "wait", None)
    retry_after = math.ceil(wait) if wait is not None else None
    return _error(exc.status_code, CODES.get(str(code), str(code)), str(detail), retry_after=retry_after)


def field_errors(detail: Any, pointer: str = "") -> Iterator[FieldError]:
    """Flatten DRF's nested error detail into pointers; list items and `many=True` keys become indexes."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            here = pointer if name == "non_field_errors" else f"{pointer}/{_escape(name)}"
            yield from field_errors(inner, here)
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from field_errors(inner, f"{pointer}/{index}" if nested else pointer)
    else:
        yield FieldError(pointer, getattr(detail, "code", None) or "invalid", str(detail))


def _escape(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def problem_response(request: HttpRequest, status: int, code: str, detail: str) -> JsonResponse:
    """Return a problem for what fails outside DRF's views, such as an unknown route."""
    return JsonResponse(problem(status, code, detail, instance=request.path), status=status, content_type=CONTENT_TYPE)
