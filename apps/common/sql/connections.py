"""The connections of web processes."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import PipelineStatus, TransactionStatus


class KeepingConnection(psycopg.Connection[Any]):
    """A connection whose prepared statements outlive the rollback of a transaction in which no statement failed.

    psycopg forgets all of them at every rollback, as what they name may have been made in the transaction. A request
    makes no tables, and the rule that rejects a write is no fault of its statements: to forget them would have
    the next requests on this connection prepare everything again. After a failed statement psycopg's way stays, so
    that one which no longer fits its tables (a migration beside traffic) is prepared again.
    """

    def rollback(self) -> None:
        """Roll back to the start of the pending transaction. Raises what psycopg's own rollback raises."""
        with self.lock:
            if self._is_unharmed():
                self.pgconn.exec_(b"ROLLBACK")
        super().rollback()  # nothing is left to do, unless the connection is lost or a statement has failed

    def _is_unharmed(self) -> bool:
        is_pipeline = self.pgconn.pipeline_status != PipelineStatus.OFF
        return not is_pipeline and self.pgconn.transaction_status == TransactionStatus.INTRANS
