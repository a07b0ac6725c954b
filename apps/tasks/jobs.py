"""Celery entry points of tasks and their files."""

from __future__ import annotations

from celery import shared_task

from apps.common.heartbeat import beat
from apps.tasks import file_services


@shared_task(name="tasks.clean_files")
def clean_files() -> None:
    """Remove what broke off, expired or has no row."""
    beat("tasks.clean_files")
    file_services.clean_files()


@shared_task(name="tasks.remove_files")
def remove_files() -> None:
    """Remove the files that were marked as deleting; woken by a deletion."""
    file_services.remove_deleted()
