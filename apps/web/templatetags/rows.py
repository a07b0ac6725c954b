"""Tasks in lists and on boards. Pages have hundreds of these parts, so they are written here and not by a template.

Every value goes through `filled`, which escapes it as a template would (PG15). What depends on the language alone
is looked up once.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.template.context import Context
from django.urls import get_script_prefix, reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from apps.common.language.texts import active_language, gettext, once_per_language
from apps.common.templatetags.design import icon
from apps.common.web.markup import filled, joined
from apps.tasks.models import Status, Task
from apps.web.templatetags.pages import avatar, due, priority_sign, status_sign, writable

register = template.Library()

LABELS_SHOWN = 2
NOTHING = SafeString("")
NO_DATE = SafeString('<span class="due"></span>')
# Forms are filled twice: with what the language, the status and the priority say, which is kept, and for each task.
ROW = """<li class="row" id="t-{pk}{suffix}" data-task="{pk}" data-status="{status}">
  {pick}{state}
  {priority}
  <span class="t"><a href="{path}" dir="auto">{title}</a></span>
  <span class="meta">{facts}</span>
  {due}
  <span class="key">{key}</span>
  {person}
</li>"""
PICK = '<input class="check pick" type="checkbox" name="ids" value="{pk}" aria-label="{select}">'
STATE = (
    '<button class="st" data-v="{}" name="status" value="{}" formaction="{}" aria-label="{}. {}" title="{}">{}</button>'
)
CARD = """<li class="card" id="t-{pk}{suffix}" data-task="{pk}">
        <div class="flow">{priority}<span class="key">{key}</span>{opener}{person}</div>
        <a class="t" href="{path}" dir="auto">{title}</a>
        {facts}
        {menu}
      </li>
"""
OPENER = (
    '<button type="button" class="btn quiet square small" popovertarget="move-{pk}{suffix}"'
    ' aria-label="{move}" title="{title}">{icon}</button>'
)
MENU = (
    '<div class="menu" id="move-{pk}{suffix}" popover role="group" aria-label="{move}"><h3>{head}</h3>{options}{places}'
    "</div>"
)
OF_A_TASK = ("pk", "suffix", "key", "path", "title", "facts", "due", "person", "options", "places", "to")
LEFT = {name: SafeString(f"{{{name}}}") for name in OF_A_TASK}  # what the first filling leaves to the second
OPTION = '<button class="opt" {}formaction="{}">{}</button>'
OTHERS = '<a class="opt" data-choose href="{}?field=assigned_to&amp;next={}">{}{}</a>'
FACT = '<span class="n" title="{}">{}{}<span class="vh"> {}</span></span>'
LABEL = '<span class="label l-{}"><span dir="auto">{}</span></span>'
MORE_LABELS = '<span class="label more" title="{names}">+{count}<span class="vh"> {more} {names}</span></span>'


@register.simple_tag(takes_context=True)
def rows(
    context: Context, tasks: Iterable[Task], *, may_pick: bool = False, show_project: bool = False, suffix: str = ""
) -> SafeString:
    """Return the tasks as items of a list; whoever may change one can finish it there."""
    words = _words(active_language())
    return joined([_row(context, words, task, may_pick, show_project, suffix) for task in tasks])


@register.simple_tag(takes_context=True)
def cards(context: Context, column: Iterable[Any]) -> SafeString:
    """Return the cards of a column, each a task with its neighbours `above` and `below`."""
    words = _words(active_language())
    return joined([_card(context, words, card.task, _places(card)) for card in column])


@register.simple_tag(takes_context=True)
def loose_cards(context: Context, tasks: Iterable[Task], board: Any, suffix: str = "") -> SafeString:
    """Return tasks as cards that change the columns of a view's `board` and have no place in them."""
    words = _words(active_language())
    return joined([_card(context, words, task, NOTHING, board, suffix) for task in tasks])


@lru_cache(maxsize=16)
def _words(language: str) -> dict[str, SafeString]:
    """Return the texts of rows and cards that are the same for all tasks, escaped, and their glyphs."""
    texts = {
        "archived": gettext("archived"),
        "comments": gettext("comments"),
        "down": gettext("Down"),
        "files": gettext("files"),
        "first": gettext("To the top"),
        "in_column": gettext("In this column"),
        "last": gettext("To the end"),
        "more": gettext("more labels:"),
        "move": gettext("Move (Alt and arrows)"),
        "move_to": gettext("Move to"),
        "others": gettext("Somebody else"),
        "project": gettext("project"),
        "subtasks": gettext("sub-tasks done"),
        "up": gettext("Up"),
        "waits": gettext("waits for another task"),
        "waiting": gettext("Waits for another task"),
    }
    return {name: conditional_escape(text) for name, text in texts.items()}


def _row(
    context: Context, words: dict[str, SafeString], task: Task, may_pick: bool, show_project: bool, suffix: str
) -> SafeString:
    when = due(context, task)
    if not when and task.status != Status.DONE:
        when = NO_DATE
    return filled(
        _row_form(task.status, task.priority, may_pick=may_pick, may_write=writable(task)),
        pk=task.pk,
        suffix=suffix,
        path=_path("task-page", task.pk),
        title=task.title,
        facts=_facts(words, task, show_project),
        due=when,
        key=task.key,
        person=avatar(task.assigned_to),
    )


@once_per_language
def _row_form(status: str, priority: str, *, may_pick: bool, may_write: bool) -> SafeString:
    """Return a row without what belongs to one task alone."""
    select = gettext("Select %(key)s") % {"key": LEFT["key"]}
    rest = {name: LEFT[name] for name in ("pk", "suffix", "path", "title", "facts", "due", "key", "person")}
    return filled(
        ROW,
        status=status,
        pick=filled(PICK, pk=LEFT["pk"], select=select) if may_pick else NOTHING,
        state=_state(status) if may_write else status_sign(status),
        priority=priority_sign(priority),
        **rest,
    )


def _state(status: str) -> SafeString:
    """Return the button that finishes a task, or opens it again."""
    name = Status(status).label
    following, act = Status.DONE.value, gettext("Mark %(key)s as done")
    if status == Status.DONE:
        following, act = Status.TODO.value, gettext("Reopen %(key)s")
    does = act % {"key": LEFT["key"]}
    return filled(STATE, status, following, LEFT["path"], name, does, name, icon(f"s-{status}"))


def _facts(words: dict[str, SafeString], task: Task, show_project: bool) -> SafeString:
    found = []
    if show_project:
        found.append(filled('<span class="n" title="{}" dir="auto">{}</span>', words["project"], task.project.name))
    if task.is_archived:
        found.append(filled('<span class="n">{}</span>', words["archived"]))
    if task.is_blocked:  # type: ignore[attr-defined]  # an annotation
        waits = words["waits"]
        blocked = '<span class="n stop" title="{}">{}<span class="vh"> {}</span></span>'
        found.append(filled(blocked, waits, icon("block"), waits))
    found.append(_labels(words, task))
    if task.subtasks_total:
        done = f"{task.subtasks_done}/{task.subtasks_total}"
        found.append(filled(FACT, words["subtasks"], icon("sub"), done, words["subtasks"]))
    return joined([*found, _files(words, task), _comments(words, task)])


def _files(words: dict[str, SafeString], task: Task) -> SafeString:
    count = task.attachments_count
    return filled(FACT, words["files"], icon("clip"), count, ngettext("file", "files", count)) if count else NOTHING


def _comments(words: dict[str, SafeString], task: Task) -> SafeString:
    count = task.comments_count
    if not count:
        return NOTHING
    return filled(FACT, words["comments"], icon("comment"), count, ngettext("comment", "comments", count))


def _labels(words: dict[str, SafeString], task: Task) -> SafeString:
    carried = task.carried  # type: ignore[attr-defined]  # by `with_facts`, as `is_blocked`
    if not carried:
        return NOTHING
    shown = joined([filled(LABEL, *each) for each in carried[:LABELS_SHOWN]])
    if len(carried) <= LABELS_SHOWN:
        return shown
    names = ", ".join(name for _, name in carried[LABELS_SHOWN:])
    return shown + filled(MORE_LABELS, names=names, count=len(carried) - LABELS_SHOWN, more=words["more"])


def _card(
    context: Context,
    words: dict[str, SafeString],
    task: Task,
    places: SafeString,
    board: Any = None,
    suffix: str = "",
) -> SafeString:
    """Return a card; one of a view's `board` has no order, and moves as a change of a field."""
    options, may_write = NOTHING, writable(task)
    if may_write:
        options = _ways(words, board, task) if board else _columns(task)
    return filled(
        _card_form(task.priority, may_write=may_write),
        pk=task.pk,
        suffix=suffix,
        key=task.key,
        person=avatar(task.assigned_to),
        path=_path("task-page", task.pk),
        title=task.title,
        facts=_card_facts(context, words, task),
        options=options,
        places=places,
    )


@once_per_language
def _card_form(priority: str, *, may_write: bool) -> SafeString:
    """Return a card without what belongs to one task alone."""
    words = _words(active_language())
    opener = menu = NOTHING
    if may_write:
        own = {"pk": LEFT["pk"], "suffix": LEFT["suffix"], "move": gettext("Move %(key)s") % {"key": LEFT["key"]}}
        opener = filled(OPENER, **own, title=words["move"], icon=icon("move"))
        menu = filled(MENU, **own, head=words["move_to"], options=LEFT["options"], places=LEFT["places"])
    rest = {name: LEFT[name] for name in ("pk", "suffix", "key", "person", "path", "title", "facts")}
    return filled(CARD, priority=priority_sign(priority), opener=opener, menu=menu, **rest)


def _card_facts(context: Context, words: dict[str, SafeString], task: Task) -> SafeString:
    found = []
    if labels := _labels(words, task):
        found.append(filled('<div class="flow tight">{}</div>', labels))
    if task.is_blocked:  # type: ignore[attr-defined]  # an annotation
        found.append(filled('<p class="n stop">{}{}</p>', icon("block"), words["waiting"]))
    if task.due_date or task.comments_count or task.attachments_count:
        facts = due(context, task), _files(words, task), _comments(words, task)
        found.append(filled('<div class="flow">{}{}{}</div>', *facts))
    return joined(found)


def _columns(task: Task) -> SafeString:
    """Return the other columns of a board by status."""
    return filled(_column_options(task.status), to=_path("task-move-page", task.pk))


@once_per_language
def _column_options(status: str) -> SafeString:
    """Return the form of the buttons for the other columns than that of `status`, which lead `to` a path."""
    others = [(value, label) for value, label in Status.choices if value != status]
    return joined(
        [
            filled(
                OPTION,
                filled('name="status" value="{}" ', value),
                LEFT["to"],
                filled("{}{}", status_sign(value), label),
            )
            for value, label in others
        ]
    )


def _ways(words: dict[str, SafeString], board: Any, task: Task) -> SafeString:
    """Return the other columns of a view's board that the task may go to."""
    to = f"{board.path}tasks/{task.pk}/"
    found = []
    for each in board.ways_of(task):
        attributes = filled('name="{}" value="{}" ', board.sets, each.value)
        shown = joined([each.sign, filled('<span dir="auto">{}</span>', each.name)])
        found.append(filled(OPTION, attributes, to, shown))
    if board.has_more:
        found.append(filled(OTHERS, _path("task-choose", task.pk), board.path, icon("user"), words["others"]))
    return joined(found)


def _places(card: Any) -> SafeString:
    """Return the places in its column that a card can move to."""
    above, below = card.above, card.below
    if not (writable(card.task) and (above or below)):
        return NOTHING
    form = _place_options(has_above=bool(above), has_below=bool(below))
    ids = {"above": above.pk if above else "", "below": below.pk if below else ""}
    return filled(form, to=_path("task-move-page", card.task.pk), **ids)


@once_per_language
def _place_options(*, has_above: bool, has_below: bool) -> SafeString:
    """Return the form of the buttons for places, between the ids of the tasks `above` and `below`."""
    words = _words(active_language())
    ways = (
        (has_above, 'data-way="up" name="before" value="{above}" ', "up"),
        (has_below, 'data-way="down" name="after" value="{below}" ', "down"),
        (has_above, 'name="position" value="first" ', "first"),
        (has_below, 'name="position" value="last" ', "last"),
    )
    options = [
        filled(OPTION, SafeString(attributes), LEFT["to"], words[name]) for there, attributes, name in ways if there
    ]
    return joined([filled("<h3>{}</h3>", words["in_column"]), *options])


def _path(name: str, pk: int) -> str:
    before, after = _around(name, get_script_prefix())
    return f"{before}{pk}{after}"


@lru_cache(maxsize=16)
def _around(name: str, prefix: str) -> tuple[str, str]:
    """Return what stands before and after the id in the path of a task: looking it up costs more than the row."""
    before, _, after = reverse(name, args=[0]).rpartition("0")
    return before, after
