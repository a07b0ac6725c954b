"""The first turn of rows: creates or updates their tasks in the locked project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import transaction

from apps.common.dates.instants import utc
from apps.common.errors import DomainError
from apps.common.text.normal_form import normal_form
from apps.imports.judging.values import COMPARED, NOT_ARCHIVED, Judged, digests
from apps.imports.models import ImportJob, ImportRow, OnExisting, RowResult
from apps.imports.writing.linking import may_have_child, tasks_by_external_id
from apps.projects.models import Project
from apps.tasks import services
from apps.tasks.labels.services import carried_by_each, labels_named
from apps.tasks.models import Task
from apps.tasks.services.importing import ImportedTask, import_tasks

# Fields as `update_task` names them, where that differs from the model
WRITTEN_AS = {"assigned_to_id": "assigned_to"}


class Writer:
    """Writes rows of one job into its locked project; `colors` are those of new labels by the normal form of a name."""

    def __init__(self, job: ImportJob, project: Project, *, colors: Mapping[str, str]) -> None:
        self.job, self.project, self.colors = job, project, colors
        self.actor = job.created_by

    def first_turn(self, rows: Sequence[Judged]) -> list[ImportRow]:
        """Create or update the tasks of these rows; return what became of each, not saved."""
        good = [row for row in rows if not row.errors]
        wanted = {row.external_id for row in good} | {row.parent for row in good}
        there = tasks_by_external_id(self.job, self.project, wanted)
        new = [row for row in good if row.external_id not in there]
        labels = self._labels(good if self.job.on_existing == OnExisting.UPDATE else new)
        tasks = import_tasks(
            self.project,
            [self._imported(row, labels) for row in new],
            source=self.job.source,
            actor_id=self.actor.pk,
            parents=self._parents(new, there),
        )
        made = {row.external_id: task for row, task in zip(new, tasks, strict=True)}
        formers = self._formers(there[row.external_id] for row in good if row.external_id in there)
        kept = []
        for row in rows:
            if row.errors:
                kept.append(self._row(row, RowResult.SKIPPED if row.is_skipped else RowResult.FAILED))
            elif row.external_id in made:
                task = made[row.external_id]
                kept.append(self._row(row, RowResult.CREATED, task.pk, row.digests()))
            else:
                kept.append(self._again(row, there[row.external_id], formers, labels))
        return kept

    def _labels(self, rows: Sequence[Judged]) -> Mapping[str, int]:
        """Return the ids of the labels that rows name; those that have no room are left out with a warning."""
        wanted = {name: self.colors.get(normal_form(name), "") for row in rows for name in row.labels}
        found, dropped = labels_named(self.project, wanted, actor_id=self.actor.pk)
        lost = {normal_form(name) for name in dropped}
        for row in rows:
            left_out = [name for name in row.labels if normal_form(name) in lost]
            row.warnings += [f"The project has no room for the label “{name}”." for name in left_out]
        return found

    def _imported(self, row: Judged, labels: Mapping[str, int]) -> ImportedTask:
        ids = sorted({labels[name] for name in row.labels if name in labels})
        fields = {**row.fields, "archive_batch": self._archive_batch(row)}
        return ImportedTask(external_id=row.external_id, fields=fields, labels=ids, parent=row.parent)

    def _archive_batch(self, row: Judged) -> UUID | None:
        """Return the act that has archived a task: what was archived in the same moment comes back together (ST11)."""
        return uuid5(NAMESPACE_OID, f"{self.job.pk} {utc(row.fields['archived_at'])}") if row.is_archived else None

    def _parents(self, new: Sequence[Judged], there: Mapping[str, Task]) -> dict[str, Task]:
        """Return the parents of new rows that are there already and may have them."""
        wanted: dict[str, bool] = {}  # whether all that stands below is archived
        for row in new:
            if row.parent in there:
                wanted[row.parent] = wanted.get(row.parent, True) and row.is_archived
        return {
            name: there[name] for name, archived in wanted.items() if may_have_child(there[name], is_archived=archived)
        }

    def _formers(self, tasks: Iterable[Task]) -> dict[int, dict[str, str]]:
        """Return, by task, the digests of what imports have written last."""
        rows = ImportRow.objects.filter(task_id__in=[task.pk for task in tasks]).exclude(written={}).order_by("pk")
        return {task_id: written for task_id, written in rows.values_list("task_id", "written") if task_id}

    def _again(
        self, row: Judged, task: Task, formers: Mapping[int, dict[str, str]], labels: Mapping[str, int]
    ) -> ImportRow:
        """Return what becomes of a row whose task is there already (contract IM1)."""
        if task.trash_id is not None:
            row.fail("in_trash", "The task is in the trash.")
            return self._row(row, RowResult.SKIPPED, task.pk)
        wanted = row.digests()
        former = NOT_ARCHIVED | formers[task.pk] if task.pk in formers else {}
        other = [name for name in COMPARED if wanted[name] != former.get(name)]
        if not other:
            return self._row(row, RowResult.UNCHANGED, task.pk)
        if self.job.on_existing == OnExisting.SKIP:
            return self._row(row, RowResult.SKIPPED if former else RowResult.UNCHANGED, task.pk)
        now = digests(self._present(task))
        other = [name for name in other if wanted[name] != now[name]]
        changed_here = [name for name in other if now[name] != former.get(name)]
        to_write = [name for name in other if name not in changed_here]
        if changed_here:
            row.warnings.append(f"Changed here since, and kept: {', '.join(changed_here)}.")
        if to_write:
            try:
                with transaction.atomic():
                    self._update(task, row, to_write, labels)
            except DomainError as error:
                row.fail(error.code, error.detail)
                return self._row(row, RowResult.FAILED, task.pk)
        written = {**former, **{name: wanted[name] for name in COMPARED if name not in changed_here}}
        if changed_here:
            return self._row(row, RowResult.KEPT, task.pk, written if to_write else None)
        return self._row(row, RowResult.UPDATED if to_write else RowResult.UNCHANGED, task.pk, written)

    def _present(self, task: Task) -> dict[str, Any]:
        carried = carried_by_each([task.pk]).get(task.pk, [])
        values = {name: getattr(task, name) for name in COMPARED if name not in ("labels", "archived")}
        labels = sorted(normal_form(label["name"]) for label in carried)
        return {**values, "labels": labels, "archived": task.is_archived}

    def _update(self, task: Task, row: Judged, names: Sequence[str], labels: Mapping[str, int]) -> None:
        changes = {WRITTEN_AS.get(name, name): row.fields[name] for name in names if name in row.fields}
        if changes.get("due_on") is not None:
            changes.pop("due_date", None)
        if "labels" in names:
            changes["labels"] = sorted({labels[name] for name in row.labels if name in labels})
        if changes:
            services.update_task(actor=self.actor, task=task, changes=changes)
        if "archived" in names:
            act = services.archive_task if row.is_archived else services.unarchive_task
            act(actor=self.actor, task=task)

    def _row(
        self, row: Judged, result: RowResult, task_id: int | None = None, written: dict[str, str] | None = None
    ) -> ImportRow:
        return ImportRow(
            job=self.job,
            row=row.row,
            external_id=row.external_id,
            result=result,
            task_id=task_id,
            written=written or {},
            errors=row.errors,
            warnings=row.warnings,
        )
