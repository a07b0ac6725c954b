"""`manage.py check_counters`: count what the kept numbers count, and say where they differ."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.projects.models import Project
from apps.tasks.counters.recounting import differences
from apps.tasks.counters.services import set_right


class Command(BaseCommand):
    """Ends with 1 when a number differs; with --fix only when one still does afterwards."""

    help = "Compare the numbers kept on projects and tasks with what they count; ends with 1 on a difference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fix", action="store_true", help="Set what differs to what was counted.")

    def handle(self, *args: Any, **options: Any) -> None:
        projects = Project.objects.order_by("pk").values_list("pk", flat=True)
        wrong = list(differences(projects))
        for difference in wrong:
            self.stdout.write(str(difference))
        verdict = f"{len(projects)} projects counted: {len(wrong)} numbers differ"
        if not wrong or not options["fix"]:
            self.stdout.write(f"{verdict}.")
        else:
            concerned = sorted({difference.project_id for difference in wrong})
            for project_id in concerned:
                set_right(project_id)
            wrong = list(differences(concerned))
            self.stdout.write(f"{verdict}, {len(wrong)} after the correction.")
        if wrong:
            sys.exit(1)
