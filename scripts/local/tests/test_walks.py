"""The two walks through the API, each against a whole backend: the tour, and the tutorial to the letter."""

import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from scripts.local import walk
from scripts.local.environment import ROOT
from scripts.local.tests.conftest import home_folder
from scripts.local.tests.test_run import Run

TUTORIAL = ROOT / "docs" / "tutorial.md"
QUICKLY = {"SCHEDULE_REMIND_SECONDS": "1", "SCHEDULE_REPORTS_SECONDS": "1"}


@pytest.fixture(scope="module")
def backend() -> Iterator[Run]:
    with home_folder() as home:
        run = Run(home, **QUICKLY)
        try:
            run.until("Ready after")
            yield run
        finally:
            run.end()


@pytest.mark.stack
@pytest.mark.slow
def test_the_tour_meets_no_surprise(backend: Run):
    """FIRST-HOUR D4: it finds the backend by LOCAL_DIR alone."""
    done = subprocess.run(
        [ROOT / "scripts/tour"], env=backend.env, cwd="/", capture_output=True, text=True, timeout=600
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "steps without a surprise" in done.stdout
    assert backend.troubles() == []


@pytest.mark.stack
@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_every_command_of_the_tutorial_prints_what_it_says(backend: Run):
    """FIRST-HOUR D13: on another port, with another LOCAL_DIR, and behind a proxy too."""
    folder = backend.home.parent / "clone"
    folder.mkdir()

    wrong = [
        trouble for _, trouble in walk.walk(TUTORIAL.read_text(), folder=folder, url=backend.url(), env=backend.env)
    ]
    print(f"tutorial: {len(wrong)} steps, {sum(map(bool, wrong))} not as written")

    assert len(wrong) > 10
    assert [trouble for trouble in wrong if trouble] == []


@pytest.mark.stack
@pytest.mark.slow
def test_every_block_that_is_marked_runnable_runs(backend: Run):
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    marked = [page for page in pages if walk.steps_of(page.read_text()) and page != TUTORIAL]

    wrong = {
        f"{page.name}, block {number}": trouble
        for page in marked
        for number, (_, trouble) in enumerate(
            walk.walk(page.read_text(), folder=ROOT, url=backend.url(), env=backend.env), 1
        )
    }
    print(f"{len(wrong)} blocks in {len(marked)} pages beside the tutorial, {sum(map(bool, wrong.values()))} fail")

    assert marked
    assert {where: trouble for where, trouble in wrong.items() if trouble} == {}


def test_one_address_of_swagger_ui_is_named_everywhere():
    """FIRST-HOUR D13: run and set-up named the one, README and tutorial the other."""
    pages = [ROOT / "README.md", ROOT / "docs/setup.md", TUTORIAL, ROOT / "scripts/local/run.py"]

    assert [page.name for page in pages if "/api/docs/" not in page.read_text()] == []
    assert [page.name for page in pages if "swagger-ui" in page.read_text()] == []


def test_no_page_asks_for_a_curl_newer_than_that_of_debian_11():
    """FIRST-HOUR D12: what came after 7.74 prints nonsense there, or ends with an error."""
    newer = re.compile(
        r"%header\{|--(json|fail-with-body|url-query|variable|expand-|rate|remove-on-error|no-clobber)\b"
    )
    pages = {page.name: page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]}

    found = [
        f"{name}: {command}"
        for name, text in pages.items()
        for command in text.replace("\\\n", " ").splitlines()
        if "curl" in command and newer.search(command)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("page", "verdict"),
    [
        ("```sh\necho one two\n```\n\n```text\none …\n```\n", ""),
        ("```sh\necho one\n```\n\n```text\ntwo\n```\n", "printed\none"),
        ("```sh\nfalse\n```\n", "ended with 1"),
        ("```sh\nexit 3\n```\n", "ended with the shell ended"),
    ],
)
def test_a_walk_notices_what_is_not_as_written(page: str, verdict: str, tmp_path):
    page = f"```sh\nfalse\n```\n<!-- runnable -->\n{page}<!-- not runnable -->\n```sh\nfalse\n```\n"

    [(_, wrong)] = walk.walk(page, folder=tmp_path, url=walk.DOCUMENTED)

    assert wrong.startswith(verdict)
    assert bool(wrong) == bool(verdict)
