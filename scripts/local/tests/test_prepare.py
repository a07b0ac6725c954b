"""A start that fails says the cause and the cure, and keeps the rest for the log."""

import errno
from collections import namedtuple
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

from scripts.local import causes, run, session
from scripts.local import prepare as preparing
from scripts.local.processes import StackError
from scripts.local.session import Session

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ImproperlyConfigured("EMAIL_PORT is not a whole number."), ["EMAIL_PORT is not", ".env.sample"]),
        (OperationalError("connection failed: refused\nIs the server running?"), ["refused (is", "DATABASE_URL"]),
        (OperationalError("could not extend file: No space left on device"), ["MB free", "make room"]),
        (OSError(errno.ENOSPC, "No space left on device"), ["MB free", "LOCAL_DIR"]),
        (ZeroDivisionError("a fault of ours"), []),
    ],
)
def test_an_error_is_put_into_words_where_somebody_can_do_something(error: Exception, says: list[str]):
    cause = preparing._cause(error)

    assert all(words in cause for words in says)
    assert bool(cause) == bool(says)
    assert "\n" not in cause


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session whose preparing prints what the test puts into `steps`, and ends with the last word."""
    monkeypatch.setattr(session.sys, "executable", str(tmp_path / "python"))
    (tmp_path / "python").write_text('#!/bin/sh\nprintf %b "$3"\nexit $4\n')
    (tmp_path / "python").chmod(0o755)
    made = Session(tmp_path / "home")
    made.stack.places.logs.mkdir()
    return made


def test_notes_are_handed_on_and_the_rest_is_for_the_log(prepared: Session):
    assert prepared.prepare([r"--- migrate\nNOTE files: 0.1 GiB free\n", "0"], env={}) == ["files: 0.1 GiB free"]


def test_a_cause_is_all_that_is_said_of_a_failure_but_where_the_log_is(prepared: Session):
    with pytest.raises(StackError) as raised:
        prepared.prepare([r"Traceback\n  of many lines\nCAUSE EMAIL_PORT is not a whole number.\n", "1"], env={})

    assert "EMAIL_PORT is not a whole number.\n(all of it: " in str(raised.value)
    assert "Traceback" not in str(raised.value).partition("failed:")[2]


def test_without_a_cause_the_end_of_the_log_is_said(prepared: Session):
    with pytest.raises(StackError, match="ZeroDivisionError"):
        prepared.prepare([r"Traceback\nZeroDivisionError\n", "1"], env={})


def test_a_disk_without_room_for_a_new_database_is_said_before_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """FIRST-HOUR, the operator's round: on 30 MB initdb spoke of a file."""
    monkeypatch.delenv("DATABASE_URL", raising=False)  # the suite's own
    monkeypatch.setattr(causes.shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 30_000_000, 30_000_000))
    made = Session(tmp_path / "home")

    with pytest.raises(StackError, match=r"has 30 MB free.*LOCAL_DIR="):
        run._require_room(made)
    made.stack.places.database.mkdir(parents=True)
    run._require_room(made)
