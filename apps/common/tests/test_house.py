"""One door per write: what views, serializers and rules may not do, read from the source."""

import ast
from pathlib import Path

import pytest

APPS = Path(__file__).resolve().parents[2]
SOURCES = [path for path in APPS.rglob("*.py") if not {"tests", "migrations"} & set(path.parts)]
OUTSIDE = [
    path
    for path in SOURCES
    if path.stem.endswith(("views", "serializers")) or {"views", "serializers"} & set(path.parts[:-1])
]
RULES = [
    path
    for path in SOURCES
    if path.stem in {"services", "models", "messages", "roles", "jobs", "queries"} or "services" in path.parts
]
WRITES = {"save", "create", "delete", "update", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
SIGNALS = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_init", "post_init"}


def name_of(node: ast.AST) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")


def writes_in(source: str) -> list[str]:
    """Return the calls that write rows; DRF's own `super().update(…)` and `self.update(…)` do not."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES):
            continue
        owner = node.func.value
        is_super = isinstance(owner, ast.Call) and name_of(owner.func) == "super"
        if not is_super and name_of(owner) not in {"self", "services"}:
            found.append(f"line {node.lineno}: {ast.unparse(node.func)}")
    return found


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(APPS)))
def test_views_and_serializers_write_nothing(path):
    assert writes_in(path.read_text()) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(APPS)))
def test_nothing_listens_to_the_signals_of_models(path):
    imported = {
        alias.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.db.models")
        for alias in node.names
    }

    assert imported & SIGNALS == set()


@pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.relative_to(APPS)))
def test_rules_do_not_know_rest_framework(path):
    tree = ast.parse(path.read_text())
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}

    assert [module for module in modules if module.startswith("rest_framework")] == []


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(APPS)))
def test_answers_of_writes_are_read_in_the_transaction_of_the_write(path):
    """A row for an answer is read by `answer_written`, which `answer_write` calls, or inside a `run_write`."""
    methods = [
        method
        for kind in ast.walk(ast.parse(path.read_text()))
        if isinstance(kind, ast.ClassDef)
        for method in kind.body
        if isinstance(method, ast.FunctionDef)
    ]
    outside = {
        method.name
        for method in methods
        if "answer_fresh(" in (source := ast.unparse(method)) and "run_write(work)" not in source
    }

    assert outside <= {"answer_written", "answer_fresh"}


def test_the_sieve_catches_what_it_is_for():
    assert writes_in("Task.objects.filter(pk=1).update(title='x')") == ["line 1: Task.objects.filter(pk=1).update"]
    assert writes_in("task.save()") == ["line 1: task.save"]
    assert writes_in("super().update(request); self.update(request); services.create(x=1)") == []
    assert len(OUTSIDE) > 5
    assert len(RULES) > 5
