"""Celery entry points of tasks and their files; a job is background work, a task is the domain object."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from apps.common.background.nudge import nudge
from apps.common.dates.clock import database_now
from apps.common.monitoring.heartbeat import beat
from apps.tasks.attachments import services
from apps.tasks.bulk import background
from apps.tasks.queries import newest
from apps.tasks.reminders import scan
from apps.tasks.trash.services import purge_due


@shared_task(name="tasks.remind")
def remind() -> None:
    """Send the reminders that are due."""
    beat("tasks.remind")
    scan.remind(now=database_now())


@shared_task(name=background.RUN)
def run_batches() -> bool:
    """Work on the batches that wait; return whether there is more."""
    beat(background.RUN)
    more = background.run_due()
    if more:
        nudge(background.RUN)
    return more


@shared_task(name="trash.purge")
def purge_trash() -> None:
    """Erase what has been in the trash for its time."""
    beat("trash.purge")
    purge_due(now=database_now())


@shared_task(name="tasks.log_newest")
def log_newest() -> None:
    """Log the newest tasks of the person that TASK_LOG_USER_ID names."""
    beat("tasks.log_newest")
    newest.log_newest(user_id=settings.TASK_LOG_USER_ID)


@shared_task(name="tasks.clean_files")
def clean_files() -> None:
    """Remove what broke off, expired or has no row."""
    beat("tasks.clean_files")
    services.clean_files()


@shared_task(name="tasks.remove_files")
def remove_files() -> None:
    """Remove the files that were marked as deleting; woken by a deletion."""
    beat("tasks.remove_files")
    services.remove_deleted()
