"""A site that was kept is measured as it was on its first day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.notifications.models import Notification
from apps.projects.models import Project
from apps.projects.services import ensure_inbox
from apps.projects.services.deletion import erase
from apps.tasks.models import Task
from apps.tasks.services import create_task
from apps.users.models import Session, User
from scripts.bench.fill import INBOXES, UNREAD, Size, fill
from scripts.bench.site import AGAIN, AGED

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_a_kept_site_has_what_the_filling_left_unread_and_no_more():
    connection.ensure_connection()
    fill(connection.connection, Size(projects=1, users=40, large=False), password="x")
    written = Notification.objects.filter(read_at=None)
    people = written.values("recipient").distinct().count()
    assert (people > 1, written.count()) == (True, UNREAD * people)
    person = written.latest("pk").recipient_id
    [row] = written.filter(recipient=person)[:1]
    row.pk, row.dedupe_key = None, "event:1:2:3"  # as a comment of an earlier run left it
    row.save()
    assert written.filter(recipient=person).count() == UNREAD + 1

    with connection.cursor() as cursor:
        for statement in AGAIN:
            cursor.execute(statement)
        cursor.execute("SELECT count(*) FROM pg_class WHERE reloptions @> '{fastupdate=on}'")
        assert cursor.fetchone() == (0,)  # words are sorted in at once, as in an installation

    assert written.filter(recipient=person).count() == UNREAD
    assert written.count() == UNREAD * people
    assert Session.objects.filter(expires_at__isnull=False).exists()


def test_logins_leave_no_more_projects_and_a_site_that_was_filled_without_inboxes_gets_them():
    connection.ensure_connection()
    size = Size(projects=1, users=30, large=False)
    fill(connection.connection, size, password="x")
    projects = Project.objects.filter(is_inbox=False)
    assert (projects.count(), Project.objects.count()) == (size.all_projects, size.all_projects + size.users)
    for person in User.objects.all():
        ensure_inbox(person)  # as a login does
    assert Project.objects.count() == size.all_projects + size.users

    with transaction.atomic():
        for inbox in Project.objects.filter(is_inbox=True, owner_id__gt=10):
            erase(inbox)
    with connection.cursor() as cursor:
        cursor.execute(INBOXES)

    assert INBOXES in AGAIN
    assert (
        Project.objects.count() == Project.objects.filter(memberships__role="owner").count() == size.all_projects + 30
    )
    assert set(Project.objects.filter(is_inbox=True).values_list("members_count", flat=True)) == {1}


def test_what_earlier_runs_created_stands_behind_what_was_filled_in():
    connection.ensure_connection()
    fill(connection.connection, Size(projects=1, users=30, large=False), password="x")
    newest, last = Task.objects.latest("created_at"), Task.objects.latest("pk").pk
    owner = User.objects.get(pk=newest.created_by_id)
    created = create_task(actor=owner, title="A new task", project=newest.project_id)
    assert Task.objects.latest("created_at") == created

    for _ in range(2):  # once more does not age them again
        with connection.cursor() as cursor:
            cursor.execute(AGED, [last])

    assert (Task.objects.latest("created_at"), Task.objects.earliest("created_at")) == (newest, created)
    created.refresh_from_db()
    assert created.created_at > timezone.now() - timedelta(days=1_001)
