"""Django's tags for translation, with `{% translate "…" %}` of a text alone looked up once per language.

Templates load it in the place of `i18n`, of which it has everything. A page has a hundred such texts, and what Django
does for each (a filter's chain, a lazy text, two lookups of the language) takes longer than the rest of a line.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.template.base import Node, Parser, Token
from django.template.context import Context
from django.templatetags import i18n

from apps.common.language.texts import active_language

register = template.Library()
register.tags |= i18n.register.tags
register.filters |= i18n.register.filters


class KeptText(i18n.TranslateNode):
    """A text that depends on the language alone."""

    def __init__(self, node: i18n.TranslateNode) -> None:
        super().__init__(node.filter_expression, noop=False)
        self.kept: dict[str, str] = {}

    def render(self, context: Context) -> str:
        language = active_language()
        if language not in self.kept:
            self.kept[language] = super().render(context)
        return self.kept[language]


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Node:
    """Mark a text that will be translated, as Django's tag does."""
    node: Any = i18n.do_translate(parser, token)
    return KeptText(node) if is_text_alone(node) else node


def is_text_alone(node: i18n.TranslateNode) -> bool:
    """Return whether a tag has a literal and nothing else: no variable, filter, context or name to keep it under."""
    shown: Any = node.filter_expression
    is_literal = getattr(shown.var, "literal", None) is not None and shown.var.lookups is None
    return is_literal and not (shown.filters or node.noop or node.asvar or node.message_context)
