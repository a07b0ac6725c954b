"""Operations for migrations that run while the former version serves."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently


class AddIndexOnline(AddIndexConcurrently):
    """Build an index beside the traffic, and build it anew when an earlier attempt was interrupted.

    Building waits for transactions that began before, and blocks nobody meanwhile: the limit that a migration sets
    for its locks would end it for nothing. An attempt that ends leaves an invalid index under the name.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        quoted = schema_editor.quote_name(self.index.name)
        schema_editor.execute("SET lock_timeout = 0")
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        schema_editor.execute("RESET lock_timeout")
