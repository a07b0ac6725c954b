"""HEIC and HEIF, by the boxes at their beginning (ISO/IEC 14496-12 and 23008-12).

libheif is not asked: it reads everything about an image at once, some of it many times over, and takes
gigabytes for ten megabytes that are made for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from apps.common.pictures import MAX_PIXELS
from apps.tasks.attachments.content_types.rejection import Data, Rejected, damaged, reject_second_nature

HEIC, HEIF = "image/heic", "image/heif"
BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), HEIC),
    **dict.fromkeys((b"mif1", b"msf1"), HEIF),
}
BOXES = 1_000  # of one level; an ordinary file has a dozen
VERSION = 4  # bytes of version and flags that some boxes begin with


def heif_type(data: Data) -> str | None:
    """Return the type of an image in a HEIF container, None for anything else (films and AVIF are of its kind).

    Raises Rejected for two natures, images of over MAX_PIXELS, and files without an image.
    """
    media_type = BRANDS.get(data[8:12]) if data[4:8] == b"ftyp" else None
    if media_type is None:
        return None
    whole = {kind: (start, end) for kind, start, end in _boxes(data, 0, len(data))}
    if not {b"meta", b"moov"} & whole.keys():
        raise damaged("a HEIF image")
    for width, height in _sizes(data, *whole.get(b"meta", (0, 0))):
        if width * height > MAX_PIXELS:
            raise Rejected(f"The image says that it has {width} x {height} pixels.")
    reject_second_nature(data)
    return media_type


def _sizes(data: Data, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sizes among the properties of the images in a box `meta`."""
    for properties in _inside(data, b"iprp", start + VERSION, end):
        for container in _inside(data, b"ipco", *properties):
            for at, _ in _inside(data, b"ispe", *container):
                width, height = data[at + VERSION : at + VERSION + 4], data[at + VERSION + 4 : at + VERSION + 8]
                yield int.from_bytes(width, "big"), int.from_bytes(height, "big")


def _inside(data: Data, wanted: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    return ((first, last) for kind, first, last in _boxes(data, start, end) if kind == wanted)


def _boxes(data: Data, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of the content of each box."""
    for _ in range(BOXES):
        header, size = 8, int.from_bytes(data[start : start + 4], "big")
        if size == 1:
            header, size = 16, int.from_bytes(data[start + 8 : start + 16], "big")
        size = size or end - start  # zero: to the end
        if size < header or start + size > end:
            return
        yield data[start + 4 : start + 8], start + header, start + size
        start += size
