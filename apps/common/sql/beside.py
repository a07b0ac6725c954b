"""What stands beside the rows of a page: joined once the page is limited, and not for all rows that it could show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Expression, QuerySet


class OfPage(Expression):
    """An id in a column of the page, for the queries beside it."""

    def __init__(self, column: str) -> None:
        super().__init__(output_field=BigIntegerField())
        self.column = column

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return f"page.{connection.ops.quote_name(self.column)}", []


@dataclass(frozen=True)
class PageWith:
    """A limited queryset of values, and for each of its rows the row that each query in `beside` finds, or nulls.

    Those find one row at most, by conditions on `OfPage`. Their columns follow `columns` of the page; the sort key
    comes last: names of the page's columns without nulls, and whether each descends.

    A sub-select in place of such a query is run anew for each row; here PostgreSQL keeps what rows share, such as who
    did it, and the columns of a row are found at once.
    """

    page: QuerySet[Any, Any]
    columns: Sequence[str]
    key: Sequence[tuple[str, bool]]
    beside: Sequence[QuerySet[Any, Any]]

    def as_sql(self) -> tuple[str, list[Any]]:
        """Return the statement and its parameters."""
        quoted = connection.ops.quote_name
        text, params = _compiled(self.page)
        joins, values = [], list(params)
        for number, rows in enumerate(self.beside):
            inner, params = _compiled(rows)
            joins.append(f"LEFT JOIN LATERAL ({inner}) beside{number} ON true")
            values += params
        shown = [
            *(f"page.{quoted(name)}" for name in self.columns),
            *(f"beside{number}.*" for number in range(len(self.beside))),
            *(f"page.{quoted(name)}" for name, _ in self.key),
        ]
        order = [f"page.{quoted(name)} {'DESC' if descending else 'ASC'}" for name, descending in self.key]
        return (
            f"SELECT {', '.join(shown)} FROM ({text}) page {' '.join(joins)} ORDER BY {', '.join(order)}",  # noqa: S608 - the compiler's own text
            values,
        )


def _compiled(rows: QuerySet[Any, Any]) -> tuple[str, Sequence[Any]]:
    text, params = rows.query.get_compiler(connection=connection).as_sql()
    return text, params
