"""`create_admin`: the first administrator, from the environment."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.management.base import BaseCommand, CommandError

from apps.common.admin_base import reason
from apps.common.errors import ValidationError
from apps.users import services


class Command(BaseCommand):
    """Creates an administrator from ADMIN_USERNAME, ADMIN_EMAIL and ADMIN_PASSWORD; repeating it changes nothing."""

    help = (__doc__ or "") + " ADMIN_USERNAME, ADMIN_EMAIL and ADMIN_PASSWORD say who."

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {name: getattr(settings, f"ADMIN_{name.upper()}") for name in ("username", "email", "password")}
        if missing := [f"ADMIN_{name.upper()}" for name, value in wanted.items() if not value]:
            raise CommandError(f"Set {', '.join(missing)}.")
        try:
            user, is_new = services.ensure_administrator(**wanted)
        except ValidationError as error:
            raise CommandError(reason(error)) from None
        except DjangoValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"Created {user.username}." if is_new else f"{user.username} is there already.")
