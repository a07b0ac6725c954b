"""Start-up checks: what would open a hole is rejected before the first request.

They run with every `manage.py check`, `migrate` and in the suite; each message names the class to fix.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.generics import GenericAPIView
from rest_framework.serializers import ModelSerializer

from apps.common.api.token_scopes import Needed
from apps.common.api.views import ScopedViewSet
from apps.common.lists.ordering import OrderKey

# Names in `scope()` that tie the rows to the caller: the one rule of what is visible, the actor, or a parent
# that `check_permissions` has resolved through it.
TIES = {"visible_to", "actor", "project", "task", "comment"}


@register(Tags.security)
def check_views(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Reject routes whose view is not scoped, says nothing of tokens, orders by relations or filters through them."""
    views = {id(view): view for view in _views(get_resolver().url_patterns)}
    return [error for view in views.values() for error in view_errors(view)]


@register(Tags.security)
def check_serializers(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Reject serializers that show whatever columns a table happens to have."""
    return [error for kind in _below(ModelSerializer) for error in serializer_errors(kind)]


def _views(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[type]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns)
        elif (view := getattr(pattern.callback, "cls", None)) is not None:  # a view of DRF
            yield view


def _below(kind: type) -> Iterator[type]:
    children: list[type] = kind.__subclasses__()
    for child in children:
        yield child
        yield from _below(child)


def view_errors(view: type) -> Iterator[Error]:
    """Yield what is wrong with a view class."""
    if issubclass(view, GenericAPIView):
        yield from _scope_errors(view)
    yield from _token_errors(view)
    orders = getattr(view, "ordering_fields", None)
    if orders is not None:
        yield Error("`ordering_fields` is not used here: name the orders in `ordering_keys`.", obj=view, id="door.E003")
    for name, key in (getattr(view, "ordering_keys", None) or {}).items():
        if "__" in name or (isinstance(key, OrderKey) and any("__" in column for column in columns_of(key.expression))):
            yield Error(f"The order `{name}` reaches into another table.", obj=view, id="door.E003")
    filterset = getattr(view, "filterset_class", None)
    for name, item in (filterset.base_filters if filterset else {}).items():
        if "__" in name or "__" in (item.field_name or ""):
            yield Error(f"The filter `{name}` reaches into another table.", obj=view, id="door.E004")
    if getattr(view, "filterset_fields", None) is not None:
        yield Error("`filterset_fields` is not used here: write a FilterSet.", obj=view, id="door.E004")


def _scope_errors(view: type) -> Iterator[Error]:
    if not issubclass(view, ScopedViewSet):
        yield Error("The view finds rows without a scope: derive it from ScopedViewSet.", obj=view, id="door.E001")
        return
    if getattr(view, "queryset", None) is not None:
        yield Error("`queryset` goes around `scope()`.", obj=view, id="door.E001")
    if view.get_queryset is not ScopedViewSet.get_queryset:
        yield Error("`get_queryset` goes around `scope()`.", obj=view, id="door.E001")
    if view.scope is ScopedViewSet.scope:
        yield Error("The view does not say which rows the actor may see.", obj=view, id="door.E001")
    elif not names_in_scope(view) & TIES:
        yield Error(f"`scope()` does not depend on the caller ({', '.join(sorted(TIES))}).", obj=view, id="door.E001")


def _token_errors(view: type) -> Iterator[Error]:
    """Yield an error for a view that says nothing of API tokens, or names an action that it does not have."""
    if all(getattr(way, "is_public", False) for way in getattr(view, "authentication_classes", ())):
        return  # nobody is asked who they are
    declared: Needed | None = getattr(view, "token_scopes", None)
    if declared is None:
        text = "The view does not say what an API token needs: `token_scopes = needs(...)` or `not_for_tokens`."
        yield Error(text, obj=view, id="door.E005")
        return
    for name in declared.actions:
        if not hasattr(view, name):
            yield Error(f"`token_scopes` names `{name}`, which the view does not have.", obj=view, id="door.E005")


def names_in_scope(view: type) -> set[str]:
    """Return the attribute names in `scope` and in the view's own methods that it calls."""
    names = _attributes(view.scope)  # type: ignore[attr-defined]
    for name in list(names):
        method = inspect.getattr_static(view, name, None)
        if inspect.isfunction(method) and method.__module__.startswith("apps."):
            names |= _attributes(method)
    return names


def _attributes(function: Any) -> set[str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def columns_of(expression: Any) -> Iterator[str]:
    """Yield the column names that a database expression refers to."""
    if name := getattr(expression, "name", None):
        yield str(name)
    for inner in getattr(expression, "get_source_expressions", list)():
        yield from columns_of(inner)


def serializer_errors(kind: type) -> Iterator[Error]:
    """Yield what is wrong with a model serializer."""
    meta = getattr(kind, "Meta", None)
    if not kind.__module__.startswith("apps.") or meta is None:
        return
    if getattr(meta, "fields", None) == "__all__" or getattr(meta, "exclude", None) is not None:
        yield Error("Name the fields that are shown: a new column must not show itself.", obj=kind, id="door.E002")
