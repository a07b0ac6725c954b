"""Schedule, registered jobs, heartbeats and the operators' table of jobs agree (rule O1)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.core.management import call_command

from apps.common.models import Heartbeat
from apps.users.tests.factories import UserFactory
from config.schedule import INTERVALS

OPERATIONS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
# In the schedule only where a setting asks for them
WITH_A_SETTING = {"tasks.log_newest", "events.relay"}
ROW = re.compile(r"^\| `([a-z_]+\.[a-z_]+)` \| (.+?) \|", re.MULTILINE)


def registered() -> set[str]:
    current_app.loader.import_default_modules()
    return {name for name in current_app.tasks if not name.startswith("celery.")}


def scheduled() -> set[str]:
    return {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


def documented() -> dict[str, str]:
    """Return {job: interval} of the table in docs/operations.md."""
    section = OPERATIONS.read_text().split("\n## Jobs\n")[1].split("\n## ")[0]
    return dict(ROW.findall(section))


def test_every_job_of_the_schedule_is_registered():
    assert scheduled() - registered() == set()


def test_every_job_that_nothing_schedules_is_documented_with_what_wakes_it():
    unscheduled = registered() - scheduled() - WITH_A_SETTING

    assert {name for name in unscheduled if not documented().get(name, "").startswith("only woken")} == set()


def test_the_table_for_operators_names_every_job_and_no_other():
    assert set(documented()) == registered()


def test_the_documented_intervals_are_the_settings_that_the_schedule_reads():
    read = {job: f"`{name}`" for job, (name, _) in INTERVALS.items()}

    assert read == {job: interval for job, interval in documented().items() if interval[0] == "`"}
    assert read.keys() - WITH_A_SETTING == scheduled() - WITH_A_SETTING


@pytest.fixture
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_files")
def test_every_job_writes_its_heartbeat(settings):
    settings.TASK_LOG_USER_ID = UserFactory().pk

    for name in registered():
        current_app.tasks[name]()

    assert set(Heartbeat.objects.values_list("name", flat=True)) >= registered()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_files")
def test_sweep_runs_the_whole_schedule_and_ends_with_0():
    call_command("sweep")  # raises SystemExit(1) when a job fails

    assert set(Heartbeat.objects.values_list("name", flat=True)) >= scheduled()
