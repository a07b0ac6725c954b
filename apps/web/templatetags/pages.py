"""Facts about tasks and people as the pages show them: words first, in the reader's zone (PG8)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, ngettext

from apps.common.language.dates import written
from apps.common.language.problems import translated
from apps.common.language.texts import gettext, once_per_language
from apps.common.templatetags.design import icon
from apps.common.text.gone import is_name_of_deleted
from apps.common.web.markup import filled
from apps.projects.roles import Capability, Role, allows
from apps.tasks.models import Priority, Status, Task
from apps.tasks.wording import local_time, whole_day
from apps.users.avatars import avatar_url
from apps.users.models import User
from apps.web.base.shell import Shell
from apps.webhooks import reasons

register = template.Library()

HUES = 12
HALF_A_YEAR = 182  # days, within which a date needs no year
NEAR = {-1: gettext_lazy("Yesterday"), 0: gettext_lazy("Today"), 1: gettext_lazy("Tomorrow")}
NEAR_IN_A_SENTENCE = {-1: gettext_lazy("yesterday"), 0: gettext_lazy("today"), 1: gettext_lazy("tomorrow")}
HOUR, MINUTE = 3600, 60  # seconds


@register.simple_tag(takes_context=True)
def shell(context: Context) -> Shell:
    """Return the frame of the page."""
    request: HttpRequest = context["request"]
    return Shell.of(request)


@register.simple_tag
def swaps(target: str, path: str) -> SafeString:
    """Return the attributes by which htmx sends a form and swaps one part of the answered page.

    The answer is the page that a browser without JavaScript gets; `target` is the part that both pages have.
    """
    attributes = ' hx-post="{}" hx-target="{}" hx-select="{}" hx-select-oob="#toast:innerHTML" hx-swap="outerHTML"'
    return filled(attributes, path, target, target)


@register.simple_tag
def fetches(target: str, path: str) -> SafeString:
    """Return the attributes by which htmx follows a link and swaps one part of the page that it leads to."""
    attributes = ' href="{}" hx-get="{}" hx-target="{}" hx-select="{}" hx-swap="outerHTML"'
    return filled(attributes, path, path, target, target)


register.filter("translated", translated)
register.filter("written", written, expects_localtime=True)


@register.filter
def hue(number: int) -> str:
    """Return the class of the hue that belongs to an id, of a person or a project."""
    return f"hue-{number % HUES + 1}"


@register.filter
def named(person: User | None) -> str:
    """Return how a person is called."""
    if person is None or is_name_of_deleted(person.username):
        return gettext("Somebody who left")
    return person.shown_name


def initials_of(name: str) -> str:
    """Return two letters for a person of this name."""
    words = name.replace(".", " ").replace("_", " ").replace("-", " ").split()
    letters = words[0][0] + words[1][0] if len(words) > 1 else name[:2]
    return letters.upper()


@register.simple_tag
def avatar(person: User | None, classes: str = "", *, is_decoration: bool = False) -> SafeString:
    """Return the round sign of a person: a picture or initials; of nobody, a dashed circle."""
    if person is None:
        return _avatar_of_nobody(classes)
    name = named(person)
    if person.avatar:
        alt = "" if is_decoration else name
        return filled('<img class="av {}" src="{}" alt="{}" title="{}">', classes, avatar_url(person.avatar), alt, name)
    return _initials_avatar(f"av {classes} {hue(person.pk)}", name, is_decoration=is_decoration)


@once_per_language
def _avatar_of_nobody(classes: str) -> SafeString:
    words = gettext("Nobody assigned")
    form = '<span class="av none {}" role="img" aria-label="{}" title="{}">{}</span>'
    return filled(form, classes, words, words, icon("user"))


@lru_cache(maxsize=4_096)  # the same few people stand in all rows
def _initials_avatar(kinds: str, name: str, *, is_decoration: bool) -> SafeString:
    if is_decoration:
        return filled('<span class="{}" aria-hidden="true">{}</span>', kinds, initials_of(name))
    form = '<span class="{}" role="img" aria-label="{}" title="{}">{}</span>'
    return filled(form, kinds, name, name, initials_of(name))


@register.simple_tag
def status_sign(value: str) -> SafeString:
    """Return the window of a status, with its name for screen readers."""
    return _status_sign(value)


@once_per_language
def _status_sign(value: str) -> SafeString:
    label = Status(value).label
    return filled(
        '<span class="st bare" data-v="{}" role="img" aria-label="{}">{}</span>', value, label, icon(f"s-{value}")
    )


@register.filter
@once_per_language
def status_name(value: str) -> str:
    """Return the name of a status."""
    return str(Status(value).label)


@register.simple_tag
def priority_sign(value: str) -> SafeString:
    """Return the roofs of a priority, with its name for screen readers."""
    return _priority_sign(value)


@once_per_language
def _priority_sign(value: str) -> SafeString:
    label = gettext("{level} priority").format(level=Priority(value).label)
    return filled(
        '<span class="pr" data-v="{}" role="img" aria-label="{}" title="{}">{}</span>',
        value,
        label,
        label,
        icon(f"p-{value}"),
    )


@register.simple_tag(takes_context=True)
def due(context: Context, task: Task) -> SafeString | str:
    """Return when a task is due, or when it was done, in words."""
    if task.status == Status.DONE and task.completed_at:
        return _due(
            context, task.completed_at, gettext("Done {day}").format(day=_day(task.completed_at, is_short=True)), "done"
        )
    if task.due_date is None:
        return ""
    now = timezone.now()
    day = task.due_on or timezone.localtime(task.due_date).date()
    days = (day - timezone.localtime(now).date()).days
    if task.due_date < now and task.is_open:
        words, kind = _late(now - task.due_date, -days), "late"
    elif days:
        words, kind = _near(day), ""
    else:
        today = gettext("Today")
        words, kind = today if task.due_on else f"{today} {timezone.localtime(task.due_date):%H:%M}", "today"
    shown = _whole_day(task.due_on, words) if task.due_on else _time(context, task.due_date, words)
    return _framed(shown, kind)


@register.simple_tag(takes_context=True)
def moment(context: Context, instant: datetime | None) -> SafeString | str:
    """Return when something happened, relative within an hour, or will happen: the day and the time."""
    if instant is None:
        return ""
    passed = timezone.now() - instant
    if abs(passed) < timedelta(minutes=1):
        words = gettext("just now")
    elif timedelta() < passed < timedelta(hours=1):
        words = gettext("{n} min ago").format(n=int(passed.total_seconds() // MINUTE))
    else:
        words = f"{_day(instant, is_short=True)}, {timezone.localtime(instant):%H:%M}"
    return _time(context, instant, words)


def _due(context: Context, instant: datetime, words: str, kind: str) -> SafeString:
    return _framed(_time(context, instant, words), kind)


def _framed(shown: SafeString, kind: str) -> SafeString:
    return filled('<span class="due" data-v="{}">{}</span>', kind, shown)


def _whole_day(day: date, words: str) -> SafeString:
    """Return a day without a time, the same in every zone (PG8)."""
    return filled('<time datetime="{}" title="{}">{}</time>', day.isoformat(), whole_day(day), words)


def _time(context: Context, instant: datetime, words: str) -> SafeString:
    zone = getattr(context["request"].user, "timezone", "UTC")
    full = local_time(instant, zone)
    return filled('<time datetime="{}" title="{}">{}</time>', timezone.localtime(instant).isoformat(), full, words)


def _day(instant: datetime, *, is_short: bool = False) -> str:
    """Return the day of an instant as people say it, see `_near`."""
    return _near(timezone.localtime(instant).date(), is_short=is_short)


def _near(day: date, *, is_short: bool = False) -> str:
    """Return a day as people say it, next to today; `is_short` inside a sentence."""
    days = (day - timezone.localdate()).days
    if days in NEAR:
        return str(NEAR_IN_A_SENTENCE[days] if is_short else NEAR[days])
    if is_short and days > -HALF_A_YEAR:
        return written(day, "j M")
    if abs(days) < HALF_A_YEAR:
        return written(day, "D j M")
    return written(day, "j M Y")


def _late(passed: timedelta, days: int) -> str:
    if days <= 0:  # an all-day task may be late where its assignee is, and its day be to come elsewhere
        hours = int(passed.total_seconds() // HOUR)
        return gettext("{n} h late").format(n=hours) if hours else gettext("< 1 h late")
    return ngettext("{n} day late", "{n} days late", days).format(n=days)


@register.filter
def reason(text: str) -> str:
    """Return why a delivery of a webhook has no good answer, in the reader's language."""
    return gettext(text) if text in reasons.ALL else translated(text)


@register.filter
def get(values: Any, key: Any) -> Any:
    """Return the value of a key that a variable holds."""
    return values.get(key)


@register.filter
def writable(task: Task) -> bool:
    """Return whether the reader, whose `role` the row has, may change the task."""
    return allows(task.role, Capability.WRITE_TASKS) and not task.project.is_archived


@register.filter
def role(value: str) -> str:
    """Return the name of a role."""
    return str(Role(value).label)
