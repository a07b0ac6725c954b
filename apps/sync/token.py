"""The token of a copy: how far it has read each project. Opaque, signed and bound to its person (contract SY8).

Numbers are varints, of which 500 projects fit in 8 KB; the signature is Django's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.core import signing

from apps.common.errors import GoneError, ValidationError
from apps.sync.types import SyncType

SCHEMA = 1  # of the token and of the shapes: with another one, copies begin anew
SALT = "sync.token"
EPOCH_BYTES, ASKED_BYTES, ME_BYTES = 16, 8, 8
MORE = 0x80  # of a varint: another byte follows


class Cursor(NamedTuple):
    """How far something large has been read: a snapshot, or one event.

    Of a snapshot, `seq` is the number at its first page; of an event, its own. (`rank`, `id`) is the last object.
    """

    project: int
    seq: int
    rank: int
    id: int


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a copy is of: these types, and these projects or all that the person sees."""

    types: frozenset[SyncType]
    projects: frozenset[int] | None = None

    @property
    def digest(self) -> bytes:
        """Return a few bytes that are the same for the same."""
        named = None if self.projects is None else sorted(self.projects)
        text = json.dumps([sorted(self.types), named])
        return hashlib.blake2b(text.encode(), digest_size=ASKED_BYTES).digest()


@dataclass(frozen=True, kw_only=True)
class SyncToken:
    """`positions` maps projects to the number of the last event that the copy has; `me` is a digest.

    A project that a snapshot is being read of stands in `snapshot` alone.
    """

    user_id: int
    epoch: UUID
    asked: bytes
    me: bytes = bytes(ME_BYTES)
    positions: Mapping[int, int] = field(default_factory=dict)
    snapshot: Cursor | None = None
    event: Cursor | None = None

    def encode(self) -> str:
        """Return the text that clients keep."""
        cursors = [cursor for cursor in (self.snapshot, self.event) if cursor]
        flags = bool(self.snapshot) | bool(self.event) << 1
        numbers = [self.user_id, flags, *(number for cursor in cursors for number in cursor), len(self.positions)]
        last = 0
        for project, seq in sorted(self.positions.items()):
            numbers += (project - last, seq)
            last = project
        content = bytes([SCHEMA]) + self.epoch.bytes + self.asked + self.me + b"".join(map(_varint, numbers))
        text = base64.urlsafe_b64encode(content).rstrip(b"=").decode()
        return signing.Signer(salt=SALT).sign(text)


def read_token(text: str, *, user_id: int, epoch: UUID, asked: Asked) -> SyncToken:
    """Return the content of a token.

    Raises ValidationError `wrong_token` for one that is not ours, another person's, or made for another request, and
    GoneError `sync_reset` when the database was restored since, or this version has other shapes (contract SY7).
    """
    try:
        signed = signing.Signer(salt=SALT).unsign(text)
        content = base64.urlsafe_b64decode(signed + "=" * (-len(signed) % 4))
    except (signing.BadSignature, binascii.Error, ValueError):
        raise wrong_token() from None
    if content[0] != SCHEMA:
        raise sync_reset()
    token = _parsed(content)
    if token.user_id != user_id:
        raise wrong_token()
    if token.epoch != epoch:
        raise sync_reset()
    if token.asked != asked.digest:
        raise wrong_token()
    return token


def wrong_token() -> ValidationError:
    """Return the one answer to all that is wrong with a token."""
    detail = "The token is none of ours, or was made for another person, other types or other projects."
    return ValidationError(detail=detail, code="wrong_token")


def sync_reset() -> GoneError:
    """Return the answer to a token of before."""
    return GoneError("The copy cannot be continued: begin anew without a token.", code="sync_reset")


def me_bytes(me: str) -> bytes:
    """Return what a token keeps of the digest `me`, which is hexadecimal."""
    return bytes.fromhex(me)[:ME_BYTES]


def _parsed(content: bytes) -> SyncToken:
    first, second = 1 + EPOCH_BYTES, 1 + EPOCH_BYTES + ASKED_BYTES
    third = second + ME_BYTES
    numbers = _varints(content[third:])
    user_id, flags = next(numbers), next(numbers)
    snapshot, event = (Cursor(*(next(numbers) for _ in range(4))) if flags & bit else None for bit in (1, 2))
    positions, last = {}, 0
    for _ in range(next(numbers)):
        last += next(numbers)
        positions[last] = next(numbers)
    return SyncToken(
        user_id=user_id,
        epoch=UUID(bytes=content[1:first]),
        asked=content[first:second],
        me=content[second:third],
        positions=positions,
        snapshot=snapshot,
        event=event,
    )


def _varint(number: int) -> bytes:
    """Return an unsigned number, seven bits a byte, lowest first."""
    found = bytearray()
    while number >= MORE:
        found.append(number & (MORE - 1) | MORE)
        number >>= 7
    found.append(number)
    return bytes(found)


def _varints(content: bytes) -> Iterator[int]:
    number, shift = 0, 0
    for byte in content:
        number |= (byte & (MORE - 1)) << shift
        shift += 7
        if byte < MORE:
            yield number
            number, shift = 0, 0
