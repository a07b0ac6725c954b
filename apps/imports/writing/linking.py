"""The second turn of rows: parents that came later in the file, comments and relations (contract IM2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from apps.imports.judging.relating import ABSENT, named_in, relations_left_out
from apps.imports.judging.values import Judge, Judged
from apps.imports.models import ImportJob, ImportRow, RowResult
from apps.projects.models import Project
from apps.tasks.attachments.services import ImportedFile, import_files
from apps.tasks.comments.services import ImportedComment, import_comments
from apps.tasks.models import Task
from apps.tasks.precedence import Precedence, precedence_around
from apps.tasks.relations.services import REASONS, ImportedRelation, import_relations
from apps.tasks.services.importing import place_imported
from apps.tasks.subtasks.placing import MAX_CHILDREN, measures
from apps.tasks.subtasks.tree import MAX_DEPTH


def needs_graph(rows: Iterable[Judged]) -> bool:
    """Return whether the second turn of these rows may add an edge between tasks that are there."""
    return any(row.parent or row.relations for row in rows)


def tasks_by_external_id(job: ImportJob, project: Project, external_ids: Iterable[str]) -> dict[str, Task]:
    """Return the project's tasks of the job's source with these ids, in the trash too."""
    wanted = {each for each in external_ids if each}
    found = Task.objects.filter(project=project, external_source=job.source, external_id__in=wanted)
    tasks = {str(task.external_id): task for task in found}
    for task in tasks.values():
        task.project = project
    return tasks


def may_have_child(parent: Task, *, is_archived: bool) -> bool:
    """Return whether a task that is there may get one more child, which is archived or not."""
    if parent.trash_id is not None or (parent.is_archived and not is_archived):
        return False
    depth, children = measures(parent.pk)
    return depth < MAX_DEPTH and children < MAX_CHILDREN


def _warn(row: ImportRow, warnings: Sequence[str]) -> bool:
    """Add warnings that the row does not have yet; return whether there were any."""
    before, row.warnings = row.warnings, list(dict.fromkeys([*row.warnings, *warnings]))
    return bool(row.warnings != before)


class Linker:
    """Adds to the tasks of one job, in its locked project, what hangs on them.

    Where `needs_graph` says so the caller holds the graph lock.
    """

    def __init__(self, job: ImportJob, project: Project, judge: Judge) -> None:
        self.job, self.project, self.judge = job, project, judge
        self.actor = job.created_by

    def link(self, rows: Sequence[Judged]) -> list[ImportRow]:
        """Give rows their second turn; return those whose warnings have changed, not saved."""
        by_row = {row.row: row for row in rows}
        saved = list(ImportRow.objects.filter(job=self.job, row__in=by_row).exclude(task_id=None).order_by("row"))
        tasks = Task.objects.in_bulk([row.task_id for row in saved])
        for task in tasks.values():
            task.project = self.project
        kept = [row for row in saved if row.task_id in tasks and tasks[row.task_id].trash_id is None]
        created = [(by_row[row.row], tasks[row.task_id]) for row in kept if row.result == RowResult.CREATED]
        self._place(created)
        self._comment(created)
        self._attach(created)
        self._relate([(by_row[row.row], tasks[row.task_id]) for row in kept])
        return [row for row in saved if _warn(row, by_row[row.row].warnings)]

    def _place(self, created: Sequence[tuple[Judged, Task]]) -> None:
        """Put tasks below their parents, unless the first turn has; people may have moved some of them meanwhile."""
        waiting = [(row, task) for row, task in created if row.parent and task.parent_id is None]
        parents = tasks_by_external_id(self.job, self.project, (row.parent for row, _ in waiting))
        order = precedence_around(parent.pk for parent in parents.values()) if parents else Precedence()
        placed: list[tuple[Task, Task]] = []
        for row, task in waiting:
            parent = parents.get(row.parent)
            if parent is None or not may_have_child(parent, is_archived=task.is_archived):
                row.warnings.append(f"There is no task “{row.parent[:100]}” to place it under.")
            elif order is None or not order.add(task.pk, parent.pk):
                row.warnings.append(f"It cannot be placed under “{row.parent[:100]}”: {REASONS['cycle']}")
            else:
                placed.append((task, parent))
        place_imported(self.project, placed, actor_id=self.actor.pk)

    def _comment(self, created: Sequence[tuple[Judged, Task]]) -> None:
        comments = [
            ImportedComment(task=task, **self.judge.comment_fields(comment, row))
            for row, task in created
            for comment in row.comments
        ]
        import_comments(self.project, comments, actor_id=self.actor.pk)

    def _attach(self, created: Sequence[tuple[Judged, Task]]) -> None:
        wanted = []
        for row, task in created:
            for file in row.files:
                if file.open is not None:
                    author_id, at = self.judge.file_fields(file)
                    each = ImportedFile(
                        task=task, name=file.name, chunks=file.open, uploaded_by_id=author_id, uploaded_at=at
                    )
                    wanted.append((row, each))
        reasons = import_files(self.project, [each for _, each in wanted], actor_id=self.actor.pk)
        for (row, each), reason in zip(wanted, reasons, strict=True):
            row.warnings += [f"“{each.name}” was not attached: {reason}"] if reason else []

    def _relate(self, rows: Sequence[tuple[Judged, Task]]) -> None:
        """Relate tasks where the job has made one of the two: what people have removed since stays removed."""
        rows = [(row, task) for row, task in rows if row.relations]
        if not rows:
            return
        others = tasks_by_external_id(self.job, self.project, named_in(row for row, _ in rows))
        ends = {task.pk for _, task in rows} | {task.pk for task in others.values()}
        made = self._made(ends)
        wanted: list[tuple[Judged, str, ImportedRelation]] = []
        for row, task in rows:
            absent = []
            for relation in row.relations:
                other = others.get(relation.other)
                if other is None or other.trash_id is not None:
                    absent.append(relation.other)
                elif task.pk in made or other.pk in made:
                    author_id, at = self.judge.relation_fields(relation)
                    each = ImportedRelation(
                        task=task, kind=relation.kind, other=other, author_id=author_id, created_at=at
                    )
                    wanted.append((row, relation.other, each))
            row.warnings += [relations_left_out(ABSENT, absent)] if absent else []
        codes = import_relations(self.project, [each for *_, each in wanted], actor_id=self.actor.pk)
        left_out: Mapping[tuple[int, str], list[str]] = defaultdict(list)
        judged = {row.row: row for row, _, _ in wanted}
        for (row, other_id, _), code in zip(wanted, codes, strict=True):
            if code:
                left_out[row.row, code].append(other_id)
        for (number, code), ids in left_out.items():
            judged[number].warnings.append(relations_left_out(REASONS[code], ids))

    def _made(self, task_ids: Iterable[int]) -> set[int]:
        rows = ImportRow.objects.filter(task_id__in=set(task_ids), job=self.job, result=RowResult.CREATED)
        return {pk for pk in rows.values_list("task_id", flat=True) if pk is not None}
