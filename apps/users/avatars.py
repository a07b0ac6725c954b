"""Avatars: public pictures under random names, re-encoded so that nothing but pixels is kept."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from PIL import ImageFile, ImageOps

from apps.common.errors import PayloadTooLargeError, ValidationError
from apps.common.pictures import BOMBS, UNREADABLE, open_picture

FOLDER = "avatars"
FORMATS = ("PNG", "JPEG", "WEBP")
MAX_SIDE = 512  # pixels
MAX_PIXELS = 40_000_000  # of what is uploaded: decoded, that is 160 MB


def avatar_base() -> str:
    """Return what every avatar's public URL begins with."""
    return f"{settings.PUBLIC_URL}{settings.MEDIA_URL}"


def avatar_url(name: str) -> str | None:
    """Return the absolute public URL of a stored avatar, or None when there is none."""
    return f"{avatar_base()}{name}" if name else None


def store(upload: UploadedFile[bytes]) -> str:
    """Store an uploaded picture as WebP of at most 512 by 512 pixels and return its new name.

    Raises PayloadTooLarge over AVATAR_MAX_BYTES, ValidationError for what is no PNG, JPEG or WebP
    or has too many pixels.
    """
    if (upload.size or 0) > settings.AVATAR_MAX_BYTES:
        raise PayloadTooLargeError(f"The picture is larger than {settings.AVATAR_MAX_BYTES} bytes.")
    content = _encode(upload.read())
    return default_storage.save(f"{FOLDER}/{secrets.token_urlsafe(24)}.webp", ContentFile(content))


def remove(name: str | None) -> None:
    """Remove a stored picture; gone already is fine."""
    if name:
        default_storage.delete(name)


def stored() -> Iterator[str]:
    """Yield the names of all stored pictures."""
    try:
        _, files = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    yield from (f"{FOLDER}/{file}" for file in files)


def written_at(name: str) -> datetime:
    """Return when a stored picture was written (UTC); the present for one that has just gone."""
    try:
        return default_storage.get_modified_time(name)
    except FileNotFoundError:
        return timezone.now()


def _encode(content: bytes) -> bytes:
    with _rejecting():
        with _open(content) as picture:
            picture.verify()  # leaves the picture unusable
        with _open(content) as picture:
            if picture.format == "JPEG":
                picture.draft("RGB", (MAX_SIDE, MAX_SIDE))  # decodes small from the start
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((MAX_SIDE, MAX_SIDE))
            mode = "RGBA" if upright.has_transparency_data else "RGB"
            out = io.BytesIO()
            upright.convert(mode).save(out, "WEBP", quality=85)
            return out.getvalue()


def _open(content: bytes) -> ImageFile.ImageFile:
    return open_picture(io.BytesIO(content), formats=FORMATS, max_pixels=MAX_PIXELS)


@contextmanager
def _rejecting() -> Iterator[None]:
    try:
        yield
    except BOMBS:
        raise ValidationError.at(
            "/avatar", "too_many_pixels", f"The picture has over {MAX_PIXELS // 10**6} million pixels."
        ) from None
    except UNREADABLE:
        raise ValidationError.at("/avatar", "invalid_image", "Send a PNG, JPEG or WebP picture.") from None
