"""The only door through which imports are begun, changed, run, undone and dropped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from apps.batches.models import Action, Batch, State
from apps.common.background.nudge import nudge
from apps.common.background.purging import purge
from apps.common.dates.clock import database_now
from apps.common.errors import ConflictError, GoneError, NotFoundError, PayloadTooLargeError, ValidationError
from apps.common.monitoring.request_id import current_request_id
from apps.common.origin import current_door, require_all_projects
from apps.common.transactions import write
from apps.common.uuid7 import uuid7
from apps.imports.judging.mapping import missing_of
from apps.imports.models import ImportJob, ImportRow, ImportState
from apps.imports.reading import AUTO, analysed, proposed_mapping, read_bytes, source_of, stored_file
from apps.imports.writing.running import QUEUE, RUN
from apps.projects.models import Membership
from apps.projects.roles import Capability
from apps.projects.services import lock_project_as, require_active
from apps.tasks.attachments import storage
from apps.tasks.attachments.files_of_rows import delete_with_files, remove_strays
from apps.tasks.bulk.background import undo as undo_batch
from apps.tasks.locking import unknown_project
from apps.users.models import User

__all__ = ["QUEUE", "begin", "change", "delete_import", "delete_imports_of", "purge_imports", "run", "undo"]

FOLDER = "imports"
STRAY_PATIENCE = timedelta(hours=1)
NO_PERSON = "A person is mapped to a member of the project, or null."


@write
def begin(
    *, actor: User, data: bytes, file_name: str, source: str, project_id: int | None, encoding: str = ""
) -> ImportJob:
    """Keep and analyse a file, of the `source` that it looks like if that is `auto`; nothing is imported yet.

    A text is read in this `encoding`, one of ENCODINGS, or in the one that it seems to have. Raises ValidationError
    at /project for one that the actor does not see, at /file for what cannot be read, at /encoding for an archive,
    ForbiddenError below admin, ConflictError `project_archived`, PayloadTooLargeError over IMPORT_MAX_BYTES.
    """
    if len(data) > settings.IMPORT_MAX_BYTES:  # parsers look at the announced length, which has room for the frame
        raise PayloadTooLargeError(f"The file is larger than {settings.IMPORT_MAX_BYTES} bytes.")
    if project_id is None:
        require_all_projects()
    else:
        try:
            require_active(lock_project_as(actor, project_id, Capability.MANAGE_PROJECT))
        except NotFoundError:
            raise unknown_project() from None
    file = read_bytes(data, encoding)
    _require_text(file.encoding, encoding)
    source = source_of(file.data) if source == AUTO else source
    found, columns = analysed(file, source)
    storage_name = storage.new_name(FOLDER)
    _store(storage_name, data)
    return ImportJob.objects.create(
        created_by=actor,
        token_id=current_door().token_id,
        project_id=project_id,
        source=source,
        file_name=file_name[:255],
        storage_name=storage_name,
        mapping=proposed_mapping(found, columns, actor=actor, project_id=project_id),
        analysis=found,
        request_id=current_request_id(),
    )


@write
def change(
    *, job: ImportJob, mapping: Mapping[str, Any] | None = None, encoding: str = "", **options: Any
) -> ImportJob:
    """Set parts of the mapping, and `on_existing` and `notify`; other columns make a new proposal of the words.

    Another `encoding`, one of ENCODINGS, makes a new proposal of all. Raises NotFoundError, ConflictError
    `import_state`, GoneError when the file is gone, ValidationError at /mapping, and at /encoding for an archive.
    """
    row = _locked(job, ImportState.ANALYSED)
    mapping = mapping or {}
    if encoding and encoding != row.encoding:
        _require_text(row.encoding, encoding)
        try:
            row.analysis, columns = _analysed_again(row, encoding=encoding)
        except ValidationError as error:
            raise ValidationError.at("/encoding", "invalid", error.errors[0].detail) from None
        row.mapping = proposed_mapping(row.analysis, columns, actor=row.created_by, project_id=row.project_id)
    if "columns" in mapping and mapping["columns"] != row.mapping["columns"]:
        found, columns = _analysed_again(row, columns={**row.mapping["columns"], **mapping["columns"]})
        fresh = proposed_mapping(found, columns, actor=row.created_by, project_id=row.project_id)
        row.mapping = {
            name: fresh[name] | {word: value for word, value in row.mapping[name].items() if word in fresh[name]}
            for name in fresh
        } | {"columns": columns}
        row.analysis = found
    for name, values in mapping.items():
        if name != "columns":
            row.mapping[name] = row.mapping[name] | dict(values)
    _require_members(row, mapping.get("people", {}))
    for name, value in options.items():
        setattr(row, name, value)
    row.save(update_fields=["mapping", "analysis", "on_existing", "notify"])
    return row


@write
def run(*, job: ImportJob, dry_run: bool) -> ImportJob:
    """Let a worker import the file, or try it out.

    Raises NotFoundError, ConflictError `import_state`, also while another import of the project runs, or
    `mapping_incomplete` with what is `missing`.
    """
    row = _locked(job, ImportState.ANALYSED)
    has_columns = bool(row.analysis["columns"])
    if missing := missing_of(row.mapping, row.analysis, has_columns=has_columns):
        text = "Something that a run needs is not mapped yet."
        raise ConflictError(text, code="mapping_incomplete", extra={"missing": missing})
    if row.project_id is not None:
        require_active(lock_project_as(row.created_by, row.project_id, Capability.MANAGE_PROJECT))
        _require_nothing_taken_back(row.project_id)
    ImportRow.objects.filter(job=row).delete()
    row.state, row.dry_run, row.cursor, row.result, row.former = ImportState.RUNNING, dry_run, 0, {}, {}
    row.batch_id = None if dry_run else uuid7()
    row.attempts, row.next_attempt_at, row.lease, row.error, row.finished_at = 0, database_now(), None, "", None
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise _in_state("Another import of this project is running.", ImportState.RUNNING) from None
    nudge(RUN)
    return row


def _require_nothing_taken_back(project_id: int) -> None:
    """Raise ConflictError while a worker undoes an import of the project: a row would be judged by what goes away."""
    undone = ImportJob.objects.filter(project=project_id, state=ImportState.UNDONE, batch_id__isnull=False)
    under_way = Batch.objects.filter(
        pk__in=undone.values("batch_id"), undone_by__state__in=[State.PENDING, State.RUNNING]
    )
    if under_way.exists():
        raise _in_state("An import of this project is being taken back.", ImportState.RUNNING)


@write
def undo(*, job: ImportJob) -> ImportJob:
    """Take back what an import has done, as far as nobody has changed it since (IM10).

    Raises NotFoundError, ConflictError `import_state`, or `not_undoable` with its `reason`.
    """
    row = _locked(job, ImportState.DONE, ImportState.FAILED)
    batch = row.batch
    if batch is None or batch.action != Action.IMPORT:
        text = "The import has changed nothing."
        raise ConflictError(text, code="not_undoable", extra={"reason": "nothing"})
    undo_batch(actor=row.created_by, batch=batch)
    row.state = ImportState.UNDONE
    row.save(update_fields=["state"])
    return row


@write
def delete_import(*, job: ImportJob) -> None:
    """Delete an import with its file and its rows; tasks stay. One that is running ends with the part it is at."""
    delete_with_files(ImportJob.objects.filter(pk=job.pk))


def delete_imports_of(user: User) -> None:
    """Delete the imports of an account that is closing, in its transaction."""
    delete_with_files(ImportJob.objects.filter(created_by=user))


def purge_imports(*, now: datetime) -> int:
    """Drop imports older than BATCH_DAYS with their files, and files without an import; return how many files went."""
    oldest = now - timedelta(days=settings.BATCH_DAYS)
    removed = 0
    over = ImportJob.objects.exclude(state=ImportState.RUNNING).filter(created_at__lt=oldest)
    names = list(over.exclude(storage_name="").values_list("storage_name", flat=True))
    purge(over.order_by("created_at"))
    for name in names:
        if not ImportJob.objects.filter(storage_name=name).exists():
            storage.remove(name)
            removed += 1
    return removed + remove_strays(FOLDER, ImportJob.objects.all(), before=now - STRAY_PATIENCE)


def _analysed_again(
    job: ImportJob, *, columns: Mapping[str, str] | None = None, encoding: str = ""
) -> tuple[dict[str, Any], dict[str, str]]:
    try:
        return analysed(stored_file(job, encoding), job.source, columns)
    except FileNotFoundError:
        raise GoneError("The file of the import is gone.", code="import_expired") from None


def _require_text(found: str | None, wanted: str) -> None:
    if wanted and found is None:
        raise ValidationError.at("/encoding", "invalid", "An archive has no character set.")


def _locked(job: ImportJob, *states: ImportState) -> ImportJob:
    rows = ImportJob.objects.select_for_update(of=("self",)).select_related("created_by")
    row = rows.filter(pk=job.pk).first()
    if row is None:
        raise NotFoundError
    if row.state not in states:
        verb = "has" if row.state == ImportState.FAILED else "is"
        raise _in_state(f"The import {verb} {row.state}.", ImportState(row.state))
    return row


def _in_state(text: str, state: ImportState) -> ConflictError:
    return ConflictError(text, code="import_state", extra={"state": state.value})


def _require_members(job: ImportJob, people: Mapping[str, int | None]) -> None:
    wanted = {person for person in people.values() if person is not None}
    known = {job.created_by_id}
    if job.project_id is not None:
        known = set(Membership.objects.filter(project_id=job.project_id).values_list("user_id", flat=True))
    if wanted - known:
        raise ValidationError.at("/mapping/people", "not_a_member", NO_PERSON)


def _store(storage_name: str, data: bytes) -> None:
    storage.require_room(len(data))
    target = storage.IncomingFile(storage_name)
    try:
        target.write(data)
        target.seal()
        target.place()
    finally:
        target.close()
