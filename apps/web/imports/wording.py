"""How imports are put into words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, ngettext

from apps.imports.models import ImportJob, ImportSource, ImportState, RowResult

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
