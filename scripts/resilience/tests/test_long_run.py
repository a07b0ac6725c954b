"""What a long run counts and how it judges: without processes."""

from __future__ import annotations

from scripts.resilience.listeners import Event, Listener
from scripts.resilience.long import levels
from scripts.resilience.long.audience import RETRY, Audience, Seat
from scripts.resilience.long.book import Book, Entry, quantiles
from scripts.resilience.long.report import lines
from scripts.resilience.long.samples import Part, Sample, Table
from scripts.resilience.traffic import Answer


def samples(*megabytes: float) -> list[Sample]:
    """Return a sample for each, ten seconds apart, of two web processes and as many connections."""
    return [
        Sample(number * 10.0, {"web child": Part(2, 2 * mb, 40)}, {"taskhouse-web": 8}, {})
        for number, mb in enumerate(megabytes)
    ]


def test_memory_that_rises_in_the_last_third_grows_and_the_first_third_does_not_count():
    warm = levels.growth(samples(50, 70, 100, 100, 101, 102), 0, 60)
    leak = levels.growth(samples(50, 70, 100, 100, 111, 112), 0, 60)

    assert warm["web child: MB of a process"] == {"second": 100, "last": 101.5, "ratio": 1.015, "is_level": True}
    assert leak["web child: MB of a process"]["is_level"] is False
    assert leak["web child: open files"]["is_level"] is leak["taskhouse-web: connections"]["is_level"] is True


def test_a_few_files_are_no_growth_but_many_are():
    assert levels.judge(8, 11, limit=1.1, spare=3)["is_level"]
    assert not levels.judge(8, 12, limit=1.1, spare=3)["is_level"]
    assert not levels.judge(100, 111, limit=1.1, spare=3)["is_level"]


def test_latency_is_judged_beside_what_asks_nothing_of_the_database():
    def book(last: float, health: float) -> Book:
        early = [Entry(at, kind, ms) for at in range(10, 20) for kind, ms in (("list", 10.0), ("health", 1.0))]
        late = [Entry(at, kind, ms) for at in range(20, 30) for kind, ms in (("list", last), ("health", health))]
        return Book(early + late)

    assert levels.latency(book(30.0, 3.0), 0, 30)["is_level"]  # the machine was three times as slow
    assert not levels.latency(book(30.0, 1.0), 0, 30)["is_level"]


def test_a_table_with_more_dead_rows_than_living_ones_is_bloated_unless_it_is_small():
    tables = {"small": Table(1, 10, 900), "level": Table(9, 50_000, 9_000), "bloated": Table(9, 20_000, 30_000)}

    assert levels.bloated(Sample(0, {}, {}, tables)) == ["bloated"]


def test_no_answer_and_5xx_are_failures_and_other_statuses_unexpected():
    book = Book()
    for status in (200, 0, 502, 404):
        book.note("list", Answer(status, seconds=0.1), 200)

    assert [text.rpartition("list: ")[2] for text in book.failed] == ["0 None", "502 None"]
    assert [text.rpartition("list: ")[2] for text in book.unexpected] == ["404 None"]
    assert book.counts() == {"list": 4}


def test_quantiles_of_every_minute():
    book = Book([Entry(at, "list", float(at)) for at in range(120)], began=0)

    assert [minute["list"]["p50"] for minute in book.minutes()] == [29.5, 89.5]
    assert quantiles([7.0]) == {"p50": 7.0, "p95": 7.0, "p99": 7.0}


def seat(*events: tuple[str, int], opened: int) -> Seat:
    """Return a seat whose stream has read these events of project 1."""
    found = Seat(Listener(""), opened=opened)
    found.listener.heard += [Event(0, name, {"projects": {"1": number}}) for name, number in events]
    found.take(1)
    return found


def test_a_stream_that_came_back_has_heard_only_what_changes_said():
    heard, missed = seat(("hello", 9), ("change", 9), opened=2), seat(("hello", 9), opened=2)
    first = seat(("hello", 9), opened=1)

    audience = Audience(0, 1, [heard, missed, first])

    assert audience.behind(9) == 1
    assert audience.behind(10) == 3
    assert audience.reopened() == 2


def test_a_stream_that_ended_waits_before_it_comes_back(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("scripts.resilience.long.audience.time.monotonic", lambda: clock[0])
    ended = Seat(Listener("", ended_at=100.0))

    assert Seat(Listener("")).is_due()
    assert not ended.is_due()
    clock[0] += RETRY
    assert ended.is_due()


def test_the_report_names_what_grows():
    level = {"second": 1.0, "last": 2.0, "ratio": 2.0, "is_level": False}
    figures = {"failed": 0, "levels": {"web: open files": level}, "latency": {"list": quantiles([1.0])}}
    figures |= {"tables": {"tasks_task": {"mb": 1.5, "live": 3, "dead": 4}}, "minutes": [{"list": quantiles([1.0])}]}

    said = lines(figures)

    assert said[0] == "failed: 0"
    assert next(line for line in said if line.startswith("web: open files")).endswith("grows")
    assert said[-1].split() == ["1", "1.0", "-", "-", "-"]
