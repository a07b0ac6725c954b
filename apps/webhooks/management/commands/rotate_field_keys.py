"""Encrypt secrets anew under the newest of FIELD_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.webhooks.services import rotate_keys


class Command(BaseCommand):
    """`rotate_field_keys`, after a new key was put in front of FIELD_KEYS; then the old one can go."""

    help = "Encrypt secrets of webhooks anew under the newest of FIELD_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        done, unreadable = rotate_keys()
        self.stdout.write(f"{done} webhooks are under the newest key now.")
        if unreadable:
            self.stderr.write(
                f"{unreadable} cannot be read with FIELD_KEYS: put the key back that they were made with."
            )
            raise SystemExit(1)
