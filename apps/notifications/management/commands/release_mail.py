"""Let mail go out again after a restore."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.notifications.models import HELD, Hold
from apps.notifications.services import release_hold, release_mail


class Command(BaseCommand):
    """`release_mail` ends the hold after a restore; `--drop` gives up the mail that waited in the copy."""

    help = "Let mail, webhooks and the relay go out again after a restore."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", choices=HELD, help="end the hold for these alone")
        parser.add_argument("--drop", action="store_true", help="do not send what was waiting in the restored copy")

    def handle(self, *args: Any, **options: Any) -> None:
        holds = list(Hold.objects.order_by("id"))
        if not holds:
            self.stdout.write("Mail is not held: nothing to do.")
            return
        for hold in holds:
            self.stdout.write(f"Held since {hold.created_at:%Y-%m-%d %H:%M} UTC: {hold.reason}")
        if options["only"] not in (None, "mail"):
            release_hold(only=options["only"])
            self.stdout.write(f"Released: {options['only']}.")
            return
        count = release_mail(drop=options["drop"], only=options["only"] == "mail")
        self.stdout.write(f"Released; {count} waiting mails {'were dropped' if options['drop'] else 'go out now'}.")
