"""What tests of events have in common."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.fixture
def other_connection():
    """Return a second session of the database."""
    other = connection.copy()
    yield other
    other.close()
