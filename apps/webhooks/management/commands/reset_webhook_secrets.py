"""Give every webhook a new secret because FIELD_KEYS is lost."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.webhooks.services import reset_secrets


class Command(BaseCommand):
    """`reset_webhook_secrets --yes`: receivers accept nothing until an admin of each project has rotated the secret."""

    help = "Give every webhook a secret that nobody knows yet; for when FIELD_KEYS is lost."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do it; without this nothing changes")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["yes"]:
            self.stderr.write(
                "Every receiver will reject what it gets until its secret is changed. Add --yes to do it."
            )
            raise SystemExit(1)
        count = reset_secrets()
        self.stdout.write(f"{count} webhooks have new secrets: their admins rotate them to see them.")
