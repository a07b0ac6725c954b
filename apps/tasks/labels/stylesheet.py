"""Colours of labels for pages, which may have no style of their own (contract PG5)."""

from __future__ import annotations

from apps.tasks.labels.colors import text_color
from apps.tasks.models import Label


def stylesheet(project_id: int) -> str:
    """Return CSS with a class `label-<id>` for each label of the project."""
    labels = Label.objects.filter(project=project_id).order_by("pk").values_list("pk", "color")
    return "".join(
        f".label-{pk} {{ background-color: {color}; color: {text_color(color)}; }}\n" for pk, color in labels
    )
