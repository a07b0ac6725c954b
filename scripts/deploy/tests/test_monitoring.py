"""The dashboard and the alert rules ask only for numbers that /metrics shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
import yaml
from prometheus_client.registry import REGISTRY

from apps.common.monitoring import metrics
from scripts.deploy.tests.compose import ROOT

FOLDER = ROOT / "scripts" / "deploy" / "monitoring"
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
NAME = re.compile(r"\btaskhouse_[a-z0-9_]+")


def exported() -> set[str]:
    """Return the sample names that a scrape can show."""
    counted = {
        family.name + suffix
        for family in REGISTRY.collect()
        if family.name.startswith("taskhouse_")
        for suffix in SUFFIXES[family.type]
    }
    return counted | set(metrics._state_gauges) | {"taskhouse_unreadable_gauges"}


def dashboard_expressions() -> Iterator[str]:
    dashboard = json.loads((FOLDER / "grafana-dashboard.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield target["expr"]
    for variable in dashboard["templating"]["list"]:
        yield json.dumps(variable["query"])


def alert_rules() -> list[dict[str, str]]:
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.mark.parametrize("source", ["dashboard", "alerts"])
def test_every_number_asked_for_is_exported(source):
    expressions = dashboard_expressions() if source == "dashboard" else (rule["expr"] for rule in alert_rules())
    asked = {name for expression in expressions for name in NAME.findall(expression)}

    print(f"{source}: {len(asked)} numbers asked for, {len(exported())} exported")
    assert len(asked) > 5
    assert asked <= exported()


def test_every_exported_number_is_on_the_dashboard():
    asked = {name for expression in dashboard_expressions() for name in NAME.findall(expression)}
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in exported()}
    shown = {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked}

    assert families - shown == {"taskhouse_unreadable_gauges"}


def test_every_alert_has_its_paragraph_in_the_operations_guide():
    guide = (ROOT / "docs" / "operations.md").read_text()

    assert [rule["alert"] for rule in alert_rules() if f"### {rule['alert']}" not in guide] == []
