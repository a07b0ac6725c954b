"""Whether the kept numbers are right, for `doctor`."""

from __future__ import annotations

from collections.abc import Iterator

from apps.common.monitoring.doctor import Finding, Level, check, management_command
from apps.projects.models import Project
from apps.tasks.counters.recounting import differences

SAMPLE = 100  # projects, chosen anew each time (contract O4)


@check("counters")
def counters() -> Iterator[Finding]:
    """Count the tasks, members and files of some projects anew."""
    sample = list(Project.objects.order_by("?").values_list("pk", flat=True)[:SAMPLE])
    wrong = list(differences(sample))
    if not wrong:
        yield Finding("counters", Level.OK, f"right in a sample of {len(sample)} projects")
        return
    text = f"{len(wrong)} wrong in a sample of {len(sample)} projects; the first: {wrong[0]}"
    yield Finding("counters", Level.FAIL, text, f"Run {management_command('check_counters --fix')}.")
