"""Views as conditions of the list of tasks (contract VI4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from apps.common.errors import ConflictError, FieldError, ValidationError
from apps.tasks.filtering.binding import Binder
from apps.tasks.filtering.composing import compose
from apps.tasks.filtering.errors import FilterError
from apps.tasks.filtering.json_form import read_json
from apps.tasks.filtering.nodes import Node, each_value
from apps.tasks.filtering.parsing import parse
from apps.tasks.filtering.reader import Reader
from apps.tasks.filtering.writing import write
from apps.tasks.models import SavedView
from apps.tasks.saved_views.stored import shown


@dataclass(frozen=True)
class ComposedView:
    """A view as a statement takes it."""

    condition: Q
    shape: tuple[Any, ...]
    values: Mapping[str, Any]
    names_archived: bool
    project_id: int | None
    ordering: str
    names_people: bool  # as in Composed
    names_project: bool
    context: tuple[int, int]  # what a cursor depends on: which view, in which version


def find_view(view_id: int, user: Any) -> SavedView:
    """Return a view that the person sees; ValidationError `does_not_exist` at /view."""
    view = SavedView.objects.visible_to(user).filter(pk=view_id).first()
    if view is None:
        raise ValidationError.at("/view", "does_not_exist", "There is no such view, or you do not see it.")
    return view


def compose_view(view: SavedView, reader: Reader, bind: Binder) -> ComposedView:
    """Return a visible view as its reader's condition; ConflictError `view_broken` for what names something gone."""
    node = read_json(view.ast, is_stored=True)
    try:
        composed = compose(node, reader, bind=bind, is_stored=True)
    except FilterError as error:
        raise _broken(error.errors[0], node, reader) from None
    condition, shape = composed.condition, (view.project_id is not None, composed.shape)
    values = dict(composed.values)
    if view.project_id is not None:
        condition &= Q(project=bind.value(view.project_id))
        values = dict(bind.values)
    return ComposedView(
        condition,
        shape,
        values,
        composed.names_archived,
        view.project_id,
        view.ordering,
        composed.names_people,
        composed.names_project or view.project_id is not None,
        (view.pk, view.version),
    )


def _broken(error: FieldError, node: Node | None, reader: Reader) -> ConflictError:
    """Return the answer to running a view whose filter names something that is gone (contract VI6).

    The place is that in the text that the view is shown with.
    """
    (named,) = shown([node], reader)
    text = write(named)
    places = {
        kept.place.pointer: written.place
        for kept, written in zip(each_value(node), each_value(parse(text)), strict=False)
    }
    entry = {"pointer": error.pointer, "code": error.code, "detail": error.detail, **error.extra}
    if (place := places.get(error.pointer)) is not None:
        entry |= {"pointer": place.pointer, "position": place.position, "length": place.length}
    return ConflictError(
        "The filter of the view names something that is gone: save a valid one.",
        code="view_broken",
        extra={"errors": [entry]},
    )
