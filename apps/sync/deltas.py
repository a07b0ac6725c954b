"""Which objects have changed behind a copy's positions, merged and in order (contract SY4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from apps.sync.log import LoggedEvent, is_wanted, own_refs, read_below, refs_of
from apps.sync.token import Cursor
from apps.sync.types import Ref, SyncType


@dataclass
class Deltas:
    """`seqs` maps the objects to the last of their events, in the order of these.

    `labels` are those that were deleted or merged, with the label that took their place; `positions` how far each
    project was read; `cut` an event of which only a part had room; `is_full` whether there is more.
    """

    positions: dict[int, int]
    cut: Cursor | None = None
    seqs: dict[Ref, int] = field(default_factory=dict)
    labels: dict[Ref, int | None] = field(default_factory=dict)
    is_full: bool = False

    def note(self, ref: Ref, event: LoggedEvent) -> None:
        """Take an object in, behind all others: what hangs on a task that is deleted goes before."""
        self.seqs.pop(ref, None)
        self.seqs[ref] = event.seq
        if ref.type is SyncType.LABEL and event.type in ("label.deleted", "label.merged"):
            self.labels[ref] = event.replaced_by


def collect(
    events: Sequence[LoggedEvent],
    positions: Mapping[int, int],
    cut: Cursor | None,
    *,
    user_id: int,
    types: Collection[SyncType],
    limit: int,
) -> Deltas:
    """Return the objects of the events, as many whole events as have room among `limit` changes.

    The last event may be read in part: an act on thousands of tasks is one event. One statement more where tasks have
    moved or come back.
    """
    wanted = frozenset(types)
    deltas = Deltas(dict(positions), cut)
    events = _beginning(events, wanted, user_id=user_id, limit=limit)
    below = read_below(events, cut, limit=limit)
    for place, event in enumerate(events):
        done = cut[2:] if cut and (event.project, event.seq) == cut[:2] else None
        for ref in refs_of(event, below.found.get(place, ()), cut, user_id=user_id):
            if not is_wanted(ref, wanted):
                continue
            if ref not in deltas.seqs and len(deltas.seqs) >= limit:
                return _stop(deltas, event, done)
            deltas.note(ref, event)
            done = ref.place
        if below.cut == place:
            return _stop(deltas, event, done)
        deltas.positions[event.project] = event.seq
        deltas.cut = None
    return deltas


def _beginning(
    events: Sequence[LoggedEvent], types: frozenset[SyncType], *, user_id: int, limit: int
) -> Sequence[LoggedEvent]:
    """Return the events that the page may have room for: up to the one that names one object too many."""
    named: set[Ref] = set()
    for place, event in enumerate(events):
        named.update(ref for ref in own_refs(event, user_id=user_id) if is_wanted(ref, types))
        if len(named) > limit:
            return events[: place + 1]
    return events


def _stop(deltas: Deltas, event: LoggedEvent, done: tuple[int, int] | None) -> Deltas:
    deltas.is_full = True
    deltas.cut = Cursor(event.project, event.seq, *done) if done else None
    return deltas
