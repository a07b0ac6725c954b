"""The authorization matrix: every operation, as everybody, about everything."""

import time

from config.tests.access.expectations import EXPECTED
from config.tests.access.matrix import operations, run


def test_every_operation_has_a_row_of_expectations():
    named = {operation.name for operation in operations()}

    assert named - EXPECTED.keys() == set(), "an operation without a row"
    assert EXPECTED.keys() - named == set(), "a row without an operation"


def test_everybody_gets_what_the_expectations_say(world):
    began = time.monotonic()

    count, wrong = run(world, operations())

    print(
        f"authorization matrix: {len(EXPECTED)} operations, {count} cells, wrong {len(wrong)}, "
        f"{time.monotonic() - began:.0f} s"
    )
    assert wrong == [], "\n".join(wrong)
