"""The epoch of the database: what clients that keep a copy of its rows compare, see contract E9."""

from __future__ import annotations

from uuid import UUID, uuid4

from apps.common.models import Installation


def current_epoch() -> UUID:
    """Return the epoch. `scripts/restore` sets a new one: numbers of events go back, and mean something else then.

    It is made anew where the row is missing, as in a database that was emptied by hand.
    """
    epoch = Installation.objects.values_list("epoch", flat=True).first()
    if epoch is None:
        Installation.objects.bulk_create([Installation(epoch=uuid4())], ignore_conflicts=True)
        epoch = Installation.objects.values_list("epoch", flat=True).get()
    return epoch
