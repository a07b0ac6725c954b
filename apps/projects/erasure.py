"""Which rows end with a project or a task, and how they are deleted: children first, in batches.

This app does not know the tables that higher apps put below projects and tasks. Each app says in
`AppConfig.ready()` what becomes of its rows, one line per table: `delete_with` or `leave`. Start-up
checks (`erasure_checks.py`) reject a model that refers to a project or a task without such a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from django.db import connection
from django.db.models import ForeignKey, Model

BATCH = 10_000  # rows per statement: each stays far below the web's time limit

ModelClass = type[Model]
Condition = Callable[[str], str]


@dataclass(frozen=True)
class Entry:
    """What becomes of a table's rows with one root: they are deleted, or left alone for the reason `why`.

    They belong to the root that one of `columns` refers to, or else to that of the row at the end of the
    foreign key `through`.
    """

    columns: tuple[str, ...] = ()
    through: str = ""
    why: str = ""


class Registry:
    """The roots (`project` and `task`) and, for each, the tables below it."""

    def __init__(self) -> None:
        self.roots: dict[str, ModelClass] = {}
        self._named: dict[str, dict[ModelClass, Entry]] = {}
        self._through: dict[ModelClass, Entry] = {}

    def add_root(self, name: str, model: ModelClass) -> None:
        """Make `model` a root: rows that refer to it, or have a column `<name>_id`, are below it."""
        self.roots[name] = model

    def delete_with(self, model: ModelClass, *, through: str = "", **columns: Sequence[str]) -> None:
        """Delete the rows of `model` with what its columns refer to, named for each root: `task=["task_id"]`.

        `through` names the foreign key that leads to the other roots, where the table has no column for
        them, or none with an index: `comment` for the versions of comments.
        """
        for root, names in columns.items():
            self._add(root, model, Entry(columns=tuple(names)))
        if through:
            self._through[model] = Entry(through=through)

    def leave(self, model: ModelClass, *, why: str, **columns: Sequence[str]) -> None:
        """Leave the rows of `model` alone; `why` says why they stay, or who deletes or detaches them instead."""
        for root, names in columns.items():
            self._add(root, model, Entry(columns=tuple(names), why=why))

    def _add(self, root: str, model: ModelClass, entry: Entry) -> None:
        self._named.setdefault(root, {})[model] = entry

    def entries(self, root: str) -> dict[ModelClass, Entry]:
        """Return the tables below `root` in the order in which they were registered."""
        return self._through | self._named.get(root, {})

    def named_roots(self) -> set[str]:
        """Return the names of roots that columns were given for."""
        return set(self._named)

    def forget(self, model: ModelClass) -> None:
        """Take back what was said of `model`: for tests."""
        for entries in (self._through, *self._named.values()):
            entries.pop(model, None)

    def order(self, root: str) -> list[ModelClass]:
        """Return the tables whose rows are deleted with `root`, children first; raises graphlib.CycleError."""
        models = [model for model, entry in self.entries(root).items() if not entry.why]
        sorter: TopologicalSorter[ModelClass] = TopologicalSorter()
        for model in models:
            sorter.add(model)
            for key in foreign_keys(model):
                if key.related_model is not model and key.related_model in models:
                    sorter.add(key.related_model, model)
        return list(sorter.static_order())

    def condition(self, root: str, model: ModelClass, alias: str) -> str:
        """Return the SQL that holds for the rows of `model` (as `alias`) below the roots in `%(ids)s`."""
        entry = self.entries(root)[model]
        if not entry.through:
            return f"({' OR '.join(f'{alias}.{_quote(column)} = ANY(%(ids)s)' for column in entry.columns)})"
        key = next(key for key in foreign_keys(model) if key.name == entry.through)
        column, target, inner = _quote(str(key.column)), _quote(str(key.target_field.column)), f"{alias}_parent"
        parents = (
            f"SELECT {inner}.{target} FROM {_quote(key.related_model._meta.db_table)} {inner}"  # noqa: S608 - names of our own models
            f" WHERE {self.condition(root, key.related_model, inner)}"
        )
        return f"{alias}.{column} IN ({parents})"


registry = Registry()


def erase_below(root: str, ids: Sequence[int]) -> None:
    """Delete all rows below the roots (`project` or `task`) with these ids, in the caller's transaction.

    The caller holds the locks of the projects, and has announced the deletion to those who detach rows.
    """
    for model in registry.order(root):
        _delete(model, lambda alias, model=model: registry.condition(root, model, alias), ids)  # type: ignore[misc]


def erase_rows(model: ModelClass, ids: Sequence[int], *, column: str = "id") -> None:
    """Delete the rows of `model` with one of these ids in `column`, in the caller's transaction."""
    _delete(model, lambda alias: f"{alias}.{_quote(column)} = ANY(%(ids)s)", ids)


def _delete(model: ModelClass, condition: Condition, ids: Sequence[int]) -> None:
    """Delete in batches; of a tree in one table, the leaves go first.

    A cursor of the server's finds the rows: a batch begins where the one before it ended, and does not pass again what
    this transaction has deleted.
    """
    table, leaves = _quote(model._meta.db_table), ""
    row_id = _quote(model._meta.pk.column) if model._meta.pk.column else "ctid"  # a composite key has no column
    for key in foreign_keys(model):
        if key.related_model is model:
            column, target = _quote(str(key.column)), _quote(str(key.target_field.column))
            leaves += (
                f" AND NOT EXISTS (SELECT FROM {table} child"
                f" WHERE child.{column} = doomed.{target} AND {condition('child')})"
            )
    find = f"SELECT doomed.{row_id} FROM {table} doomed WHERE {condition('doomed')}{leaves}"  # noqa: S608 - names of our own models
    delete = f"DELETE FROM {table} WHERE {row_id} = ANY(%(rows)s)"  # noqa: S608 - the same
    while _deleted(find, delete, {"ids": list(ids)}) and leaves:
        pass  # what was above the leaves is a leaf now


def _deleted(find: str, delete: str, ids: dict[str, list[int]]) -> int:
    """Delete what the first statement finds by the second one, and return how many rows it were."""
    deleted = 0
    with connection.chunked_cursor() as found, connection.cursor() as cursor:
        found.execute(find, ids)
        while batch := found.fetchmany(BATCH):
            cursor.execute(delete, {"rows": [row for (row,) in batch]})
            deleted += cursor.rowcount
    return deleted


def foreign_keys(model: ModelClass) -> Iterator[ForeignKey[Any, Any]]:
    """Yield the model's own foreign keys."""
    yield from (key for key in model._meta.local_fields if isinstance(key, ForeignKey))


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)
