"""The only door through which reports are asked for, built and dropped."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings

from apps.common.background import leases
from apps.common.background.nudge import nudge
from apps.common.background.purging import purge
from apps.common.dates.clock import database_now
from apps.common.faults import declare, fault_point
from apps.common.monitoring.request_id import current_request_id, request_id_of
from apps.common.transactions import write
from apps.notifications.services import notify_requester
from apps.projects.roles import Capability
from apps.projects.services import lock_project_as
from apps.reports import messages
from apps.reports.content import Content, build_content
from apps.reports.models import Report, ReportStatus
from apps.users.models import User

logger = logging.getLogger(__name__)

declare("report.claimed", "report.built", "report.marked")

BUILD = "reports.build"
QUEUE = leases.Queue(Report, open="status = 'pending'")
MAX_ATTEMPTS = 5
BUDGET = 60.0  # seconds; then the job ends and asks to be woken again


@write
def request_report(*, actor: User, project_id: int) -> Report:
    """Ask for a report of the project as it is when a worker comes to it; archived projects too."""
    lock_project_as(actor, project_id, Capability.WRITE_TASKS)
    report = Report.objects.create(project_id=project_id, created_by=actor, request_id=current_request_id())
    nudge(BUILD)
    return report


def build_due(*, seconds: float = BUDGET) -> bool:
    """Build the reports that wait, for `seconds` at most; return whether more may be waiting."""

    def build(report: Report) -> bool:
        with request_id_of(report.request_id):
            _build(report)
        return True

    return leases.work_off(QUEUE, build, seconds=seconds)


def _build(report: Report) -> None:
    if report.attempts > MAX_ATTEMPTS:
        _give_up(report, "The worker ended each time before the report was done.")
        return
    fault_point("report.claimed")
    try:
        content = build_content(report.project_id, now=database_now())
    except Exception as error:
        logger.exception("Report %s could not be built, attempt %s", report.pk, report.attempts)
        _put_off(report, type(error).__name__)
        return
    fault_point("report.built")
    _finish(report, content)
    fault_point("report.marked")


@write
def _finish(report: Report, content: Content) -> None:
    """Keep the content and notify whoever ordered it, unless the claim has passed on or the project is gone."""
    finished = leases.held(QUEUE, report).update(
        status=ReportStatus.READY,
        lease=None,
        summary=content.summary,
        content=content.table,
        finished_at=database_now(),
        error="",
    )
    if finished:
        notify_requester(messages.ReportReady, report, name="report")


def _put_off(report: Report, error: str) -> None:
    if report.attempts >= MAX_ATTEMPTS:
        _give_up(report, error)
        return
    leases.postpone(QUEUE, report, "error = %(error)s", error=error)


def _give_up(report: Report, error: str) -> None:
    leases.held(QUEUE, report).update(status=ReportStatus.FAILED, lease=None, finished_at=database_now(), error=error)


@write
def build_again(report_ids: list[int]) -> int:
    """Let failed reports be built once more; return how many there were."""
    again = Report.objects.filter(pk__in=report_ids, status=ReportStatus.FAILED).update(
        status=ReportStatus.PENDING, attempts=0, lease=None, error="", finished_at=None, next_attempt_at=database_now()
    )
    nudge(BUILD)
    return again


def purge_reports(*, now: datetime) -> int:
    """Delete reports older than REPORT_RETENTION_DAYS (0 keeps all) in batches; return how many."""
    if not settings.REPORT_RETENTION_DAYS:
        return 0
    oldest = now - timedelta(days=settings.REPORT_RETENTION_DAYS)
    return purge(Report.objects.filter(created_at__lt=oldest).order_by("created_at"))
