"""Django's `{% url … %}` in all templates, with a path looked up once per process for each name and its ids.

A page has thirty of them, and Django tries the patterns anew each time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.template import defaulttags
from django.template.base import Parser, Token
from django.template.context import Context
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape

register = template.Library()

PATHS = 4_096  # that a process keeps


class KeptPath(defaulttags.URLNode):
    """A path; one of a namespace or with named parts is looked up by Django."""

    def render(self, context: Context) -> str:
        name = self.view_name.resolve(context)
        if self.kwargs or ":" in name:
            return super().render(context)
        try:
            path = _kept(get_urlconf(), get_script_prefix(), name, *(each.resolve(context) for each in self.args))
        except NoReverseMatch:
            return super().render(context)  # raises it, or leaves the name that it is kept under empty
        if self.asvar:
            context[self.asvar] = path
            return ""
        return conditional_escape(path) if context.autoescape else path


@lru_cache(maxsize=PATHS, typed=True)
def _kept(urlconf: str | None, prefix: str, name: str, *args: Any) -> str:
    return reverse(name, urlconf=urlconf, args=args)


@register.tag
def url(parser: Parser, token: Token) -> KeptPath:
    """Return the path of a page, as Django's tag does."""
    node: Any = defaulttags.url(parser, token)
    return KeptPath(node.view_name, node.args, node.kwargs, node.asvar)
