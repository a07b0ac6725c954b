"""Choices in forms of lists: status, priority, people, orders. Written here and not by a template, as rows are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString

from apps.common.language.texts import once_per_language
from apps.common.web.markup import filled, joined
from apps.tasks.models import Priority, Status
from apps.users.models import User
from apps.web.base.names import names_of_people
from apps.web.templatetags.pages import avatar, priority_sign, status_sign

register = template.Library()
register.filter("names_of_people", names_of_people)

FIXED = {"status": (Status, status_sign), "priority": (Priority, priority_sign)}
TICK = '<label class="tick"><input class="check" type="checkbox" name="{}" value="{}"{}>{}</label>'
CHECKED, SELECTED, PLAIN = SafeString(" checked"), SafeString(" selected"), SafeString("")
CHANGE = '<button class="opt" formaction="{}" name="{}" value="{}">{}{}</button>'
PATH = SafeString("{path}")  # filled in for each page


@register.simple_tag
def ticks(field: str, chosen: list[str]) -> SafeString:
    """Return the values of `status` or `priority` as boxes, `chosen` ones ticked."""
    values = FIXED[field][0].values
    return _ticks(field, tuple(value for value in values if value in chosen))


@once_per_language
def _ticks(field: str, chosen: tuple[str, ...]) -> SafeString:
    choices = FIXED[field][0].choices
    return joined([filled(TICK, field, each, CHECKED if each in chosen else PLAIN, name) for each, name in choices])


@register.simple_tag
def options(choices: Iterable[tuple[str, str]], chosen: str | None) -> SafeString:
    """Return values and their names as options of a select with the `chosen` one selected."""
    form = '<option value="{}"{}>{}</option>'
    return joined([filled(form, value, SELECTED if value == chosen else PLAIN, name) for value, name in choices])


@register.simple_tag
def changes(field: str, path: str) -> SafeString:
    """Return the values of `status` or `priority` as buttons that send it to a path."""
    return filled(_changes(field), path=path)


@once_per_language
def _changes(field: str) -> SafeString:
    choices, sign = FIXED[field]
    return joined([filled(CHANGE, PATH, field, value, sign(value), name) for value, name in choices.choices])


@register.simple_tag
def changes_of_person(people: Iterable[User], path: str) -> SafeString:
    """Return people as buttons that send them to a path as those who are to do tasks."""
    chosen = list(people)
    names = dict(names_of_people(chosen))
    signs: list[tuple[Any, SafeString, str]] = [
        (each.pk, avatar(each, is_decoration=True), names[each.pk]) for each in chosen
    ]
    return joined([filled(CHANGE, path, "assigned_to", *each) for each in signs])
