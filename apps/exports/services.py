"""The only door through which exports are asked for, built and dropped."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from apps.common.background import leases
from apps.common.background.nudge import nudge
from apps.common.background.purging import purge
from apps.common.dates.clock import database_now
from apps.common.errors import ForbiddenError, NotFoundError
from apps.common.monitoring.request_id import current_request_id, request_id_of
from apps.common.origin import current_door
from apps.common.transactions import write
from apps.exports import messages
from apps.exports.archive import Sink
from apps.exports.content import write_export
from apps.exports.models import Export, ExportScope, ExportState
from apps.notifications.services import notify_requester
from apps.projects.roles import Capability
from apps.projects.services import lock_project_as
from apps.tasks.attachments import storage
from apps.tasks.attachments.files_of_rows import delete_with_files, remove_strays
from apps.tasks.locking import unknown_project
from apps.users.models import User

logger = logging.getLogger(__name__)

BUILD = "exports.build"
FOLDER = "exports"
QUEUE = leases.Queue(Export, open="state = 'pending'")
MAX_ATTEMPTS = 5
BUDGET = 60.0  # seconds; then the job ends and asks to be woken again
MARGIN = timedelta(seconds=30)  # of a lease beyond the longest time that a job may take
STRAY_PATIENCE = timedelta(hours=1)


@write
def request_export(*, actor: User, scope: str, project_id: int | None, with_files: bool) -> Export:
    """Ask for an export of a project, or of the actor's account, as it is when a worker comes to it.

    Raises ValidationError for a project that the actor does not see, ForbiddenError for one that they do not
    administer, and for the account when an API token asks.
    """
    if scope == ExportScope.ACCOUNT and current_door().token_id is not None:
        raise ForbiddenError("The export of an account is not for API tokens: log in.", code="not_for_tokens")
    if project_id is not None:
        try:
            lock_project_as(actor, project_id, Capability.MANAGE_PROJECT)
        except NotFoundError:
            raise unknown_project() from None
    export = Export.objects.create(
        created_by=actor,
        scope=scope,
        project_id=project_id,
        with_files=with_files,
        request_id=current_request_id(),
    )
    nudge(BUILD)
    return export


@write
def delete_export(*, export: Export) -> None:
    """Delete an export and its file; one that is being built comes to nothing."""
    delete_with_files(Export.objects.filter(pk=export.pk))


def delete_exports_of(user: User) -> None:
    """Delete the exports of an account that is closing, in its transaction."""
    delete_with_files(Export.objects.filter(created_by=user))


def build_due(*, seconds: float = BUDGET) -> bool:
    """Build the exports that wait, for `seconds` at most; return whether more may be waiting."""

    def build(export: Export) -> bool:
        with request_id_of(export.request_id):
            _build(export)
        return True

    return leases.work_off(QUEUE, build, seconds=seconds)


def _build(export: Export) -> None:
    if export.attempts > MAX_ATTEMPTS:
        _give_up(export, "The worker ended each time before the export was done.")
        return
    # A snapshot cannot renew the lease on its way; a worker that dies loses it at once all the same.
    longest = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT) + MARGIN
    leases.held(QUEUE, export).update(next_attempt_at=database_now() + longest)
    storage_name = storage.new_name(FOLDER)
    try:
        is_kept = _finish(export, _written(export, storage_name))
    except Exception as error:
        logger.exception("Export %s could not be built, attempt %s", export.pk, export.attempts)
        storage.remove(storage_name)
        _put_off(export, type(error).__name__)
        return
    if not is_kept:
        storage.remove(storage_name)


def _written(export: Export, storage_name: str) -> storage.IncomingFile:
    """Write the file and give it its place in the storage."""
    storage.require_room(0)
    target = storage.IncomingFile(storage_name)
    try:
        write_export(export, Sink(target))
        target.seal()
        target.place()
    finally:
        target.close()
    return target


@write
def _finish(export: Export, file: storage.IncomingFile) -> bool:
    """Keep the file and notify whoever asked for it; False when the claim has passed on, or the row is gone."""
    now = database_now()
    finished = leases.held(QUEUE, export).update(
        state=ExportState.READY,
        lease=None,
        storage_name=file.storage_name,
        size=file.size,
        sha256=file.sha256,
        error="",
        finished_at=now,
        expires_at=now + timedelta(hours=settings.EXPORT_HOURS),
    )
    if finished:
        notify_requester(messages.ExportReady, export, name="export")
    return bool(finished)


def _put_off(export: Export, error: str) -> None:
    if export.attempts >= MAX_ATTEMPTS:
        _give_up(export, error)
        return
    leases.postpone(QUEUE, export, "error = %(error)s", error=error)


def _give_up(export: Export, error: str) -> None:
    leases.held(QUEUE, export).update(state=ExportState.FAILED, lease=None, finished_at=database_now(), error=error)


def purge_exports(*, now: datetime) -> int:
    """Take the files of exports past EXPORT_HOURS, and drop rows older than BATCH_DAYS; return how many files went.

    Files without a row (of projects that were erased, of builds that broke off) go as well.
    """
    removed = sum(_expire(export) for export in Export.objects.outlived(now=now).order_by("pk"))
    oldest = now - timedelta(days=settings.BATCH_DAYS)
    over = Export.objects.exclude(state__in=(ExportState.PENDING, ExportState.READY))
    purge(over.filter(created_at__lt=oldest).order_by("created_at"))
    return removed + remove_strays(FOLDER, Export.objects.all(), before=now - STRAY_PATIENCE)


@write
def _expire(export: Export) -> bool:
    """Give up the file of an export: the row first, so that nobody is sent a part of it."""
    expired = Export.objects.filter(pk=export.pk, state=ExportState.READY).update(
        state=ExportState.EXPIRED, storage_name=""
    )
    if expired:
        transaction.on_commit(lambda: storage.remove(export.storage_name), robust=True)
    return bool(expired)
