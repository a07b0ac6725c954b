"""Tags for translation say what Django's say, and a literal alone is looked up once."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Engine
from django.utils import translation

from apps.common.templatetags.texts import KeptText

KEPT = ['{% translate "Project" %}', "{% trans 'Project' %}", '{% translate "100% <b>" %}', '{% translate "" %}']
OTHERS = [
    "{% translate name %}",
    '{% translate "Project"|upper %}',
    '{% translate "Project" context "a thing" %}',
    '{% translate "Project" noop %}',
    '{% translate "Project" as said %}[{{ said }}]',
    "{% blocktranslate with name=name %}End {{ name }}{% endblocktranslate %}",
    "{% get_current_language as code %}{{ code }}",
]


def compiled(text, library):
    engine = Engine(libraries={"tags": library})
    return engine.from_string("{% load tags %}" + text)


def test_our_templates_load_it_in_the_place_of_djangos():
    ours = (Path(settings.BASE_DIR) / "apps").rglob("*/templates/**/*.*")
    loading = [path.name for path in ours if re.search(r"{% load [^%]*\bi18n\b", path.read_text())]
    assert loading == []


@pytest.mark.parametrize("text", [*KEPT, *OTHERS])
def test_each_language_is_as_by_djangos_tags(text):
    ours = compiled(text, "apps.common.templatetags.texts")
    theirs = compiled(text, "django.templatetags.i18n")
    for code in ("en", "de", "en", "de"):
        with translation.override(code):
            for name in ("<Project>", "Project"):
                assert ours.render(Context({"name": name})) == theirs.render(Context({"name": name}))


@pytest.mark.parametrize(("text", "is_kept"), [*((each, True) for each in KEPT), *((each, False) for each in OTHERS)])
def test_only_a_literal_alone_is_kept(text, is_kept):
    nodes = compiled(text, "apps.common.templatetags.texts").nodelist
    assert any(isinstance(node, KeptText) for node in nodes) == is_kept
