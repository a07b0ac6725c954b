"""Signs of life of periodic jobs, for readiness and `doctor`."""

from __future__ import annotations

from django.db import connection

from apps.common.faults import declare, fault_point

declare("job.begun")

# At most one write in five seconds and job, however often it is woken.
BEAT = """
INSERT INTO common_heartbeat AS known (name, beat_at) VALUES (%s, clock_timestamp())
ON CONFLICT (name) DO UPDATE SET beat_at = excluded.beat_at
WHERE known.beat_at < excluded.beat_at - interval '5 s'
"""


def beat(name: str) -> None:
    """Note that the job `name` runs now."""
    fault_point("job.begun")
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [name])
