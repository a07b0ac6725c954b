"""What a file has beside tasks: the new project itself, and labels that tasks need not carry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from apps.common.errors import ConflictError
from apps.common.text.names import name_fault
from apps.common.text.normal_form import normal_form
from apps.imports.judging.values import Judge, shown_name
from apps.imports.models import ImportJob
from apps.imports.sources.items import Content, FoundLabel, FoundProject
from apps.imports.sources.texts import clean
from apps.projects.models import KEY_PATTERN, BlockedDone, NewTasks, OnParentDone, Project
from apps.projects.services import create_project
from apps.tasks.labels.colors import COLOR, default_color
from apps.tasks.labels.services import import_labels
from apps.tasks.models import LABEL_DESCRIPTION_LENGTH, LABEL_NAME_LENGTH, Label

NAME_LENGTH = 100
DESCRIPTION_LENGTH = 10_000
SETTINGS = {"on_parent_done": OnParentDone.values, "new_tasks": NewTasks.values, "blocked_done": BlockedDone.values}


def make_project(job: ImportJob, found: FoundProject | None, judge: Judge) -> Project:
    """Make the project of an import without one: as the file describes it, else named after the file."""
    name = shown_name(found.name) if found else ""
    name = name or job.file_name.rpartition(".")[0].strip() or job.file_name.strip() or "Import"
    fields: dict[str, Any] = {"name": name[:NAME_LENGTH]}
    if found is None:
        return create_project(actor=job.created_by, **fields)
    fields["description"] = clean(found.description)[:DESCRIPTION_LENGTH]
    fields |= {name: value for name, value in found.settings.items() if value in SETTINGS[name]}
    if created_at := judge.instant(found.created_at):
        fields["created_at"] = created_at
    try:
        key = found.key if re.fullmatch(KEY_PATTERN, found.key) else ""
        return create_project(actor=job.created_by, key=key, **fields)
    except ConflictError:  # the importer has a project with this key
        return create_project(actor=job.created_by, **fields)


def make_labels(job: ImportJob, project: Project, content: Content, judge: Judge) -> list[str]:
    """Create the labels of a file that the locked project does not have; return what is to be warned of."""
    names: Mapping[str, str | None] = job.mapping["labels"]
    labels = [_label(each, names.get(each.name, each.name), judge) for each in content.labels]
    dropped = import_labels(project, [label for label in labels if label], actor_id=job.created_by_id)
    return [f"The project has no room for the label “{name}”." for name in dropped]


def _label(found: FoundLabel, name: str | None, judge: Judge) -> Label | None:
    """Return a label under the name that it gets here; None for one that is left out, or that has no good name."""
    name = label_name(name or "")
    if not name or name_fault(name):
        return None
    return Label(
        name=name,
        color=label_color(found.color) or default_color(name),
        description=clean(found.description)[:LABEL_DESCRIPTION_LENGTH],
        created_at=judge.instant(found.created_at) or judge.now,
    )


def label_name(name: str) -> str:
    """Return the name of a label as it is kept."""
    return shown_name(name)[:LABEL_NAME_LENGTH].strip()


def label_color(color: str) -> str:
    """Return a colour as `#rrggbb`, an empty text for what is none."""
    color = f"#{color.strip().removeprefix('#').lower()}"
    return color if COLOR.fullmatch(color) else ""


def label_colors(content: Content, names: Mapping[str, str | None]) -> dict[str, str]:
    """Return a file's colours of labels by the normal form of the `names` that labels get here."""
    found: dict[str, str] = {}
    for label, color in content.colors.items():
        if (name := label_name(names.get(label, label) or "")) and label_color(color):
            found.setdefault(normal_form(name), label_color(color))
    return found
