"""When the periodic jobs run; every name is one of a registered job."""

from __future__ import annotations

from typing import Any

from config.env import env

PURGE = ("SCHEDULE_PURGE_SECONDS", 3_600)
# Job -> the setting with its seconds, and how many they are without it
INTERVALS: dict[str, tuple[str, float]] = {
    "notifications.deliver": ("SCHEDULE_DELIVER_SECONDS", 10),
    "tasks.remind": ("SCHEDULE_REMIND_SECONDS", 60),
    "reports.build": ("SCHEDULE_REPORTS_SECONDS", 30),
    "tasks.clean_files": ("SCHEDULE_CLEAN_FILES_SECONDS", 300),
    "batches.run": ("SCHEDULE_BATCHES_SECONDS", 10),
    "exports.build": ("SCHEDULE_BATCHES_SECONDS", 10),
    "imports.run": ("SCHEDULE_BATCHES_SECONDS", 10),
    "events.relay": ("SCHEDULE_RELAY_SECONDS", 5),
    "webhooks.fan_out": ("SCHEDULE_WEBHOOKS_SECONDS", 10),
    "webhooks.deliver": ("SCHEDULE_WEBHOOKS_SECONDS", 10),
    "users.purge": PURGE,
    "users.token_expiry": PURGE,
    "notifications.purge": PURGE,
    "common.purge_idempotency_keys": PURGE,
    "projects.purge_activity": PURGE,
    "trash.purge": PURGE,
    "batches.purge": PURGE,
    "events.purge": PURGE,
    "exports.purge": PURGE,
    "imports.purge": PURGE,
    "reports.purge": PURGE,
    "webhooks.purge": PURGE,
}


def beat_schedule(*, has_sink: bool, logs_tasks: bool) -> dict[str, dict[str, Any]]:
    """Return Celery's schedule; `has_sink` says whether events are relayed, `logs_tasks` whether tasks are logged."""
    jobs = {job: env.float(*setting) for job, setting in INTERVALS.items() if has_sink or job != "events.relay"}
    if logs_tasks:
        jobs["tasks.log_newest"] = 60
    # A message that waited longer than its interval is worth nothing: the next one is there
    return {
        job: {"task": job, "schedule": seconds, "options": {"expires": max(seconds, 5)}}
        for job, seconds in jobs.items()
    }
