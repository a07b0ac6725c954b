"""Fill the database with demo people, projects and tasks."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.common.errors import ConflictError
from apps.tasks.demo.seeding import NAMED, PASSWORD, seed
from apps.users.models import User

WIDTH = 30  # characters of the bar
STEP = 10_000  # tasks between two lines where there is no terminal


class Command(BaseCommand):
    help = "Fill the database with demo people (alice, bob, carol, admin), projects and tasks; a second run adds none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--users", type=positive_number, default=20, help="People, the four named ones included.")
        parser.add_argument("--projects", type=positive_number, default=6)
        parser.add_argument("--tasks", type=positive_number, default=240)
        parser.add_argument("--if-empty", action="store_true", help="Do nothing where somebody has an account already.")
        parser.add_argument("--yes", action="store_true", help="Do it in production too, without passwords.")

    def handle(self, *, users: int, projects: int, tasks: int, **options: Any) -> None:
        if settings.ENVIRONMENT == "production" and not options.get("yes"):
            raise CommandError("This is a production environment: demo data needs --yes.")
        if options.get("if_empty") and User.objects.exists():
            self.stdout.write("There are people already: no demo.")
            return
        began = time.monotonic()
        progress = _Bar(tasks, self.stdout) if sys.stdout.isatty() else _Lines(tasks, self.stdout)
        try:
            seeded = seed(users=users, projects=projects, tasks=tasks, progress=progress)
        except ConflictError as error:
            raise CommandError(error.detail) from error
        figures = f"{seeded.users} people, {seeded.projects} projects, {seeded.tasks} tasks"
        if seeded.already:
            self.stdout.write(f"The demo data is there already: {figures}. Nothing added.")
            return
        self.stdout.write(f"Made {figures} in {time.monotonic() - began:.1f} s.")
        if settings.ENVIRONMENT != "production":
            self.stdout.write(f"Log in as {', '.join(NAMED)} with the password {PASSWORD}.")


class _Bar:
    """A bar that grows in place."""

    def __init__(self, total: int, stdout: Any) -> None:
        self.total = total
        self.stdout = stdout

    def __call__(self, done: int) -> None:
        filled = WIDTH * done // self.total
        end = "\n" if done >= self.total else ""
        self.stdout.write(f"\r[{'█' * filled}{'·' * (WIDTH - filled)}] {done:,} of {self.total:,} tasks", ending=end)
        self.stdout.flush()


class _Lines:
    """A plain line now and then, for logs."""

    def __init__(self, total: int, stdout: Any) -> None:
        self.total = total
        self.stdout = stdout
        self.said = 0

    def __call__(self, done: int) -> None:
        if done - self.said >= STEP or done >= self.total:
            self.said = done
            self.stdout.write(f"{done:,} of {self.total:,} tasks")


def positive_number(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value
