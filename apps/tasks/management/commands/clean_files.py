"""`manage.py clean_files`: the clean-up of attachments, now; with --dry-run only what it would do."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.tasks.attachments.services import clean_files


class Command(BaseCommand):
    help = "Remove uploads that broke off, files of tasks long archived, and files without a row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Change nothing, print what would be done.")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run: bool = options["dry_run"]
        done = clean_files(dry_run=dry_run)
        for name in done.strays:
            self.stdout.write(f"without a row: {name}")
        self.stdout.write(
            f"{'Would have removed' if dry_run else 'Removed'}: "
            f"{done.uploads} broken uploads, {done.expired} expired files, "
            f"{done.removed} files with their rows in all, {len(done.strays)} files without a row."
        )
