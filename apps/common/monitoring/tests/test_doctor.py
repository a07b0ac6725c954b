"""The advice of `doctor` can be followed where it is given."""

from __future__ import annotations

import pytest
from django.db.migrations.executor import MigrationExecutor

from apps.common.models import Heartbeat
from apps.common.monitoring import doctor_checks


@pytest.fixture
def _broken(db, monkeypatch):
    """An installation in which nothing is migrated and no Celery process runs."""
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: ["0099_pretended"])
    monkeypatch.setattr(doctor_checks, "WORKER_SECONDS", 0.01)
    Heartbeat.objects.all().delete()


@pytest.mark.parametrize(
    ("local", "migrate", "worker", "beat"),
    [
        (True, "`./scripts/manage migrate`", "`./scripts/run`", "`./scripts/manage sweep --loop`"),
        (False, "`manage.py migrate`", "`celery -A config worker`", "`manage.py sweep --loop`"),
    ],
)
@pytest.mark.usefixtures("_broken")
def test_advice_names_commands_that_are_there(settings, local, migrate, worker, beat):
    """FIRST-HOUR, the operator's round: nobody has manage.py on PATH beside scripts/run."""
    settings.LOCAL_STACK = local

    fixes = {
        finding.check: finding.fix
        for check in (doctor_checks.database, doctor_checks.worker, doctor_checks.beat)
        for finding in check()
    }

    assert migrate in fixes["migrations"]
    assert worker in fixes["worker"]
    assert beat in fixes["beat"]
    assert local == ("./scripts/run" in fixes["beat"])
