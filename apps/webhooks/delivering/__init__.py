"""From a due delivery to the receiver's answer: claim, make the body, send, settle."""

from apps.webhooks.delivering.running import deliver

__all__ = ["deliver"]
