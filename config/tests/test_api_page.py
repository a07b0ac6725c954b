"""docs/api.md and docs/pages.md name every route, its methods and the tests of each; nothing on them is made up."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (ROOT / "docs" / "api.md", ROOT / "docs" / "pages.md")
HEAD = re.compile(r"^\| route \|.*tests in `(?P<folder>[^`]+)` \|$")
QUOTED = re.compile(r"`([^`]+)`")
# Django's own, behind one door
ADMIN = "/admin/"


@dataclass(frozen=True)
class Line:
    """A line of a table: routes with their methods, and the files of their tests."""

    routes: tuple[str, ...]
    methods: frozenset[str]
    tests: tuple[Path, ...]


def lines(page: str) -> Iterator[Line]:
    """Yield the lines of all tables of routes; an empty route is that of the line before."""
    folder, routes = "", ()
    for text in page.splitlines():
        if head := HEAD.match(text):
            folder = head["folder"]
        elif not text.startswith("|"):
            folder = ""
        elif folder and not text.startswith("|---"):
            route, methods, _who, tests = (cell.strip() for cell in text.strip("|").split("|"))
            routes = tuple(QUOTED.findall(route)) or routes
            yield Line(routes, frozenset(re.findall(r"[A-Z]+", methods)), tuple(files(folder, tests)))


def files(folder: str, cell: str) -> Iterator[Path]:
    """Yield the files that a cell names: a name with a folder moves the following ones there too."""
    here = Path(folder)
    for name in QUOTED.findall(cell):
        path = Path("apps", name) if "/" in name else here / name
        here = path.parent
        yield ROOT / path


def url_map(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[tuple[str, frozenset[str] | None]]:
    """Yield each route with its methods; None for views that are functions and do not say."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern).lstrip("^").replace("/^", "/")
        if isinstance(pattern, URLResolver):
            yield from url_map(pattern, route)
        else:
            yield bare(route), methods_of(pattern)


def bare(route: str) -> str:
    """Return `/tasks/{}/` for every way in which a parameter is written."""
    route = re.sub(r"\(\?P<\w+>[^()]*\)|<[^>]+>|{\w+}", "{}", route)
    return route.replace("$", "").replace("\\Z", "").replace("^", "")


def methods_of(pattern: URLPattern) -> frozenset[str] | None:
    callback = pattern.callback
    if actions := getattr(callback, "actions", None):
        names = set(actions)
    elif kind := getattr(callback, "cls", None) or getattr(callback, "view_class", None):
        options = getattr(callback, "view_initkwargs", None) or getattr(callback, "initkwargs", {})
        names = {name for name in options.get("http_method_names", kind.http_method_names) if hasattr(kind, name)}
    else:
        return None
    return frozenset(name.upper() for name in names) - {"HEAD", "OPTIONS", "TRACE"}


def documented() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in LINES:
        for route in line.routes:
            found.setdefault(bare(route), set()).update(line.methods)
    return {route: methods for route, methods in found.items() if not route.startswith(ADMIN)}


LINES = [line for document in DOCUMENTS for line in lines(document.read_text())]


def test_the_page_has_every_route_and_method_and_no_other():
    real = {route: methods for route, methods in url_map() if not route.startswith(ADMIN)}
    shown = documented()
    print(f"docs/api.md: {len(shown)} routes in {len(LINES)} lines; the URL map has {len(real)}")

    assert sorted(real.keys() - shown.keys()) == [], "routes that the page lacks"
    assert sorted(shown.keys() - real.keys()) == [], "routes that do not exist"
    assert {route: sorted(methods) for route, methods in real.items() if methods is not None} == {
        route: sorted(shown[route]) for route, methods in real.items() if methods is not None
    }


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.routes[0] + " " + ",".join(sorted(line.methods)))
def test_the_tests_that_a_line_names_exist(line):
    assert line.tests
    assert [str(path.relative_to(ROOT)) for path in line.tests if not path.is_file()] == []


def test_files_are_read_relative_to_the_table_and_to_each_other():
    assert [path.relative_to(ROOT) for path in files("apps/", "`projects/tests/test_a.py`, `test_b.py`")] == [
        Path("apps/projects/tests/test_a.py"),
        Path("apps/projects/tests/test_b.py"),
    ]
