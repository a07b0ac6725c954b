"""The job `imports.run`: a part of 200 rows per transaction, each with its progress, continued after a crash (IM5)."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from django.db import transaction
from django.utils import timezone

from apps.batches.context import RunningBatch, acting_in
from apps.batches.models import Action, Mode
from apps.batches.services import keep_changes
from apps.common.background import leases
from apps.common.dates.clock import database_now
from apps.common.errors import DomainError
from apps.common.faults import declare, fault_point
from apps.common.monitoring.request_id import request_id_of
from apps.common.origin import Door, Origin, acting_through
from apps.common.transactions import write
from apps.imports import messages
from apps.imports.judging.planning import plan
from apps.imports.judging.relating import named_in
from apps.imports.judging.values import Judge, Judged
from apps.imports.models import ImportJob, ImportRow, ImportState, RowResult
from apps.imports.reading import items_of, stored_content
from apps.imports.sources.items import Content
from apps.imports.writing.linking import Linker, needs_graph
from apps.imports.writing.rows import Writer
from apps.imports.writing.shared_views import make_views
from apps.imports.writing.surroundings import label_colors, make_labels, make_project
from apps.notifications.services import notify_requester
from apps.projects.events import EventType
from apps.projects.models import Membership, Project
from apps.projects.roles import Capability
from apps.projects.services import Event, lock_project_as, record_event, require_active
from apps.tasks.graph import lock_graph
from apps.tasks.models import Task
from apps.tasks.subtasks.placing import measures
from apps.tokens.reading import door_for

logger = logging.getLogger(__name__)

declare("import.part_written", "import.part_committed")

RUN = "imports.run"
QUEUE = leases.Queue(ImportJob, open="state = 'running'")
MAX_ATTEMPTS = 5  # without progress
AT_ONCE = 200  # rows of one transaction
BUDGET = 60.0  # seconds; then the job ends and asks to be woken again
NO_RESULT = dict.fromkeys(RowResult.values, 0)


@dataclass
class Plan:
    """The rows of a file as they are to be written, read and judged once for all parts that a worker does."""

    judge: Judge
    rows: Sequence[Judged]
    content: Content  # what the file has beside its rows
    colors: Mapping[str, str]  # of new labels, by the normal form of a name

    @cached_property
    def turns(self) -> int:
        """Return how many turns there are: two for each row, and for a file without rows that has something else."""
        return 2 * (len(self.rows) or bool(self.content.labels or self.content.project or self.content.views))


def run_due(*, seconds: float = BUDGET) -> bool:
    """Work on the imports that wait, for `seconds` at most; return whether more may be waiting."""
    until = time.monotonic() + seconds

    def work(job: ImportJob) -> bool:
        with request_id_of(job.request_id):
            return _work_on(job, until=until)

    return leases.work_off(QUEUE, work, seconds=seconds)


def _work_on(job: ImportJob, *, until: float) -> bool:
    """Do part after part; return False when time was up before the end."""
    if job.attempts > MAX_ATTEMPTS:
        _finish(job, ImportState.FAILED, job.error or "The worker ended each time before a part was done.")
        return True
    try:
        planned = make_plan(job)
        while _do_part(job, planned):
            fault_point("import.part_committed")
            if time.monotonic() > until:
                leases.held(QUEUE, job).update(lease=None, next_attempt_at=database_now())
                return False
    except DomainError as error:  # the project is gone or archived, the role is lost, the file cannot be read
        _finish(job, ImportState.FAILED, error.detail)
        return True
    except Exception as error:
        logger.exception("Import %s broke off, attempt %s", job.pk, job.attempts)
        if job.attempts >= MAX_ATTEMPTS:
            _finish(job, ImportState.FAILED, type(error).__name__)
        else:
            leases.postpone(QUEUE, job, "error = %(error)s", error=type(error).__name__)
        return True
    _finish(job, ImportState.DONE)
    return True


def make_plan(job: ImportJob) -> Plan:
    """Read and judge the job's file. Raises FileNotFoundError when it is gone, ValidationError at /file."""
    members = Membership.objects.filter(project_id=job.project_id) if job.project_id else Membership.objects.none()
    zones = dict(members.values_list("user_id", "user__timezone"))
    zones.setdefault(job.created_by_id, job.created_by.timezone)
    judge = Judge(job.mapping, importer_id=job.created_by_id, zones=zones, now=job.created_at)
    content = stored_content(job)
    rows = [judge.judge(item) for item in items_of(content, job.mapping["columns"])]
    ids = {row.external_id for row in rows}
    known = _depths(job, {row.parent for row in rows} - ids)
    plan(rows, known=known, present=_present(job, {*named_in(rows)} - ids))
    beside = replace(content, cells=(), items=())
    return Plan(judge, rows, beside, label_colors(content, job.mapping["labels"]))


def _depths(job: ImportJob, parents: set[str]) -> dict[str, int]:
    if job.project_id is None:
        return {}
    found = Task.objects.kept().filter(
        project_id=job.project_id, external_source=job.source, external_id__in=parents - {""}, archived_at=None
    )
    return {str(external): measures(pk)[0] for external, pk in found.values_list("external_id", "pk")}


def _present(job: ImportJob, external_ids: set[str]) -> set[str]:
    if job.project_id is None or not external_ids:
        return set()
    there = Task.objects.kept().filter(project_id=job.project_id, external_source=job.source)
    return {str(found) for found in there.filter(external_id__in=external_ids).values_list("external_id", flat=True)}


def door_of(job: ImportJob) -> Door:
    """Return the door of an import: narrowed as the requests of the token are that began it."""
    return door_for(Origin.IMPORT, user_id=job.created_by_id, token_id=job.token_id)


@write
def _do_part(job: ImportJob, planned: Plan) -> bool:
    """Give the next rows a turn, in one transaction with the progress; return whether there were any."""
    row = leases.held(QUEUE, job).select_for_update(of=("self",)).select_related("created_by").first()
    if row is None or row.cursor >= _turns(row, planned):
        return False
    of_one_turn = planned.turns // 2
    first = row.cursor % of_one_turn
    rows = planned.rows[first : first + AT_ONCE]
    is_second = row.cursor >= of_one_turn
    if is_second and needs_graph(rows):
        lock_graph()  # before the project (L1)
    batch = RunningBatch(row.batch_id, former=row.former) if row.batch_id else RunningBatch()
    with acting_through(door_of(row)), acting_in(batch), transaction.atomic():
        project = _project(row, planned)
        if row.cursor == 0:
            warnings = make_labels(row, project, planned.content, planned.judge)
            row.analysis = {**row.analysis, "warnings_of_run": warnings}
        if is_second:
            kept = Linker(row, project, planned.judge).link(rows)
            if row.cursor + (len(rows) or 1) >= planned.turns:
                warnings = make_views(row, project, planned.content, planned.judge)
                row.analysis["warnings_of_run"] = [*row.analysis.get("warnings_of_run", []), *warnings]
        else:
            kept = Writer(row, project, colors=planned.colors).first_turn(rows)
        transaction.set_rollback(row.dry_run)
    _keep(row, kept, is_second=is_second, former=batch.former)
    row.cursor += len(rows) or 1
    row.attempts, row.error = 0, ""
    if row.dry_run:
        row.project_id = job.project_id
    job.project_id = row.project_id
    row.save(update_fields=["project", "cursor", "attempts", "error", "result", "former", "analysis"])
    leases.renew(QUEUE, row)
    fault_point("import.part_written")
    return True


def _turns(job: ImportJob, planned: Plan) -> int:
    """Return how many turns the rows have: in a dry run there are no tasks for a second one."""
    return planned.turns // 2 if job.dry_run else planned.turns


def _project(job: ImportJob, planned: Plan) -> Project:
    """Return the locked project, after asking again whether the importer may; a new one is made for the first part."""
    if job.project_id is None:
        job.project_id = make_project(job, planned.content.project, planned.judge).pk
    project = lock_project_as(job.created_by, job.project_id, Capability.MANAGE_PROJECT)
    require_active(project)
    return project


def _keep(job: ImportJob, kept: Sequence[ImportRow], *, is_second: bool, former: dict[str, dict[str, object]]) -> None:
    if is_second:
        ImportRow.objects.bulk_update(kept, ["warnings"])
        return
    for row in kept:
        if job.dry_run and row.result in (RowResult.CREATED, RowResult.UPDATED):
            row.task_id = None if row.result == RowResult.CREATED else row.task_id
            row.written = {}
    ImportRow.objects.bulk_create(kept)
    totals = {**NO_RESULT, **job.result}
    for row in kept:
        totals[row.result] += 1
    job.result = totals
    if not job.dry_run:
        job.former = former


@write
def _finish(job: ImportJob, state: ImportState, error: str = "") -> None:
    """End a run that is ours; a real one that changed something is kept as a batch, and the importer is notified."""
    row = leases.held(QUEUE, job).select_for_update(of=("self",)).select_related("created_by").first()
    if row is None:
        return
    row.state = ImportState.ANALYSED if row.dry_run and state == ImportState.DONE else state
    row.lease, row.error, row.finished_at = None, error[:500], timezone.now()
    row.result = {**NO_RESULT, **row.result}
    row.save(update_fields=["state", "lease", "error", "finished_at", "result"])
    if row.dry_run:
        return
    changed = row.result[RowResult.CREATED] + row.result[RowResult.UPDATED]
    if changed and row.project_id is not None and row.batch_id is not None:
        batch = RunningBatch(row.batch_id, former=row.former)
        with acting_through(door_of(row)), acting_in(batch), suppress(DomainError):
            counts = {name: (None, number) for name, number in row.result.items() if number}
            event = Event(type=EventType.IMPORT_FINISHED, object_id=row.pk, changes=counts)
            record_event(row.project_id, event, actor_id=row.created_by_id)
            keep_changes(batch, actor=row.created_by, action=Action.IMPORT, mode=Mode.BEST_EFFORT, changed=changed)
    notify_requester(messages.ImportReady, row, name="import")
