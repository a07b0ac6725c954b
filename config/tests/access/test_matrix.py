"""The authorization matrix: every operation, as everybody, about everything."""

import time

import pytest

from apps.tasks.models import Attachment, Task
from config.tests.access.expectations import EXPECTED
from config.tests.access.matrix import Rows, operations, run, undone


def test_every_operation_has_a_row_of_expectations():
    named = {operation.name for operation in operations()}

    assert named - EXPECTED.keys() == set(), "an operation without a row"
    assert EXPECTED.keys() - named == set(), "a row without an operation"


def test_a_row_that_is_made_changed_or_deleted_is_noticed_and_forgotten_when_undone(world):
    task, rows = world.places["own"].task, Rows()
    acts = (
        lambda: Attachment.objects.filter(task=task).delete(),
        lambda: Task.objects.filter(pk=task.pk).update(title="Another"),
        lambda: Task.objects.bulk_create([Task(project=task.project, created_by=task.created_by, number=999)]),
    )

    for act in acts:
        with undone():
            act()
            assert rows.have_changed()
            assert rows.have_changed()
        assert not rows.have_changed()
    with undone():
        Task.objects.filter(pk=task.pk).update(title=task.title)
        assert not rows.have_changed()


@pytest.mark.no_cover  # tracing doubles its time, and it covers what the tests of each operation do
def test_everybody_gets_what_the_expectations_say(world):
    began = time.monotonic()

    count, wrong = run(world, operations())

    print(
        f"authorization matrix: {len(EXPECTED)} operations, {count} cells, wrong {len(wrong)}, "
        f"{time.monotonic() - began:.0f} s"
    )
    assert wrong == [], "\n".join(wrong)
