"""What a file is, by its content: Pillow opens images, `zipfile` archives, `olefile` old office files.

The table of endings is the allow-list of the API. Our own code rejects what could run: pages, scripts,
programs, two natures in one file. Nothing is decoded, unpacked or executed; every look is bounded by the
size of the file.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import IO

from apps.common.errors import ValidationError
from apps.tasks.attachments.content_types import compound, heif, images, texts
from apps.tasks.attachments.content_types.archives import OPEN_DOCUMENT, OPEN_XML, ZIP, archive_type
from apps.tasks.attachments.content_types.compound import compound_type
from apps.tasks.attachments.content_types.documents import PDF, pdf_type
from apps.tasks.attachments.content_types.endings import ACTIVE_ENDINGS, OTHER_ENDINGS, TEXT_ENDINGS, endings_of
from apps.tasks.attachments.content_types.heif import heif_type
from apps.tasks.attachments.content_types.images import image_type
from apps.tasks.attachments.content_types.rejection import Data, Rejected
from apps.tasks.attachments.content_types.texts import text_type
from apps.tasks.attachments.content_types.unknown import SEVEN_ZIP, other_type

POINTER = "/file"

# What a file may turn out to be when its name ends like this. An ending that is in no table contradicts nothing.
ENDINGS: dict[str, frozenset[str]] = {
    ".png": frozenset({images.PNG}),
    ".apng": frozenset({images.PNG}),
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), frozenset({images.JPEG})),
    ".gif": frozenset({images.GIF}),
    ".webp": frozenset({images.WEBP}),
    **dict.fromkeys((".tif", ".tiff"), frozenset({images.TIFF})),
    **dict.fromkeys((".heic", ".heif", ".hif"), frozenset({heif.HEIC, heif.HEIF})),
    ".pdf": frozenset({PDF}),
    **dict.fromkeys(TEXT_ENDINGS, frozenset({texts.PLAIN})),
    ".json": frozenset({texts.JSON, texts.PLAIN}),  # plain text is JSON in UTF-16
    ".zip": frozenset({ZIP, *OPEN_DOCUMENT.values(), *OPEN_XML.values()}),  # the office formats are ZIP archives
    ".7z": frozenset({SEVEN_ZIP}),
    ".doc": frozenset({compound.DOC}),
    ".xls": frozenset({compound.XLS}),
    ".ppt": frozenset({compound.PPT}),
    ".msg": frozenset({compound.MSG}),
    **{ending: frozenset({media_type}) for ending, media_type in OPEN_DOCUMENT.items()},
    **{ending: frozenset({media_type, compound.ENCRYPTED}) for ending, media_type in OPEN_XML.items()},
    **dict.fromkeys(OTHER_ENDINGS | ACTIVE_ENDINGS, frozenset()),
}


def identify(path: Path, *, name: str) -> str:
    """Return the media type of the file at `path`, which the client calls `name`.

    Raises ValidationError at /file: `type_not_allowed` for content outside the allow-list,
    `extension_mismatch` when the name's ending says something else than the content.
    """
    endings = endings_of(name)
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            media_type = _by_content(file, data, endings[-1])
        _require_fitting(media_type, endings)
    except Rejected as rejected:
        raise ValidationError.at(POINTER, rejected.code, str(rejected)) from None
    return media_type


def _by_content(file: IO[bytes], data: Data, ending: str) -> str:
    # A text about images or archives is text: all binary types contain bytes that no text has. PDF need not.
    if data[:5] == b"%PDF-" or ending == ".pdf":
        media_type = pdf_type(data) or text_type(data, ending=ending)
    else:
        media_type = text_type(data, ending=ending)
    return (
        media_type
        or image_type(file, data)
        or heif_type(data)
        or archive_type(file, data)
        or compound_type(file, data)
        or pdf_type(data)
        or other_type(data)
    )


def _require_fitting(media_type: str, endings: list[str]) -> None:
    ending = next((ending for ending in endings if ending in ACTIVE_ENDINGS), endings[-1])
    if media_type not in ENDINGS.get(ending, {media_type}):
        raise Rejected(
            f"The content is {media_type}; a name that ends in {ending} does not fit.", code="extension_mismatch"
        )
