"""The job `reports.build`: claims, retries, gives up, notifies."""

from __future__ import annotations

import time
import tracemalloc
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.common.background import leases
from apps.common.dates.clock import database_now
from apps.common.tests.races import at_once
from apps.notifications.delivery import sender
from apps.notifications.models import Notification
from apps.notifications.tests.assertions import kinds_sent_to
from apps.notifications.tests.mailbox import Mailbox, serving
from apps.notifications.tests.outbox_rows import as_read
from apps.projects import services as project_services
from apps.reports import content, jobs, messages, services
from apps.reports.models import Report, ReportStatus
from apps.tasks.models import Status
from apps.tasks.tests.bulk import insert_tasks
from apps.tasks.tests.factories import TaskFactory


@pytest.fixture
def report(project, member):
    return services.request_report(actor=member, project_id=project.pk)


@pytest.fixture
def broken(monkeypatch):
    """Make every build fail."""

    def fail(*args, **kwargs):
        raise RuntimeError("no luck")

    monkeypatch.setattr(services, "build_content", fail)


def fresh(report):
    return Report.objects.get(pk=report.pk)


def test_the_figures_are_those_of_the_unarchived_tasks(project, member, report):
    TaskFactory.create_batch(2, project=project, assigned_to=member)
    TaskFactory(project=project, status=Status.DONE)
    TaskFactory(project=project, archived_at=timezone.now())

    jobs.build()

    built = fresh(report)
    assert jobs.build() is False
    assert (built.status, built.attempts, built.error) == (ReportStatus.READY, 1, "")
    assert built.summary["total"] == 3
    assert built.summary["by_status"]["done"] == 1
    assert built.summary["by_assignee"] == [
        {
            "user": {"id": member.pk, "username": "member", "nickname": "", "avatar": None},
            "total": 2,
            "open": 2,
            "overdue": 0,
        }
    ]


def test_who_asked_is_told_although_it_was_their_own_act(project, owner, member, report):
    jobs.build()
    jobs.build()

    assert (kinds_sent_to(member), kinds_sent_to(owner)) == (["report_ready"], [])
    row = Notification.objects.get()
    content = as_read(messages.ReportReady.content(row, messages.ReportReady.load([row])[row.pk]))
    assert content.title == "The report of Website is ready"


@pytest.mark.django_db(transaction=True)
def test_the_mail_arrives(api, project, member):
    api(member).post(f"/api/projects/{project.pk}/reports/")
    sender.mail_breaker.succeeded()
    with serving(Mailbox()) as mailbox:
        jobs.build()
        sender.deliver()

    (mail,) = mailbox.mails
    assert (mail["To"], mail["Subject"]) == (member.email, "The report of Website is ready")


def test_who_has_left_meanwhile_is_not_told_more(project, member, report):
    jobs.build()
    project_services.remove_member(actor=member, project_id=project.pk, user_id=member.pk)

    row = Notification.objects.get(kind="report_ready")
    assert messages.ReportReady.load([row]) == {}


def test_a_failure_is_tried_again_later_and_given_up_after_the_last_attempt(report, broken, caplog):
    delays = []
    for _ in range(services.MAX_ATTEMPTS):
        jobs.build()
        failed = fresh(report)
        delays.append((failed.next_attempt_at - database_now()).total_seconds())
        assert failed.error == "RuntimeError"
        jobs.build()  # not due yet
        assert fresh(report).attempts == failed.attempts
        Report.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))

    assert all(
        longest / 2 - 5 <= waited <= longest for waited, longest in zip(delays, (30, 60, 120, 240), strict=False)
    )
    assert (failed.status, failed.attempts) == (ReportStatus.FAILED, services.MAX_ATTEMPTS)
    assert failed.finished_at is not None
    assert not Notification.objects.exists()


def test_a_report_that_kills_its_worker_is_given_up_too(report):
    Report.objects.update(attempts=services.MAX_ATTEMPTS)

    jobs.build()

    assert fresh(report).status == ReportStatus.FAILED


def test_a_failed_report_can_be_built_again(report):
    Report.objects.update(status=ReportStatus.FAILED, attempts=services.MAX_ATTEMPTS, error="RuntimeError")

    assert services.build_again([report.pk]) == 1
    jobs.build()

    assert fresh(report).status == ReportStatus.READY


def test_a_claim_that_has_passed_on_writes_nothing(report):
    (claimed,) = leases.claim(services.QUEUE, uuid4(), limit=1)
    Report.objects.update(lease=uuid4())  # the lease ran out, somebody else took over

    services._build(claimed)

    assert fresh(report).status == ReportStatus.PENDING
    assert not Notification.objects.exists()


def test_the_job_asks_to_be_woken_again_when_its_time_is_over(project, owner, report):
    services.request_report(actor=owner, project_id=project.pk)

    assert services.build_due(seconds=-1) is True
    assert Report.objects.filter(status=ReportStatus.READY).count() == 1
    assert services.build_due() is False


@pytest.mark.django_db(transaction=True)
def test_two_workers_build_each_report_once(project, owner):
    for _ in range(10):
        services.request_report(actor=owner, project_id=project.pk)

    results = at_once(services.build_due, services.build_due)

    assert results == [False, False]
    assert set(Report.objects.values_list("status", "attempts")) == {(ReportStatus.READY, 1)}
    assert Notification.objects.count() == 10


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_leaves_the_report_to_the_next_one(report):
    def claim():
        leases.claim(services.QUEUE, leases.open_lease(), limit=1)
        assert services.build_due() is False  # while the database session of the claim lives
        assert fresh(report).status == ReportStatus.PENDING

    assert at_once(claim) == [None]  # on a connection of its own, which ends

    assert services.build_due() is False

    assert (fresh(report).status, fresh(report).attempts) == (ReportStatus.READY, 2)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_memory_does_not_grow_with_a_hundred_thousand_tasks(project, owner):
    insert_tasks(project, 100_000)
    started = time.monotonic()
    content.build_content(project.pk, now=database_now())
    seconds = time.monotonic() - started
    tracemalloc.start()

    built = content.build_content(project.pk, now=database_now())

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"report of 100,000 tasks: {seconds:.1f} s, peak {peak / 2**20:.1f} MiB, {len(built.table):,} bytes")
    assert built.summary["total"] == 100_000
    assert peak < 40 * 2**20
