"""A mail server, for tests that let account mails go out."""

from apps.notifications.tests.conftest import mailbox

__all__ = ["mailbox"]
