"""Browsers for people."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.users.models import User
from apps.web.tests.browser import Browser


@pytest.fixture
def browser(db: None) -> Callable[[User | None], Browser]:
    """Return a maker of browsers: signed in as the given person, or as nobody."""

    def make(user: User | None = None) -> Browser:
        return Browser(user)

    return make
