"""PG4, PG5, PG12, PG13: what no template of the pages may hold, and what all of them must."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import find

from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser

APPS = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path
    for folder in ("common", "web", "users", "notifications")
    for path in (APPS / folder / "templates").rglob("*.html")
    if path.name not in {"swagger.html", "redoc.html", "mail.html"}
)
FORBIDDEN = {
    "inline handler": r"\son[a-z]+\s*=",
    "inline style": r"\sstyle\s*=|<style",
    "inline script": r"<script(?![^>]*\ssrc=)",
    "address of a script": r"javascript:",
    "attribute of htmx that is gone, or evaluates": r"hx-(?:ext|vars|params|prompt|disable|on)\b|js:",
    "inherited attribute of htmx": r"<body[^>]*\shx-",
    "unescaped text": r"\|safe\b|autoescape\s+off",
}
STATIC = APPS / "web" / "static" / "web", APPS / "common" / "static" / "common"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(APPS)))
def test_pg4_pg5_no_template_holds_what_the_policy_forbids(path):
    text = path.read_text()

    assert [name for name, pattern in FORBIDDEN.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(APPS)))
def test_pg3_every_form_that_posts_has_its_token(path):
    if path.name == "unsubscribe.html":  # RFC 8058: its one click comes from mail programs
        return
    forms = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", path.read_text(), re.DOTALL)

    assert [form[:200] for form in forms if "csrf_token" not in form] == []


def test_pg4_the_rules_notice_what_is_wrong():
    bad = {
        "inline handler": '<a onclick="x">',
        "inline style": '<p style="color: red">',
        "inline script": "<script>x</script>",
        "address of a script": '<a href="javascript:x">',
        "attribute of htmx that is gone, or evaluates": '<a hx-on:click="x">',
        "inherited attribute of htmx": '<body hx-headers="x">',
        "unescaped text": "{{ title|safe }}",
    }

    assert bad.keys() == FORBIDDEN.keys()
    assert [name for name, text in bad.items() if not re.search(FORBIDDEN[name], text)] == []


@pytest.mark.django_db
def test_pg13_pages_styles_and_scripts_are_small(owner, project):
    for _ in range(50):
        TaskFactory(project=project, title="A title of about the usual length for a task", assigned_to=owner)
    browser = Browser(owner)
    sizes = {}
    for path in ("/", f"/projects/{project.pk}/", f"/projects/{project.pk}/board/", "/search/?search=title"):
        sizes[path] = len(gzip.compress(browser.open(path).content))
    styles, scripts = (
        sum(len(gzip.compress(path.read_bytes())) for folder in STATIC for path in folder.rglob(pattern))
        for pattern in ("[ctp]*.css", "*.js")
    )
    scripts += len(gzip.compress(Path(find("django_htmx/htmx-2.min.js")).read_bytes()))

    print(f"gzip: pages {sizes}, styles {styles}, scripts {scripts} bytes")
    assert max(sizes.values()) < 40_000
    assert styles < 25_000
    assert scripts < 60_000


@pytest.mark.django_db
def test_pg12_every_page_has_its_language_title_heading_and_way_past_the_menu(owner, project, task):
    browser = Browser(owner)
    titles = set()
    for path in ("/", "/projects/", f"/projects/{project.pk}/", f"/tasks/{task.pk}/", "/settings/", "/trash/"):
        browser.open(path)
        page = browser.page
        assert page.xpath("string(/html/@lang)") == "en"
        assert len(page.xpath("//h1")) == 1, path
        assert page.xpath("//a[@class='skip' and substring-after(@href, '#') = 'main']")
        assert page.xpath("//main[@id='main']")
        for field in page.xpath("//input[not(@type='hidden')] | //select | //textarea"):
            named = field.get("aria-label") or page.xpath("//label[@for=$id]", id=field.get("id") or "-")
            assert named or field.xpath("ancestor::label"), (path, field.get("name"))
        titles.add(page.xpath("string(//title)"))

    assert len(titles) == 6
