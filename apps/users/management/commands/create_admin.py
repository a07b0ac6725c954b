"""`create_admin`: the first administrator, from the environment or a terminal."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.management.base import BaseCommand, CommandError

from apps.common.admin.base import reason
from apps.common.errors import ValidationError
from apps.users import services


class Command(BaseCommand):
    """Creates an administrator; repeating it changes nothing."""

    help = (
        f"{__doc__} ADMIN_USERNAME (admin), ADMIN_EMAIL and ADMIN_PASSWORD say who."
        " Without ADMIN_PASSWORD it asks on a terminal."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {name: getattr(settings, f"ADMIN_{name.upper()}") for name in ("username", "email", "password")}
        if not wanted["password"] and sys.stdin.isatty():
            wanted = self._ask(wanted)
        if missing := [f"ADMIN_{name.upper()}" for name, value in wanted.items() if not value]:
            raise CommandError(f"Set {', '.join(missing)}.")
        try:
            user, is_new = services.ensure_administrator(**wanted)
        except ValidationError as error:
            raise CommandError(reason(error)) from None
        except DjangoValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(
            f"Created {user.username}, with mail to {user.email}." if is_new else f"{user.username} is there already."
        )

    def _ask(self, wanted: dict[str, str]) -> dict[str, str]:
        """Return who, as a person at a terminal says; an empty answer takes what is wanted already."""
        try:
            answers = {
                name: input(f"{label} [{wanted[name]}]: ").strip() or wanted[name]
                for name, label in (("username", "Name"), ("email", "E-mail address"))
            }
            password = getpass("Password: ")
            if getpass("Password, again: ") != password:
                raise CommandError("The two passwords differ. Nothing was made.")
        except (EOFError, KeyboardInterrupt):
            raise CommandError("Nothing was made.") from None
        return answers | {"password": password}
