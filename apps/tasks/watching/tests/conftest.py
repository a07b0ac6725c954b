"""What the tests of watching share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.notifications.delivery import sender
from apps.notifications.tests.mailbox import Mailbox, serving


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that takes everything, which nobody has found dead."""
    sender.mail_breaker.succeeded()
    with serving(Mailbox()) as box:
        yield box
    sender.mail_breaker.succeeded()
