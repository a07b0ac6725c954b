"""The command `print_tasks` and the job that Beat may run."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from apps.projects.tests.factories import ProjectFactory
from apps.tasks.jobs import log_newest
from apps.tasks.tests.factories import TaskFactory

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def tasks(project, owner, member):
    for hours in range(6):
        TaskFactory(
            project=project, title=f"Task {hours}", assigned_to=member, created_at=NOON + timedelta(hours=hours)
        )
    TaskFactory(project=project, title="of the owner alone")
    TaskFactory(project=ProjectFactory(), title="not visible", created_by=member)
    TaskFactory(project=project, title="archived", assigned_to=member, archived_at=NOON)


def test_once_logs_the_four_newest_tasks(tasks, member, caplog):
    with caplog.at_level(logging.INFO, "apps.tasks.queries.newest"):
        call_command("print_tasks", user=member.pk, once=True)

    assert caplog.messages == [
        "member: 4 newest tasks",
        "WEB-6 Task 5 [todo, medium]",
        "WEB-5 Task 4 [todo, medium]",
        "WEB-4 Task 3 [todo, medium]",
        "WEB-3 Task 2 [todo, medium]",
    ]


def test_the_limit_and_the_file_are_kept(tasks, member, tmp_path):
    path = tmp_path / "tasks.log"
    for _ in range(2):
        call_command("print_tasks", user=member.pk, once=True, limit=1, log_file=path)

    lines = path.read_text().splitlines()
    assert [line.split(" ", 2)[2] for line in lines] == ["member: 1 newest tasks", "WEB-6 Task 5 [todo, medium]"] * 2


def test_a_title_cannot_forge_a_line(project, owner, caplog):
    TaskFactory(project=project, title="one\nERROR two\x1b[31m")

    with caplog.at_level(logging.INFO, "apps.tasks.queries.newest"):
        call_command("print_tasks", user=owner.pk, once=True)

    assert caplog.messages[1] == "WEB-1 one ERROR two [31m [todo, medium]"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_logs_again_and_again_until_a_signal(tasks, member, caplog, number):
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]

    def stop():
        for _ in range(600):
            if caplog.messages.count("member: 1 newest tasks") >= 2:
                break
            time.sleep(0.1)
        os.kill(os.getpid(), number)

    threading.Thread(target=stop, daemon=True).start()

    with caplog.at_level(logging.INFO, "apps.tasks.queries.newest"):
        call_command("print_tasks", user=member.pk, interval=0.1, limit=1)

    assert caplog.messages.count("member: 1 newest tasks") >= 2
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == handlers


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"user": 10**9, "once": True}, "no user"),
        ({"user": 1, "interval": 0}, "positive"),
        ({"user": 1, "limit": 0}, "positive"),
        ({"user": 1, "log_file": "/nonexistent/x.log"}, "Cannot write"),
    ],
)
@pytest.mark.django_db
def test_what_cannot_work_is_said(options, message):
    with pytest.raises(CommandError, match=message):
        call_command("print_tasks", **options)


def test_the_job_logs_for_the_person_in_the_settings(tasks, member, caplog, settings):
    settings.TASK_LOG_USER_ID = member.pk

    with caplog.at_level(logging.INFO, "apps.tasks.queries.newest"):
        log_newest()

    assert caplog.messages[0] == "member: 4 newest tasks"
