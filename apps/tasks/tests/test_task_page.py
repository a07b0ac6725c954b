"""The plain page at /tasks/{id}/ that mails link to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders


def bare(page, pk: int) -> str:
    """Return the page without the number that it was asked for."""
    return page.content.decode().replace(f'data-task="{pk}"', "").replace(f"/api/tasks/{pk}/", "")


def test_it_is_the_same_for_a_task_that_exists_and_one_that_does_not(client, task):
    there, not_there = client.get(f"/tasks/{task.pk}/"), client.get("/tasks/999999999/")

    assert there.status_code == not_there.status_code == 200
    assert bare(there, task.pk) == bare(not_there, 999_999_999)
    assert "Fix the login page" not in there.content.decode()


def test_its_script_and_style_are_its_own(client, task):
    page = client.get(f"/tasks/{task.pk}/")

    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.content.decode())
    assert any(address.endswith("task.js") for address in addresses)
    assert all(finders.find(address.removeprefix("/static/")) for address in addresses)
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert "<script>" not in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_the_script_writes_text_and_never_html():
    script = Path(finders.find("tasks/task.js")).read_text(encoding="utf-8")

    assert "textContent" in script
    for risky in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "localStorage", "cookie"):
        assert risky not in script


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_takes_nothing(client, task, method):
    assert getattr(client, method)(f"/tasks/{task.pk}/").status_code in (403, 405)


def test_with_a_front_end_it_leads_there(client, task, settings):
    settings.FRONTEND_URL = "https://app.example.org"

    response = client.get(f"/tasks/{task.pk}/")

    assert (response.status_code, response["Location"]) == (302, f"https://app.example.org/tasks/{task.pk}/")
