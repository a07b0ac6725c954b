"""The pages of docs hang together: links lead somewhere, files that are named exist, commands can be read."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED = re.compile(r"`((?:apps|config|docs|scripts)/[\w./-]+|\./scripts/[\w-]+)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
MADE_UP = {"apps/tasks/tests/test_snooze.py"}  # the example of docs/contributing.md

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to a page's headings."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(prose(page))}


def broken(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    if not target.exists():
        return True
    return bool(anchor) and target.suffix == ".md" and anchor not in anchors(target)


@pages
def test_every_link_leads_somewhere(page):
    links = [link for link in LINK.findall(prose(page)) if not link.startswith(("http:", "https:", "mailto:"))]

    assert [link for link in links if broken(page, link)] == []


@pages
def test_every_file_that_is_named_exists(page):
    named = set(NAMED.findall(page.read_text())) - MADE_UP

    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@pages
def test_every_command_can_be_read_by_a_shell(page):
    for language, block in FENCED.findall(page.read_text()):
        if language in {"sh", "bash"}:
            read = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True)
            assert read.returncode == 0, f"{block}\n{read.stderr}"


def test_the_rooms_of_the_architecture_are_the_layers_that_the_gate_checks():
    rooms = (ROOT / "docs/architecture.md").read_text().partition("## The rooms\n")[2].partition("\n## ")[0]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [layers] = [each["layers"] for each in contracts if each["name"] == "Apps import in one direction"]

    assert [f"apps.{room}" for room in re.findall(r"^\| `(\w+)` \|", rooms, re.MULTILINE)] == layers


def test_the_checks_notice_what_is_wrong(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One heading, only\n\n[a](gone.md) [b](#one-heading-only) [c](#another)\n")

    assert [link for link in LINK.findall(prose(page)) if broken(page, link)] == ["gone.md", "#another"]
