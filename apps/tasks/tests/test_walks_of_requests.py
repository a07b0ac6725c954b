"""docs/architecture.md: the modules that a request enters between its view and its SQL are few, and are named."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from apps.common.lists import kept
from apps.common.sql.statements import prepared
from apps.tasks.services import saving
from apps.tasks.views import TaskViewSet

pytestmark = pytest.mark.django_db

APPS = Path(settings.BASE_DIR, "apps")
PAGE = Path(settings.BASE_DIR, "docs", "architecture.md")
OBSERVERS = "common/monitoring/"
LIST = "/api/tasks/?status=todo&ordering=due_date"


class Walk:
    """The modules of the project that a call enters, in order; `until_sql` has those before a statement."""

    def __init__(self, mark: str) -> None:
        self.modules: list[str] = []
        self.until_sql: list[str] = []
        self._mark = mark

    def enter(self, frame, event, _argument) -> None:
        name = frame.f_code.co_filename
        if event != "call" or not name.startswith(f"{APPS}/"):
            return
        name = name.removeprefix(f"{APPS}/")
        if "/tests/" not in name and not name.startswith(OBSERVERS) and name not in self.modules:
            self.modules.append(name)

    def run(self, text: str, *values: Any) -> Any:
        """Run a kept statement, which `prepared` would have run."""
        if self._mark in text and not self.until_sql:
            self.until_sql = list(self.modules)
        return prepared(text, *values)


@contextmanager
def walking(method: str, mark: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    """Profile this method of the view."""
    walk, real = Walk(mark), getattr(TaskViewSet, method)

    def profiled(view, *args, **kwargs):
        before = sys.getprofile()
        sys.setprofile(walk.enter)
        try:
            return real(view, *args, **kwargs)
        finally:
            sys.setprofile(before)

    with monkeypatch.context() as patched:
        patched.setattr(TaskViewSet, method, profiled)
        patched.setattr(saving, "prepared", walk.run)
        yield walk


def documented(method: str) -> set[str]:
    """Return the modules in the tables below the line that begins with this method, until the next such line."""
    below = re.split(
        r"\n(?=`[A-Z]+ /api/)|\nThe first request", PAGE.read_text().partition("\n## Both, module by module")[2]
    )
    (section,) = [part for part in below if part.startswith(f"`{method} ")]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return set(re.findall(r"`([\w/]+\.py)`", " ".join(rows)))


@pytest.fixture
def patched(api, owner, task, monkeypatch) -> Walk:
    api(owner).patch(f"/api/tasks/{task.pk}/", {"title": "The first one builds statements"})
    with walking("partial_update", 'UPDATE "tasks_task"', monkeypatch) as walk:
        assert api(owner).patch(f"/api/tasks/{task.pk}/", {"title": "Another title"}).status_code == 200
    return walk


@pytest.fixture
def listed(api, owner, task, monkeypatch) -> Callable[[], Walk]:
    def read() -> Walk:
        with walking("list", 'FROM "tasks_task"', monkeypatch) as walk:
            assert api(owner).get(LIST).status_code == 200
        return walk

    return read


def test_a_patch_enters_fewer_than_22_modules_from_the_view_to_the_update(patched):
    print(len(patched.until_sql), *patched.until_sql)

    assert "tasks/services/editing.py" in patched.until_sql
    assert len(patched.until_sql) < 22


def test_a_list_enters_fewer_than_16_modules_from_the_view_to_its_select(listed):
    listed()
    walk = listed()
    print(len(walk.modules), *walk.modules)

    assert "common/sql/statements.py" in walk.modules
    assert len(walk.modules) < 16


def test_every_module_that_the_page_names_is_entered_by_the_request(patched, listed):
    kept.forget()
    first, again = listed(), listed()

    for_patch, for_list = documented("PATCH"), documented("GET")
    assert len(for_patch) > 20
    assert len(for_list) > 7
    assert sorted(for_patch - set(patched.modules)) == []
    assert sorted(for_list - set(again.modules)) == []
    assert {"tasks/filters.py", "tasks/models/task.py", "common/sql/json.py", "tasks/serializers.py"} <= set(
        first.modules
    )
