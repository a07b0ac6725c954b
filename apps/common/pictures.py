"""Pillow for pictures of strangers: one set-up for the whole process."""

from __future__ import annotations

import io
import logging
import struct
import warnings
from typing import IO, cast

from PIL import Image, ImageFile

MAX_PIXELS = 250_000_000  # phones make 200 million
# Pillow only warns of pictures over its own limit; a warning as an error stops them before anything is decoded.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
# What strangers send is not our error, and one line for each broken tag of a TIFF would be up to 65,535.
logging.getLogger("PIL").setLevel(logging.CRITICAL)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)

# What Pillow raises on broken files; UnidentifiedImageError is an OSError.
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error)
READS = 100_000  # calls; the header of an ordinary picture takes a few hundred


def open_picture(file: IO[bytes], *, formats: tuple[str, ...], max_pixels: int = MAX_PIXELS) -> ImageFile.ImageFile:
    """Open a picture of one of Pillow's `formats`, which reads its header and decodes no pixel.

    Raises one of BOMBS over `max_pixels` and one of UNREADABLE for what Pillow cannot open, or not
    within READS calls: ten megabytes can be a header of millions of empty pieces.
    """
    picture = Image.open(cast("IO[bytes]", _Patient(file)), formats=formats)
    if picture.width * picture.height > max_pixels:
        picture.close()
        raise Image.DecompressionBombError
    return picture


class _Patient(io.RawIOBase):
    """A file that ends the reading when Pillow asks for ever more tiny pieces."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left = READS

    def read(self, size: int | None = -1) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise OSError("the header has too many pieces")
        return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True
