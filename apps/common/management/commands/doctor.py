"""Say what is wrong with this installation and how to fix it."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.common.monitoring.doctor import Finding, Level, examine

MARKS = {Level.OK: "ok  ", Level.WARN: "WARN", Level.FAIL: "FAIL"}


class Command(BaseCommand):
    """`doctor`: one screen, every check, what to do about it; ends with 1 when something fails."""

    help = "Say what is wrong with this installation and how to fix it."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(examine())
        if options["json"]:
            self.stdout.write(json.dumps([finding.as_dict() for finding in findings], indent=2))
        else:
            for finding in findings:
                self.stdout.write(self._line(finding))
            self.stdout.write(_summary(findings))
        if any(finding.level is Level.FAIL for finding in findings):
            sys.exit(1)

    def _line(self, finding: Finding) -> str:
        style = {Level.OK: self.style.SUCCESS, Level.WARN: self.style.WARNING, Level.FAIL: self.style.ERROR}
        line = f"{style[finding.level](MARKS[finding.level])}  {finding.check:12} {finding.text}"
        return f"{line}\n      -> {finding.fix}" if finding.fix else line


def _summary(findings: list[Finding]) -> str:
    counts = {level: sum(finding.level is level for finding in findings) for level in Level}
    if not counts[Level.FAIL]:
        return f"Nothing is broken ({counts[Level.WARN]} to look at)."
    return f"{counts[Level.FAIL]} broken, {counts[Level.WARN]} to look at."
