"""Log lines are JSON and hold no token."""

from __future__ import annotations

import json
import logging

import pytest

from apps.common.monitoring.logs import MARKS, SECRETS, JsonFormatter, PlainFormatter, without_secrets

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Not Found: /unsubscribe/abc:def/", "Not Found: /unsubscribe/[token]/"),
        ("Gone: /verify-email/abc-def", "Gone: /verify-email/[token]"),
        (f"Gone: /api/invitations/{'aB3' * 14}x/accept/", "Gone: /api/invitations/[token]/accept/"),
        (f"Too Many Requests: /ical/{'aB3' * 14}x.ics", "Too Many Requests: /ical/[token].ics"),
        ("OK: /api/projects/3/invitations/6/", "OK: /api/projects/3/invitations/6/"),
        ("/password-reset/x_1:y/ was opened", "/password-reset/[token]/ was opened"),
        (f"header Bearer {JWT}!", "header Bearer [token]!"),
        ("/api/auth/password-reset/ 202", "/api/auth/password-reset/ 202"),
        ("/api/tasks/42/", "/api/tasks/42/"),
    ],
)
def test_tokens_are_cut_out(text, shown):
    assert without_secrets(text) == shown


def test_every_kind_of_secret_has_its_mark():
    assert len(SECRETS.pattern.split("|")) == len(MARKS)
    assert all(mark in alternative for mark, alternative in zip(MARKS, SECRETS.pattern.split("|"), strict=True))


@pytest.mark.parametrize("formatter", [JsonFormatter(), PlainFormatter("%(message)s")])
def test_a_traceback_is_cleaned_too(formatter):
    try:
        raise ValueError(f"bad token {JWT}")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed", (), (type(error), error, None))

    line = formatter.format(record)

    assert JWT not in line
    assert "ValueError: bad token [token]" in line


def test_a_line_is_one_json_object_with_the_request_id():
    record = logging.LogRecord("x", logging.INFO, "f", 1, "two\nlines", (), None)
    record.request_id = "r-1"

    line = JsonFormatter().format(record)

    assert "\n" not in line
    assert {"level": "INFO", "message": "two\nlines", "request_id": "r-1"}.items() <= json.loads(line).items()
