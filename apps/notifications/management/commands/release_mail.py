"""Let mail go out again after a restore."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.notifications.models import Hold
from apps.notifications.services import release_mail


class Command(BaseCommand):
    """`release_mail` ends the hold; `--drop` gives up what waited in the copy."""

    help = "Let mail go out again after a restore."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--drop", action="store_true", help="do not send what was waiting in the restored copy")

    def handle(self, *args: Any, **options: Any) -> None:
        holds = list(Hold.objects.order_by("id"))
        if not holds:
            self.stdout.write("Mail is not held: nothing to do.")
            return
        for hold in holds:
            self.stdout.write(f"Held since {hold.created_at:%Y-%m-%d %H:%M} UTC: {hold.reason}")
        count = release_mail(drop=options["drop"])
        self.stdout.write(f"Released; {count} waiting mails {'were dropped' if options['drop'] else 'go out now'}.")
