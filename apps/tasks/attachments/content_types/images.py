"""PNG, JPEG, GIF and WebP: the frame of the file is walked, the pixels are never decoded."""

from __future__ import annotations

import re

from apps.tasks.attachments.content_types.refusal import SCRIPT, Data, Refused, damaged, refuse_second_nature

PNG, JPEG, GIF, WEBP = "image/png", "image/jpeg", "image/gif", "image/webp"
MAX_PIXELS = 250_000_000  # more than any camera makes; what opens it later should not be blown up
JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the SOFn markers: ITU-T T.81, table B.1
JPEG_SCAN = 0xDA
JPEG_SEGMENTS = 10_000  # real ones have a few dozen
JPEG_FILL = re.compile(rb"\xff++")
JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a segment


def png(data: Data) -> str:
    """Return PNG's type. Chunks up to IEND, and nothing behind it: W3C PNG §5."""
    _pixels("a PNG", data[16:20], data[20:24])
    if data[8:16] != b"\x00\x00\x00\rIHDR":
        raise damaged("a PNG")
    position = 8
    while data[position + 4 : position + 8] != b"IEND":
        position += 12 + int.from_bytes(data[position : position + 4], "big")
        if position + 12 > len(data):
            raise damaged("a PNG")
    if position + 12 != len(data):
        raise damaged("a PNG")
    return _plain(data, PNG)


def jpeg(data: Data) -> str:
    """Return JPEG's type. Segments up to the scan, and an end of image: ITU-T T.81 annex B.

    Cameras put a second picture or a clip behind the end; that is let through.
    """
    position, sized, marker = 2, False, 0
    for _ in range(JPEG_SEGMENTS):
        fill = JPEG_FILL.match(data, position)
        if fill is None or fill.end() == len(data):
            raise damaged("a JPEG")
        marker = data[fill.end()]
        position = fill.end() + 1
        if marker in JPEG_BARE:
            continue
        length = int.from_bytes(data[position : position + 2], "big")
        if length < 2 or position + length > len(data):
            raise damaged("a JPEG")
        if marker in JPEG_SIZES:
            _pixels("a JPEG", data[position + 3 : position + 5], data[position + 5 : position + 7])
            sized = True
        position += length
        if marker == JPEG_SCAN:
            break
    if marker != JPEG_SCAN or not sized or data.find(b"\xff\xd9", position) < 0:
        raise damaged("a JPEG")
    return _plain(data, JPEG)


def gif(data: Data) -> str:
    """Return GIF's type. Blocks up to the trailer, and nothing behind it: GIF89a specification, §17-27."""
    _pixels("a GIF", data[6:8], data[8:10], order="little")
    try:
        position = 13 + _colour_table(data[10])
        while data[position] != 0x3B:
            if data[position] == 0x21:  # extension: label, then sub-blocks
                position = _past_blocks(data, position + 2)
            elif data[position] == 0x2C:  # image: descriptor, own colours, code size, then sub-blocks
                position = _past_blocks(data, position + 11 + _colour_table(data[position + 9]))
            else:
                raise damaged("a GIF")
    except IndexError:
        raise damaged("a GIF") from None
    if position + 1 != len(data):
        raise damaged("a GIF")
    return _plain(data, GIF)


def webp(data: Data) -> str:
    """Return WebP's type; other RIFF files (sound, film) are refused. RFC 9649 §2.3-2.7."""
    if data[8:12] != b"WEBP":
        raise Refused("Of the RIFF formats only WebP is taken.")
    size = int.from_bytes(data[4:8], "little") + 8
    if size + size % 2 not in (len(data), len(data) + 1) or size < 30:
        raise damaged("a WebP")
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    else:
        raise damaged("a WebP")
    _measure("a WebP", width, height)
    return _plain(data, WEBP)


def _plain(data: Data, media_type: str) -> str:
    refuse_second_nature(data)
    if SCRIPT.search(data):
        raise Refused("The image contains HTML or a script.")
    return media_type


def _colour_table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _past_blocks(data: Data, position: int) -> int:
    while length := data[position]:
        position += length + 1
    return position + 1


def _pixels(kind: str, first: bytes, second: bytes, *, order: str = "big") -> None:
    if len(first) + len(second) < 4:
        raise damaged(kind)
    big = order == "big"
    _measure(kind, *(int.from_bytes(side, "big" if big else "little") for side in (first, second)))


def _measure(kind: str, width: int, height: int) -> None:
    if not width or not height:
        raise damaged(kind)
    if width * height > MAX_PIXELS:
        raise Refused(f"The image says that it has {width} x {height} pixels.")
