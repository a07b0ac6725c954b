"""How the log is written: every line to the error stream, with the request's id."""

from __future__ import annotations

import os
from typing import Any

from apps.common.monitoring.logs import format_name


def logging_of(level: str) -> dict[str, Any]:
    """Return Django's LOGGING for this level."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "apps.common.monitoring.request_id.RequestIdFilter"}},
        "formatters": {
            "json": {"()": "apps.common.monitoring.logs.JsonFormatter"},
            "plain": {
                "()": "apps.common.monitoring.logs.PlainFormatter",
                "fmt": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
            },
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "filters": ["request_id"],
                "formatter": format_name(os.environ),
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "propagate": False},
            "django": {"handlers": [], "propagate": True},
            # It says at DEBUG which rule looks at which line: 178,000 times for a text of 20,000 characters
            "markdown_it": {"level": "INFO"},
        },
    }
