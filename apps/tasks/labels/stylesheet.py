"""Colours of labels for pages, which may have no style of their own (contract PG5)."""

from __future__ import annotations

from apps.tasks.models import Label


def stylesheet(project_id: int) -> str:
    """Return CSS with a class `l-<id>` for each label of the project, which sets its colour as `--c`.

    The design draws a dot of it: a label is never filled, and its colour never carries meaning alone.
    """
    labels = Label.objects.filter(project=project_id).order_by("pk").values_list("pk", "color")
    return "".join(f".l-{pk} {{ --c: {color}; }}\n" for pk, color in labels)
