"""Images: what Pillow opens, as long as it is nothing else besides. Pixels are never decoded."""

from __future__ import annotations

from typing import IO

from apps.common.pictures import BOMBS, MAX_PIXELS, UNREADABLE, open_picture
from apps.tasks.attachments.content_types.rejection import Data, Rejected, reject_second_nature

PNG, JPEG, GIF, WEBP, TIFF = "image/png", "image/jpeg", "image/gif", "image/webp", "image/tiff"
# Pillow's names; a JPEG of several pictures, as phones make them, is called MPO
TYPES = {"PNG": PNG, "JPEG": JPEG, "MPO": JPEG, "GIF": GIF, "WEBP": WEBP, "TIFF": TIFF}
FORMATS = tuple(TYPES.keys() - {"MPO"})


def image_type(file: IO[bytes], data: Data) -> str | None:
    """Return the type of an image, None for what Pillow does not open. Raises Rejected for two natures and bombs."""
    try:
        with open_picture(file, formats=FORMATS) as picture:
            media_type = TYPES[picture.format or ""]
    except BOMBS:
        raise Rejected(f"The image says that it has over {MAX_PIXELS // 10**6} million pixels.") from None
    except UNREADABLE:
        return None
    reject_second_nature(data)
    return media_type
