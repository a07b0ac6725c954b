"""The Celery application: jobs of all apps, configured from Django's settings."""

import os
from typing import Any

from celery import Celery, signals

from config import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("taskhouse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")
heartbeat.connect()


def _start_telemetry(**_: Any) -> None:
    from config import telemetry

    telemetry.start()


signals.worker_process_init.connect(_start_telemetry)
