"""One JSON object per log line, without what nobody may read there."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime

# Single-use tokens in paths of the pages that mails link to, and tokens of sessions wherever they turn up:
# Django itself logs the path of every request that is rejected.
# Every alternative holds one of MARKS: most lines have none, and are looked at no further.
MARKS = ("/unsubscribe/", "/verify-email/", "/password-reset/", "/invitations/", "/ical/", "eyJ")
SECRETS = re.compile(
    r"(?<=/unsubscribe/)[^/\s\"']+|(?<=/verify-email/)[^/\s\"']+|(?<=/password-reset/)[^/\s\"']+"
    r"|(?<=/invitations/)[0-9A-Za-z]{43}|(?<=/ical/)[0-9A-Za-z]{43}"
    r"|eyJ[\w-]{8,}\.[\w-]+\.[\w-]+"
)

_as_json = json.JSONEncoder(ensure_ascii=False).encode


def without_secrets(text: str) -> str:
    """Return the text with every token replaced by `[token]`."""
    return SECRETS.sub("[token]", text) if any(mark in text for mark in MARKS) else text


def format_name(environment: Mapping[str, str]) -> str:
    """Return LOG_FORMAT, by default `json` in production and `plain` elsewhere."""
    is_production = (environment.get("ENVIRONMENT") or "production") == "production"
    return environment.get("LOG_FORMAT") or ("json" if is_production else "plain")


class PlainFormatter(logging.Formatter):
    """Format a record as a line for people."""

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class JsonFormatter(logging.Formatter):
    """Format a record as JSON: time (ISO 8601, UTC), level, logger, message, request_id, exception."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            "request_id": getattr(record, "request_id", "-"),
        }
        if record.exc_info:
            line["exception"] = without_secrets(self.formatException(record.exc_info))
        return _as_json(line)
