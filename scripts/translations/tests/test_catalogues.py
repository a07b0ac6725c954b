"""The catalogues have every text that the source marks, whole and with its places; and the source marks every text."""

from __future__ import annotations

import re

import pytest

from apps.notifications.kinds import KINDS
from scripts.translations import files
from scripts.translations.literals import literals_of_python, literals_of_template
from scripts.translations.sources import ROOT, marked_texts

PLACE = re.compile(r"%\(\w+\)s|%%|\{\w*\}|</?\w+|href=|%[sd]")
# Pages for programmers, in the language of the API
ENGLISH = {"apps/common/templates/common/swagger.html", "apps/common/templates/common/redoc.html"}


@pytest.fixture(scope="module")
def texts():
    return {each.key: each for each in marked_texts()}


def sources(pattern):
    for path in sorted(ROOT.glob(pattern)):
        name = path.relative_to(ROOT).as_posix()
        if "tests" not in path.parts and name not in ENGLISH:
            yield name, path.read_text()


def test_no_template_has_words_without_a_mark():
    found = {
        name: words
        for pattern in ("apps/**/templates/**/*.html", "apps/**/templates/**/*.txt")
        for name, source in sources(pattern)
        if (words := literals_of_template(source))
    }

    assert found == {}


def test_no_module_of_the_pages_has_words_without_a_mark():
    found = {name: words for name, source in sources("apps/web/**/*.py") if (words := literals_of_python(source))}

    assert found == {}


def test_every_kind_of_mail_is_named_by_a_marked_text():
    assert [kind.name for kind in KINDS.values() if isinstance(kind.label, str)] == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<a title="Go on">{{ x }}</a>', ["Go on"]),
        ('<input placeholder="{% translate "Name" %}">', []),
        ("{% blocktranslate %}You have {{ n }}{% endblocktranslate %}", []),
        ('{% include "a.html" with name="Overdue" %}', ["Overdue"]),
        ('{% include "a.html" with name=_("Overdue") %}', []),
        ("<code>text</code>", []),
    ],
)
def test_the_scanner_sees_words_of_templates(source, words):
    assert literals_of_template(source) == words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('messages.success(request, "The file is gone")', ["The file is gone"]),
        ('messages.success(request, f"{name} is gone")', ["{} is gone"]),
        ('label = "Status"', ["Status"]),
        ('label = _("Status")', []),
        ('reverse("task-page")', []),
        ('find_rows("people by id", read, {})', []),
        ('ROW = "<li>{title}</li>"', []),
        ('ROW = "<li>{title} is late</li>"', ["{title} is late"]),
    ],
)
def test_the_scanner_sees_words_of_modules(source, words):
    assert literals_of_python(source) == words


@pytest.mark.parametrize("language", files.languages())
def test_every_marked_text_has_a_translation_and_no_other_has(language, texts):
    catalog = files.read(language)

    known = {(each.context or "", each.id[0] if each.pluralizable else each.id) for each in catalog if each.id}
    assert known == set(texts)
    assert [each.id for each in files.missing(catalog)] == []
    assert [each.id for each in catalog if each.fuzzy] == []


@pytest.mark.parametrize("language", files.languages())
def test_a_translation_has_the_places_of_its_text(language):
    wrong = []
    for each in files.read(language):
        if not each.id:
            continue
        originals, translations = ((x,) if isinstance(x, str) else x for x in (each.id, each.string))
        places = sorted(PLACE.findall(originals[-1]))
        wrong += [each.id for text in translations if sorted(PLACE.findall(text)) != places]

    assert wrong == []


@pytest.mark.parametrize("language", files.languages())
def test_the_compiled_catalogue_is_that_of_the_text_file(language):
    path = files.catalog_path(language)

    assert path.with_suffix(".mo").read_bytes() == files.compiled(files.read(language))
