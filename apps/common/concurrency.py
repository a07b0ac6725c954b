"""Optimistic concurrency: entity tags and If-Match (RFC 9110 §8.8.3, §13.1).

A tag is `"<version>.<digest>"`. If-Match compares the version alone, so that neither a count that
moved nor a proxy that marks the tag as compressed rejects an edit; If-None-Match compares the
whole tag, so that a cache never shows an old count.
"""

from __future__ import annotations

import hashlib
import re
from typing import Protocol

from django.http import HttpRequest

from apps.common.errors import PreconditionFailedError

TAG = re.compile(r'(?:W/)?"([^"]*)"')
# Proxies that compress mark the tag: `"7.abc-gzip"`, `"7.abc;gzip"`, or what else they append.
VERSION = re.compile(r"([0-9]{1,18})(?:\..*|[-;](?:gzip|br|zstd|deflate))?\Z", re.DOTALL)
MARK = re.compile(r"[-;](?:gzip|br|zstd|deflate)\Z")

# The versions a caller accepts; None when the request sets no condition (or `*`).
Expected = frozenset[int] | None


class Versioned(Protocol):
    """A row with a version that every change raises."""

    version: int


def make_etag(version: int, shown: bytes) -> str:
    """Return the strong tag of a row's `version` and the JSON bytes that this caller is shown."""
    return f'"{version}.{hashlib.blake2b(shown, digest_size=8).hexdigest()}"'


def expected_versions(request: HttpRequest) -> Expected:
    """Return the versions named in If-Match; tags that are none of ours match nothing."""
    header = request.headers.get("If-Match", "").strip()
    if not header or header == "*":
        return None
    tags = TAG.findall(header)
    return frozenset(int(found[1]) for tag in tags if (found := VERSION.match(tag)))


def none_match(request: HttpRequest, etag: str) -> bool:
    """Return whether If-None-Match names this very tag, so that a GET may answer 304."""
    header = request.headers.get("If-None-Match", "").strip()
    return header == "*" or etag.strip('"') in {MARK.sub("", tag) for tag in TAG.findall(header)}


def require_version(row: Versioned, expected: Expected) -> None:
    """Raise PreconditionFailed unless the locked `row` has one of the `expected` versions."""
    if expected is not None and row.version not in expected:
        raise PreconditionFailedError
