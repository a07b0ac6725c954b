"""The Celery application: jobs of all apps, configured from Django's settings."""

import os
from typing import Any

from celery import Celery, Task, signals
from celery.worker.request import Request

from config import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class JobRequest(Request):
    """Lets an acknowledgement that fails end the connection to the broker, which is then opened anew.

    Celery logs it and goes on, but the message counts as fetched for ever: with a prefetch of one
    such a worker takes no further message (seen when Redis froze for 12 s).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"connection_errors": None})


class Job(Task):
    """The base of all jobs."""

    Request = JobRequest


app = Celery("taskhouse", task_cls=Job)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")
heartbeat.connect()


def _start_telemetry(**_: Any) -> None:
    from config import telemetry

    telemetry.start()


signals.worker_process_init.connect(_start_telemetry)


def _compile_templates(**_: Any) -> None:
    from apps.common.web.templates_ahead import compile_templates

    compile_templates()


signals.worker_init.connect(_compile_templates)  # before its processes are forked, which share them
