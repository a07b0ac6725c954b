"""End API tokens: one person's, or everybody's after a restore."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.tokens import services
from apps.users.models import User


class Command(BaseCommand):
    """`revoke_tokens --user ID | --all`."""

    help = "End API tokens: one person's, or everybody's. After a restore, tokens revoked since the backup live again."

    def add_arguments(self, parser: CommandParser) -> None:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--user", type=int, metavar="ID", help="of this person")
        whose.add_argument("--all", action="store_true", help="of everybody")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"]:
            count = services.revoke_all_tokens()
        else:
            user = User.objects.filter(pk=options["user"]).first()
            if user is None:
                raise CommandError("There is nobody with this id.")
            count = services.revoke_tokens_of(user)
        self.stdout.write(f"{count} revoked")
