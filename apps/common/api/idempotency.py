"""Idempotency-Key: a retried creation gives the first answer again (draft-ietf-httpapi-idempotency-key-header).

The answer is kept in the transaction of the work. A second request with the same key while the
first runs is found by an advisory lock, which dies with its connection: nothing to clean up.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from apps.common.errors import ConflictError, UnprocessableError, ValidationError
from apps.common.models import IdempotencyRecord
from apps.common.origin import is_narrowed
from apps.common.transactions import run_write

KEPT_HEADERS = ("ETag", "Location", "X-Batch-ID")
MAX_LENGTH = 255
RETRY_AFTER = 1  # second


class Scope:
    """One key in its scope: user, method, path; and, once `read`, the fingerprint of what was sent with it."""

    def __init__(self, request: Request, key: str) -> None:
        assert request.user.is_authenticated  # noqa: S101 - routes that create need a user
        self.fields = {
            "user_id": request.user.pk,
            "method": str(request.method),
            "path": request.path_info[:500],
            "key": key,
        }
        self.fingerprint = ""
        name = "\x1f".join(str(value) for value in self.fields.values())
        digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
        self.lock_id = int.from_bytes(digest, "big", signed=True)

    def read(self, request: Request) -> None:
        """Read the body and take its fingerprint."""
        self.fingerprint = fingerprint(request.data)

    def lock_for_transaction(self) -> None:
        """Hold the key until the transaction ends; ConflictError while another request holds it."""
        self._lock("pg_try_advisory_xact_lock")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the key across transactions; ConflictError while another request holds it."""
        self._lock("pg_try_advisory_lock")
        try:
            yield
        finally:
            with suppress(DatabaseError), connection.cursor() as cursor:  # a lost connection has let go by itself
                cursor.execute("SELECT pg_advisory_unlock(%s)", [self.lock_id])

    def _lock(self, function: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [self.lock_id])
            row = cursor.fetchone()
        if not row or not row[0]:
            raise ConflictError(
                "A request with this Idempotency-Key is running.",
                code="idempotency_key_in_use",
                retry_after=RETRY_AFTER,
            )

    def kept(self) -> HttpResponse | None:
        """Return the kept answer, None for a new key, UnprocessableError for another request's key."""
        record = IdempotencyRecord.objects.filter(**self.fields).first()
        if record is None:
            return None
        if record.is_expired(now=timezone.now()):
            record.delete()
            return None
        if record.fingerprint != self.fingerprint:
            raise UnprocessableError
        headers = record.headers | {"Idempotency-Replayed": "true"}
        return Response(json.loads(record.body), status=record.status, headers=headers)

    def keep(self, response: HttpResponse, *, without: Collection[str] = ()) -> None:
        """Keep a 2xx answer, in the transaction of the work; null stands for the fields `without` (contract H3)."""
        if not 200 <= response.status_code < 300:
            return
        headers = {name: response[name] for name in KEPT_HEADERS if name in response}
        answer = response.data  # type: ignore[attr-defined]
        body = json.dumps({**answer, **dict.fromkeys(without)} if without else answer, cls=JSONEncoder)
        IdempotencyRecord.objects.create(
            **self.fields,
            fingerprint=self.fingerprint,
            status=response.status_code,
            body=body,
            headers=headers,
        )


def scope_of(request: Request) -> Scope | None:
    """Return the scope of the request's key, None without one, ValidationError for an unusable one."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key or len(key) > MAX_LENGTH or not all(" " <= character <= "~" for character in key):
        raise ValidationError(
            detail=f"Idempotency-Key must be 1 to {MAX_LENGTH} printable ASCII characters.",
            code="idempotency_key_invalid",
        )
    return Scope(request, key)


def idempotent(handler: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a creating view method honour Idempotency-Key.

    Access is decided before: by the view's permissions and, where the body names the parent, by
    its `check_body_access(request)`. What an API token may not see of a kept answer is decided by its
    `check_replay(answer)`. Fields that the view names in `shown_once` are secrets: a repeated answer has null there.
    """

    @wraps(handler)
    def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        scope = scope_of(request)
        if scope is None:
            return handler(view, request, *args, **kwargs)
        scope.read(request)  # before the transaction: a slow body holds no lock
        if check := getattr(view, "check_body_access", None):
            check(request)

        def work() -> HttpResponse:
            scope.lock_for_transaction()
            if (kept := scope.kept()) is not None:
                if (judge := getattr(view, "check_replay", None)) and is_narrowed():
                    judge(kept.data)  # type: ignore[attr-defined]
                return kept
            response = handler(view, request, *args, **kwargs)
            scope.keep(response, without=getattr(view, "shown_once", ()))
            return response

        return run_write(work)

    wrapper.is_idempotent = True  # type: ignore[attr-defined]  # for the schema
    return wrapper


def fingerprint(data: Any) -> str:
    """Return the sha256 of the parsed fields; a file counts by its name and content."""
    digest = hashlib.sha256()
    plain = {}
    items = data.items() if hasattr(data, "items") else [("", data)]
    for name, value in items:
        plain[name] = _file_digest(value) if isinstance(value, UploadedFile) else value
    digest.update(json.dumps(plain, sort_keys=True, cls=JSONEncoder).encode())
    return digest.hexdigest()


def _file_digest(upload: UploadedFile[bytes]) -> list[str]:
    if known := getattr(upload, "sha256", ""):  # taken while it came in
        return [upload.name or "", known]
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return [upload.name or "", digest.hexdigest()]
