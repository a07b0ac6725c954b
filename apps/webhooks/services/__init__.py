"""The only door through which webhooks and their deliveries are written."""

from apps.webhooks.services.locking import announce_change, lock_row
from apps.webhooks.services.redelivering import redeliver, redeliver_events, send_test
from apps.webhooks.services.secrets import reset_secrets, rotate_keys, rotate_secret
from apps.webhooks.services.switching import disable, disable_webhook, enable_webhook
from apps.webhooks.services.writing import create_webhook, delete_webhook, rewrite_filter, update_webhook

__all__ = [
    "announce_change",
    "create_webhook",
    "delete_webhook",
    "disable",
    "disable_webhook",
    "enable_webhook",
    "lock_row",
    "redeliver",
    "redeliver_events",
    "reset_secrets",
    "rewrite_filter",
    "rotate_keys",
    "rotate_secret",
    "send_test",
    "update_webhook",
]
