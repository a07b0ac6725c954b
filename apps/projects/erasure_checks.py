"""Start-up checks: no table below a project or a task is unknown to the services that erase them."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db.models import ForeignObject

from apps.projects.erasure import ModelClass, Registry, foreign_keys, registry


@register()
def check_erasure(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Reject models that refer to a project or a task without a line in the registry, and lines that are wrong."""
    models = apps.get_models(include_auto_created=True)
    return [*(error for model in models for error in model_errors(model, registry)), *registry_errors(registry)]


def model_errors(model: ModelClass, known: Registry) -> Iterator[Error]:
    """Yield the references of `model` that nothing is known about."""
    for root, column in sorted(references(model, known)):
        entry = known.entries(root).get(model)
        if entry is None or (column not in entry.columns and not entry.through):
            yield Error(
                f"{model._meta.label}.{column} refers to a {root}, and nobody has said what becomes of these rows"
                f" when the {root} is deleted.",
                hint=f"Add a line to `ready()` in the apps.py of `{model._meta.app_label}`:"
                f" registry.delete_with({model.__name__}, {root}=[{column!r}]), or registry.leave(…, why=…)"
                " (apps/projects/erasure.py; recipe in docs/contributing.md).",
                obj=model,
                id="erasure.E001",
            )


def references(model: ModelClass, known: Registry) -> set[tuple[str, str]]:
    """Return (root, column) for each column of `model` that holds ids of a root, by foreign key or by its name."""
    found: set[tuple[str, str]] = set()
    if model._meta.proxy:
        return found
    for root, target in known.roots.items():
        found |= {(root, f"{root}_id") for field in model._meta.local_fields if field.column == f"{root}_id"}
        for field in (*model._meta.local_fields, *model._meta.private_fields):
            if isinstance(field, ForeignObject) and field.related_model is target and model is not target:
                found |= {(root, str(own.column)) for own, other in field.related_fields if other.primary_key}
    return found


def registry_errors(known: Registry) -> Iterator[Error]:
    """Yield the lines of the registry that name what is not there, and tables without an order."""
    for root in known.named_roots() - known.roots.keys():
        yield Error(f"`{root}` is no root: it is one of {', '.join(known.roots)}.", id="erasure.E002")
    for root in known.roots:
        entries = known.entries(root)
        for model, entry in entries.items():
            columns = {field.column for field in model._meta.local_fields}
            for name in set(entry.columns) - columns:
                yield Error(f"{model._meta.label} has no column `{name}`.", obj=model, id="erasure.E002")
            if entry.through and not any(
                key.name == entry.through and key.related_model in entries for key in foreign_keys(model)
            ):
                yield Error(
                    f"`{entry.through}` is no foreign key of {model._meta.label} to a table below a {root}.",
                    obj=model,
                    id="erasure.E002",
                )
            if not entry.why and root != "project" and model not in known.entries("project"):
                yield Error(
                    f"The rows of {model._meta.label} are deleted with a {root} but not with its project.",
                    hint="Name its column for the project as well, or the foreign key that leads there: `through=…`.",
                    obj=model,
                    id="erasure.E003",
                )
        try:
            known.order(root)
        except CycleError as error:
            tables = ", ".join(model._meta.label for model in error.args[1])
            yield Error(f"No order of deletion: {tables} refer to each other.", id="erasure.E004")
