"""How imports are put into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_lazy, ngettext

from apps.imports.models import ImportJob, ImportRow, ImportSource, ImportState, RowResult
from apps.imports.sources.tables import MADE_ID
from apps.tasks.models import Task
from apps.users.models import User

SOURCES: dict[str, str] = dict(ImportSource.choices)
STATES = {
    ImportState.ANALYSED.value: gettext_lazy("To be mapped"),
    ImportState.RUNNING.value: gettext_lazy("Is running"),
    ImportState.DONE.value: gettext_lazy("Done"),
    ImportState.FAILED.value: gettext_lazy("Stopped by an error"),
    ImportState.UNDONE.value: gettext_lazy("Taken back"),
}
RESULTS = {
    RowResult.CREATED.value: gettext_lazy("Created"),
    RowResult.UPDATED.value: gettext_lazy("Updated"),
    RowResult.UNCHANGED.value: gettext_lazy("Unchanged"),
    RowResult.KEPT.value: gettext_lazy("Kept as changed here"),
    RowResult.SKIPPED.value: gettext_lazy("Skipped"),
    RowResult.FAILED.value: gettext_lazy("Failed"),
}


def shown_counts(job: ImportJob) -> list[str]:
    """Return what the file of an import has, each with its noun; what it has none of is left out."""
    counts: dict[str, int] = job.analysis["counts"]
    tasks, comments, labels, people, relations = (
        counts[name] for name in ("tasks", "comments", "labels", "people", "relations")
    )
    texts = (
        (tasks, ngettext("%(n)s task", "%(n)s tasks", tasks)),
        (comments, ngettext("%(n)s comment", "%(n)s comments", comments)),
        (labels, ngettext("%(n)s label", "%(n)s labels", labels)),
        (people, ngettext("%(n)s person", "%(n)s people", people)),
        (relations, ngettext("%(n)s dependency", "%(n)s dependencies", relations)),
    )
    return [text % {"n": number} for number, text in texts if number]


def state_name(job: ImportJob) -> str:
    """Return how far an import is; while it is only tried, nothing is imported."""
    is_tried = job.dry_run and job.state == ImportState.RUNNING
    return gettext("Is being tried") if is_tried else str(STATES[job.state])


@dataclass(frozen=True)
class RowShown:
    """A row with the title of its task, where the reader sees that, and its id in the file, where it has one there."""

    row: ImportRow
    title: str
    id_in_file: str


def shown_rows(rows: Sequence[ImportRow], reader: User) -> list[RowShown]:
    """Return the rows of a page as people know them."""
    ids = [row.task_id for row in rows if row.task_id is not None]
    titles = dict(Task.objects.visible_to(reader).filter(pk__in=ids).values_list("pk", "title"))
    return [
        RowShown(row, titles.get(row.task_id or 0, ""), "" if MADE_ID.fullmatch(row.external_id) else row.external_id)
        for row in rows
    ]
