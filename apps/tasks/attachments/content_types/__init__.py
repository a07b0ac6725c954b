"""What a file is, by its content: a short table of signatures and a look at the structure behind each.

The table is the allow-list of the API. Nothing is ever unpacked, decoded or executed; every look is
bounded by the size of the file.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from apps.common.errors import ValidationError
from apps.tasks.attachments.content_types import archives, documents, images, texts
from apps.tasks.attachments.content_types.refusal import Data, Refused

POINTER = "/file"
TEXT = frozenset({texts.PLAIN})
PACKED = frozenset({archives.ZIP, *archives.OPEN_DOCUMENT.values(), *archives.OPEN_XML.values()})

# What a file may turn out to be when its name ends like this. Without an ending it may be anything allowed.
ENDINGS: dict[str, frozenset[str]] = {
    ".png": frozenset({images.PNG}),
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), frozenset({images.JPEG})),
    ".gif": frozenset({images.GIF}),
    ".webp": frozenset({images.WEBP}),
    ".pdf": frozenset({documents.PDF}),
    **dict.fromkeys((".txt", ".text", ".csv", ".tsv", ".md", ".markdown", ".log"), TEXT),
    ".json": frozenset({texts.JSON}),
    ".zip": PACKED,  # the office formats are ZIP archives
    **{ending: frozenset({media_type}) for ending, media_type in archives.OPEN_DOCUMENT.items()},
    **{ending: frozenset({media_type}) for ending, media_type in archives.OPEN_XML.items()},
}

# First bytes, and who looks at the rest: returns the media type or raises Refused.
SIGNATURES: tuple[tuple[bytes, Callable[[Data], str]], ...] = (
    (b"\x89PNG\r\n\x1a\n", images.png),
    (b"\xff\xd8\xff", images.jpeg),
    (b"GIF87a", images.gif),
    (b"GIF89a", images.gif),
    (b"RIFF", images.webp),
    (b"%PDF-", documents.pdf),
    (b"PK\x03\x04", archives.zipped),
    (b"PK\x05\x06", archives.zipped),  # an archive with nothing in it
)


def identify(path: Path, *, name: str) -> str:
    """Return the media type of the file at `path`, which the client calls `name`.

    Raises ValidationError at /file: `type_not_allowed` for content outside the allow-list,
    `extension_mismatch` when the name's ending says something else than the content.
    """
    ending = PurePosixPath(name).suffix.lower()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            media_type = _by_content(data, ending)
        except Refused as refused:
            raise ValidationError.at(POINTER, "type_not_allowed", str(refused)) from None
    if ending and media_type not in ENDINGS.get(ending, ()):
        raise ValidationError.at(
            POINTER, "extension_mismatch", f"The content is {media_type}; a name that ends in {ending} does not fit."
        )
    return media_type


def _by_content(data: mmap.mmap, ending: str) -> str:
    for signature, look in SIGNATURES:
        if data[: len(signature)] == signature:
            return look(data)
    return texts.text(data, ending=ending)
