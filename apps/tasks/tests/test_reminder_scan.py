"""A scan that finds very much: how fast, and in how much memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from apps.notifications.models import Notification
from apps.tasks.models import Task
from apps.tasks.seeding import seed

# A process of its own: its memory is that of a worker, not of the suite.
SCAN = """
import json, resource, sys, time
import django
django.setup()
from apps.common.clock import database_now
from apps.tasks.reminders import remind
began = time.monotonic()
scanned = remind(now=database_now())
seconds = time.monotonic() - began
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "linux" else 1024**2)
print(json.dumps({"rows": scanned.due_soon + scanned.overdue, "seconds": seconds, "megabytes": memory}))
"""


def scan_in_a_process() -> dict[str, float]:
    """Run the scan on the suite's database; return rows, seconds and the peak of its memory in MB."""
    database = connection.settings_dict
    login = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}"
    url = f"postgresql://{login}@{quote(database['HOST'], safe='')}:{database['PORT']}/{database['NAME']}"
    env = os.environ | {"TEST_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings_test"}
    done = subprocess.run([sys.executable, "-c", SCAN], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_due_tasks_are_entered_fast_and_in_little_memory():
    seed(users=100, projects=20, tasks=100_000)
    now = timezone.now()
    Task.objects.update(
        status="todo", completed_at=None, created_at=now - timedelta(days=2), due_date=now + timedelta(hours=12)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    first = scan_in_a_process()
    second = scan_in_a_process()

    print(f"\nfirst scan: {first['rows']:,} rows in {first['seconds']:.1f} s, peak {first['megabytes']} MB")
    print(f"next scan: {second['rows']:,} rows in {second['seconds']:.1f} s, peak {second['megabytes']} MB")
    assert first["rows"] == Notification.objects.count() == 100_000
    assert first["rows"] / first["seconds"] >= 5_000
    assert max(first["megabytes"], second["megabytes"]) < 200
    assert second["rows"] == 0
    assert second["seconds"] < 10
