"""A site that was kept is measured as it was on its first day."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.notifications.models import Notification
from apps.users.models import Session
from scripts.bench.fill import UNREAD, Size, fill
from scripts.bench.site import AGAIN

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

    assert written.filter(recipient=person).count() == UNREAD
    assert written.count() == UNREAD * people
    assert Session.objects.filter(expires_at__isnull=False).exists()
