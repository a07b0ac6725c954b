"""Writes a part of an import into the locked project: the tasks in a first turn, what hangs on them in a second."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.common.errors import DomainError
from apps.common.text.normal_form import normal_form
from apps.imports.judging import COMPARED, Judge, Judged, digests
from apps.imports.models import ImportJob, ImportRow, OnExisting, RowResult
from apps.projects.models import Project
from apps.tasks import services
from apps.tasks.comments.services import ImportedComment, import_comments
from apps.tasks.labels.services import carried_by_each, labels_named
from apps.tasks.models import Task
from apps.tasks.services.importing import ImportedTask, import_tasks, place_imported
from apps.tasks.subtasks.placing import MAX_CHILDREN, measures

# Fields as `update_task` names them, where that differs from the model
WRITTEN_AS = {"assigned_to_id": "assigned_to"}


class Writer:
    """Writes rows of one job into its locked project."""

    def __init__(self, job: ImportJob, project: Project, judge: Judge) -> None:
        self.job, self.project, self.judge = job, project, judge
        self.actor = job.created_by

    def first_turn(self, rows: Sequence[Judged]) -> list[ImportRow]:
        """Create or update the tasks of these rows; return what became of each, not saved."""
        good = [row for row in rows if not row.errors]
        there = self._tasks({row.external_id for row in good} | {row.parent for row in good})
        new = [row for row in good if row.external_id not in there]
        labels = self._labels(good if self.job.on_existing == OnExisting.UPDATE else new)
        tasks = import_tasks(
            self.project,
            [self._imported(row, labels) for row in new],
            source=self.job.source,
            actor_id=self.actor.pk,
            parents={external: task for external, task in there.items() if self._may_have_children(task)},
        )
        made = {row.external_id: task for row, task in zip(new, tasks, strict=True)}
        formers = self._formers(there[row.external_id] for row in good if row.external_id in there)
        kept = []
        for row in rows:
            if row.errors:
                kept.append(self._row(row, RowResult.FAILED))
            elif row.external_id in made:
                task = made[row.external_id]
                kept.append(self._row(row, RowResult.CREATED, task.pk, row.digests()))
            else:
                kept.append(self._again(row, there[row.external_id], formers, labels))
        return kept

    def second_turn(self, rows: Sequence[Judged]) -> list[ImportRow]:
        """Put the created tasks below parents that came later in the file, and add comments; return rows that warn."""
        by_row = {row.row: row for row in rows}
        found = ImportRow.objects.filter(job=self.job, row__in=by_row, result=RowResult.CREATED).order_by("row")
        kept = list(found)
        tasks = Task.objects.in_bulk([row.task_id for row in kept if row.task_id is not None])
        for each in tasks.values():
            each.project = self.project
        parents = self._tasks({by_row[row.row].parent for row in kept})
        placed, comments = [], []
        for saved in kept:
            judged = by_row[saved.row]
            if saved.task_id not in tasks or tasks[saved.task_id].trash_id is not None:
                continue
            task = tasks[saved.task_id]
            if judged.parent and task.parent_id is None:
                parent = parents.get(judged.parent)
                if parent is not None and self._may_have_children(parent):
                    placed.append((task, parent))
                else:
                    judged.warnings.append(f"There is no task “{judged.parent[:100]}” for it to stand under.")
            for comment in judged.comments:
                author_id, body, created_at = self.judge.comment_fields(comment, judged)
                comments.append(ImportedComment(task=task, author_id=author_id, body=body, created_at=created_at))
            saved.warnings = judged.warnings
        place_imported(self.project, placed, actor_id=self.actor.pk)
        import_comments(self.project, comments, actor_id=self.actor.pk)
        return kept

    def _tasks(self, external_ids: Iterable[str]) -> dict[str, Task]:
        wanted = {each for each in external_ids if each}
        found = Task.objects.filter(project=self.project, external_source=self.job.source, external_id__in=wanted)
        tasks = {str(task.external_id): task for task in found}
        for task in tasks.values():
            task.project = self.project
        return tasks

    def _may_have_children(self, task: Task) -> bool:
        """Return whether a task that is there already may be a parent, as far as that does not depend on the child."""
        if task.trash_id is not None or task.archived_at is not None:
            return False
        return task.subtasks_total < MAX_CHILDREN or measures(task.pk)[1] < MAX_CHILDREN

    def _labels(self, rows: Sequence[Judged]) -> Mapping[str, int]:
        """Return the ids of the labels that rows name; those that have no room are left out with a warning."""
        wanted = {name: "" for row in rows for name in row.labels}
        found, dropped = labels_named(self.project, wanted, actor_id=self.actor.pk)
        lost = {normal_form(name) for name in dropped}
        for row in rows:
            left_out = [name for name in row.labels if normal_form(name) in lost]
            row.warnings += [f"The project has no room for the label “{name}”." for name in left_out]
        return found

    def _imported(self, row: Judged, labels: Mapping[str, int]) -> ImportedTask:
        ids = sorted({labels[name] for name in row.labels if name in labels})
        return ImportedTask(external_id=row.external_id, fields=row.fields, labels=ids, parent=row.parent)

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
        former = formers.get(task.pk, {})
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
        values = {name: getattr(task, name) for name in COMPARED if name != "labels"}
        return {**values, "labels": sorted(normal_form(label["name"]) for label in carried)}

    def _update(self, task: Task, row: Judged, names: Sequence[str], labels: Mapping[str, int]) -> None:
        changes = {WRITTEN_AS.get(name, name): row.fields[name] for name in names if name != "labels"}
        if changes.get("due_on") is not None:
            changes.pop("due_date", None)
        if "labels" in names:
            changes["labels"] = sorted({labels[name] for name in row.labels if name in labels})
        services.update_task(actor=self.actor, task=task, changes=changes)

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
