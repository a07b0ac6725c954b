from __future__ import annotations

import pytest

from apps.tasks.tests.factories import TaskFactory


@pytest.fixture
def four(project):
    """Return the tasks a, b, c and d of the project, in this order."""
    return [TaskFactory(project=project, title=title) for title in "abcd"]
