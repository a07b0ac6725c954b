"""The files of the catalogues: `.po`, which people write, and `.mo`, which Django reads."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings

from scripts.translations.sources import ROOT, template_of

LOCALES = ROOT / "config" / "locale"
BEGUN = datetime(2026, 11, 28, tzinfo=UTC)  # in the header: the same texts make the same file, whenever


def catalog_path(language: str) -> Path:
    """Return where the catalogue of a language is."""
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def languages() -> list[str]:
    """Return the languages that need a catalogue."""
    return [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def read(language: str) -> Catalog:
    """Return the catalogue of a language; an empty one for a language that has none yet."""
    path = catalog_path(language)
    if not path.exists():
        return Catalog(language, project="Taskhouse", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalog: Catalog) -> bytes:
    """Return the catalogue as Django reads it."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def missing(catalog: Catalog) -> list[Message]:
    """Return what has no translation."""
    return [
        each
        for each in catalog
        if each.id and not all((each.string,) if isinstance(each.string, str) else each.string or ("",))
    ]


def update() -> Iterator[str]:
    """Write the files of all languages anew; yield what is to be translated."""
    texts = template_of()
    texts.creation_date = BEGUN
    for language in languages():
        catalog = read(language)
        catalog.update(texts, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.fuzzy = False
        catalog.revision_date = BEGUN
        catalog.header_comment = f"# Texts of Taskhouse's pages and mails in {dict(settings.LANGUAGES)[language]}."
        catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = ""
        path = catalog_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=120, omit_header=False, ignore_obsolete=True, include_lineno=False)
        path.with_suffix(".mo").write_bytes(compiled(catalog))
        yield f"{language}: {len(catalog)} texts, {len(missing(catalog))} to be translated"
