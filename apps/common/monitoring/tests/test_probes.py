"""A part is asked once at a time, and everybody who waits gets the answer."""

import threading

import pytest

from apps.common.monitoring.health import SILENT, Probe

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_asks_while_the_part_is_being_asked_gets_the_same_answer():
    go, asked = threading.Event(), []

    def ask():
        asked.append(1)
        assert go.wait(60)
        return "ok"

    probe = Probe(ask)
    answers = [probe.start() for _ in range(3)]
    go.set()

    assert [answer.get(timeout=60) for answer in answers] == ["ok", "ok", "ok"]
    assert asked == [1]
    assert probe.start().get(timeout=60) == "ok"
    assert asked == [1, 1]


def test_a_part_that_fails_is_silent_and_can_be_asked_again():
    probe = Probe(lambda: 1 // 0)

    assert probe.start().get(timeout=60) == SILENT
    assert probe.start().get(timeout=60) == SILENT
