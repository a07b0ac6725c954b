"""The tag for paths says what Django's says, and stays true when the site stands below another path."""

from __future__ import annotations

import pytest
from django.template import Context, Engine
from django.urls import NoReverseMatch, set_script_prefix

OURS = Engine(builtins=["apps.common.templatetags.paths"])
THEIRS = Engine()
TEXTS = [
    "{% url 'landing' %}",
    "{% url 'project' pk %}",
    "{% url 'project' pk=pk %}",
    "{% url name pk %}",
    "{% url 'project' pk as path %}[{{ path }}]",
    "{% url 'nothing' as path %}[{{ path }}]",
    "{% url 'project' missing as path %}[{{ path }}]",
    "{% url 'admin:index' %}",
]


@pytest.mark.parametrize("text", TEXTS)
def test_each_path_is_as_by_djangos_tag_wherever_the_site_stands(text):
    for prefix in ("/", "/tasks & more/", "/"):
        set_script_prefix(prefix)
        try:
            for pk in (7, "7", 7, 8):
                values = {"pk": pk, "name": "project-board"}
                ours, theirs = (engine.from_string(text).render(Context(values)) for engine in (OURS, THEIRS))
                assert ours == theirs
        finally:
            set_script_prefix("/")


@pytest.mark.parametrize("text", ["{% url 'nothing' %}", "{% url 'project' %}", "{% url 'project' 'x' %}"])
def test_a_path_that_there_is_not_is_an_error_each_time(text):
    for _ in range(2):
        with pytest.raises(NoReverseMatch):
            OURS.from_string(text).render(Context())
