"""What the tests of the outbox share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.notifications.delivery import sender
from apps.notifications.kinds import KINDS
from apps.notifications.tests.kinds_for_tests import ALL
from apps.notifications.tests.mailbox import Mailbox, serving


@pytest.fixture(autouse=True)
def _kinds_for_tests() -> Iterator[None]:
    """Let the suite's own kinds be known during each test."""
    KINDS.update({kind.name: kind for kind in ALL})
    yield
    for kind in ALL:
        del KINDS[kind.name]


@pytest.fixture(autouse=True)
def _closed_breaker() -> Iterator[None]:
    """Start each test with a mail server that nobody has found dead."""
    sender.mail_breaker.succeeded()
    yield
    sender.mail_breaker.succeeded()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that takes everything until it is set to do otherwise."""
    with serving(Mailbox()) as box:
        yield box
