"""What an import notes about its file and its rows is translated where the page shows it (contract IM1, PG3)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from django.utils import translation

from apps.common.language.problems import translated
from scripts.translations.sources import ROOT
from scripts.translations.tests.test_rejections import is_listed

# Which argument of a call is a note, and where functions return notes
NOTED = {"append": 0, "fail": 1, "Skip": 1, "_warn": 1}
RETURNED = {"warnings", "make_labels", "make_views", "relations_left_out"}


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _noted(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := _last_name(node.func)) in NOTED and len(node.args) > NOTED[name]:
            is_list = name == "append" and isinstance(node.func, ast.Attribute)
            if not is_list or _last_name(node.func.value) == "warnings":
                yield "{} " if name == "_warn" else "", node.args[NOTED[name]]
        elif isinstance(node, ast.AugAssign) and _last_name(node.target) == "warnings":
            yield "", node.value
        elif isinstance(node, ast.FunctionDef) and node.name in RETURNED:
            yield "", ast.Module(body=node.body[1:], type_ignores=[])


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
    elif isinstance(node, ast.Constant):
        yield from [node.value] if isinstance(node.value, str) else ()
    else:
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)


def notes() -> set[str]:
    found = set()
    for path in sorted((ROOT / "apps/imports").rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts):
            for before, node in _noted(ast.parse(path.read_text())):
                found |= {before + text for text in _texts(node) if text.endswith(".")}
    return found


def test_every_note_of_an_import_is_translated():
    assert len(notes()) > 40  # the scanner finds them at all
    assert sorted(text for text in notes() if not is_listed(text)) == []


@pytest.mark.parametrize(
    ("said", "german"),
    [
        ("The row has no title.", "Die Zeile hat keinen Titel."),
        ("Assignee `bob` is not a member.", "„bob“ ist nicht Mitglied und bekam die Aufgabe nicht zugewiesen."),
        (
            "There are no such tasks: the relations to “A-1”, “A-2” and 3 more were left out.",
            "Solche Aufgaben gibt es nicht: Die Beziehungen zu “A-1”, “A-2” und 3 weiteren wurden weggelassen.",
        ),
        ("“a.exe” was not attached: The content is a program.", "„a.exe“ wurde nicht angehängt: Der Inhalt ist ein"),
    ],
)
def test_values_and_reasons_stand_in_the_translation(said, german):
    with translation.override("de"):
        assert translated(said).startswith(german)
