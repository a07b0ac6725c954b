"""App configuration."""

from celery.signals import worker_init
from django.apps import AppConfig
from django.db.backends.signals import connection_created


class CommonConfig(AppConfig):
    name = "apps.common"
    label = "common"

    def ready(self) -> None:
        # The checks register themselves.
        from apps.common import checks  # noqa: F401
        from apps.common.admin import installation  # noqa: F401
        from apps.common.monitoring import doctor_checks, gauges, job_runs, requests  # noqa: F401

        connection_created.connect(requests.observe_statements)
        gauges.register()
        worker_init.connect(job_runs.connect, weak=False)
