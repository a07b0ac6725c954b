"""A filled database with its services, as everything here measures it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import psycopg
from psycopg.rows import dict_row

from scripts.bench.fill import INBOXES, Size, fill
from scripts.bench.operations import PASSWORD
from scripts.local.environment import ROOT
from scripts.local.stack import Stack

if TYPE_CHECKING:
    from apps.users.models import Session

DAY = "86400"
SCOPES = ("LOGIN", "WRITE", "REFRESH", "UPLOAD", "REPORTS", "BULK", "BULK_ITEMS", "SYNC")  # of rate limits

# Of a site that was kept for some days: its sessions live, and unread is what the filling wrote, so that people of all
# sites have the same before them, however many comments and reminders earlier runs have brought them. One that was
# filled before Inboxes were has those of the people who have logged in
AGAIN = (
    "UPDATE users_session SET rotated_at = now(), last_seen_at = now(), expires_at = now() + interval '90 days'",
    "UPDATE notifications_notification SET read_at = now() WHERE read_at IS NULL AND dedupe_key NOT LIKE 'bench:%'",
    INBOXES,
)
# What earlier runs created has neither labels nor sub-tasks, and a small site has more of it in each project: it stands
# behind what was filled in, so that the first pages of all sites hold tasks of one kind
AGED = """
UPDATE tasks_task SET created_at = created_at - interval '1000 days'
WHERE id > %s AND created_at > now() - interval '900 days'
"""


class Site:
    """PostgreSQL and Valkey of their own below `folder`, migrated and filled with `size`; ended with the `with` block.

    A folder that holds such a site already is migrated and used again; RuntimeError when it is of another size.
    `shared_buffers` is PostgreSQL's memory for pages, if it is not that of a demo.
    The first one that starts in a process is the one that Django's models talk to.
    """

    def __init__(self, folder: Path, size: Size, *, shared_buffers: str | None = None) -> None:
        self.folder, self.size = folder, size
        self.services = Stack(folder / "services", shared_buffers=shared_buffers)

    def __enter__(self) -> Self:
        self.services.start()
        try:
            self.env = self._environment()
            Path(self.env["MEDIA_ROOT"]).mkdir(exist_ok=True)
            self.migrate_seconds = self.manage("migrate", "--verbosity=0")
            self.manage("collectstatic", "--no-input", "--verbosity=0")
            _set_up_django(self.env)
            self.connection = self._connect()
            self.fill_seconds = self._fill()
        except BaseException:
            self.services.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()
        self.services.stop()

    def tokens(self) -> dict[int, str]:
        """Return an access token of each user."""
        from apps.users.credentials.tokens import AccessToken

        return {session.user_id: AccessToken.of(session) for session in self._sessions("<=")}

    def refreshes(self) -> list[str]:
        """Return the refresh tokens of sessions that nobody has used."""
        from apps.users.credentials.tokens import RefreshToken

        return [RefreshToken.of(session) for session in self._sessions(">")]

    def _sessions(self, comparison: str) -> list[Session]:
        from apps.users.models import Session

        with self.connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(f"SELECT * FROM users_session WHERE id {comparison} %s", [self.size.users])
            return [Session(**row) for row in cursor.fetchall()]

    def _environment(self) -> dict[str, str]:
        limits = {f"THROTTLE_{scope}": "100000000/1" for scope in SCOPES}
        return {
            **self.services.env(),
            **limits,
            "ENVIRONMENT": "local",
            "DJANGO_SETTINGS_MODULE": "scripts.bench.settings",
            "SECRET_KEY": "only-for-measuring-" + "s" * 40,
            "JWT_SIGNING_KEY": "only-for-measuring-" + "j" * 40,
            "ALLOWED_HOSTS": "127.0.0.1",
            "ACCESS_TOKEN_SECONDS": DAY,
            "LOG_LEVEL": "INFO",
            "LOG_FORMAT": "json",
            "MEDIA_ROOT": str(self.folder / "media"),
            "STATIC_ROOT": str(self.folder / "static"),
            "LOGIN_FAILURES": "1000000",
        }

    def manage(self, *command: str) -> float:
        """Run a management command on this site's database; return the seconds it took."""
        began = time.monotonic()
        argv = [sys.executable, str(ROOT / "manage.py"), *command]
        shipped = {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
        subprocess.run(argv, env=os.environ | self.env | shipped, cwd=ROOT, check=True)
        return time.monotonic() - began

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=self.env["POSTGRES_HOST"],
            port=self.env["POSTGRES_PORT"],
            user=self.env["POSTGRES_USER"],
            password=self.env["POSTGRES_PASSWORD"],
            dbname=self.env["POSTGRES_DB"],
            autocommit=True,
        )

    def _fill(self) -> float | None:
        """Fill an empty database; return the seconds it took, None for one that was full."""
        from django.contrib.auth.hashers import make_password

        found = self.connection.execute("SELECT count(*) FROM projects_project WHERE NOT is_inbox").fetchone()
        projects = found[0] if found else 0
        if projects:
            if projects != self.size.all_projects:
                raise RuntimeError(f"{self.folder} holds {projects} projects, not {self.size.all_projects}")
            for statement in AGAIN:
                self.connection.execute(statement)
            self.connection.execute(AGED, [self.size.tasks])
            return None
        print(f"filling {self.size.tasks:,} tasks", file=sys.stderr, flush=True)
        began = time.monotonic()
        fill(self.connection, self.size, password=make_password(PASSWORD))
        self.connection.execute("VACUUM")
        return time.monotonic() - began


def _set_up_django(env: dict[str, str]) -> None:
    import django
    from django.apps import apps

    if not apps.ready:
        os.environ.update(env)
        django.setup()
