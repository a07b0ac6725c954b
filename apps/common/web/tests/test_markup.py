"""HTML that is written in Python escapes what Django's `format_html` escapes (PG15)."""

import pytest
from django.utils.functional import lazystr
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from apps.common.web.markup import filled, joined


class Drawn:
    def __html__(self):
        return "<i>drawn</i>"


VALUES = ["<b>", "\"'&amp;", 7, None, 1.5, True, mark_safe("<b>"), lazystr("<&"), "{0} {name}", Drawn(), ""]


@pytest.mark.parametrize("value", VALUES)
def test_pg15_values_are_escaped_as_by_django(value):
    for form, args, kwargs in (("<p>{}{}</p>", (value, value), {}), ("<p>{a}</p>", (), {"a": value})):
        made = filled(form, *args, **kwargs)
        assert made == format_html(form, *args, **kwargs)
        assert isinstance(made, SafeString)


def test_pg15_what_is_filled_in_is_not_escaped_again():
    inner = filled("<b>{}</b>", "<")
    assert filled("{}", inner) == inner == "<b>&lt;</b>"
    assert joined([inner, inner]) == inner * 2
    assert isinstance(joined([]), SafeString)
