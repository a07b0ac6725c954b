"""A page of sync: what a copy has to hear next, read from one snapshot of the database (contract SY1 to SY10)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps.common.errors import FieldError, ValidationError
from apps.common.transactions import one_snapshot
from apps.sync.deltas import Deltas, collect
from apps.sync.log import gaps, read_events
from apps.sync.rows import Present, Shown, identity, load
from apps.sync.snapshots import Taken, read_snapshots, take
from apps.sync.state import State, state_of
from apps.sync.token import Asked, Cursor, SyncToken, me_bytes, read_token
from apps.sync.types import Ref, SyncType
from apps.users.models import User
from apps.users.people import people


@dataclass
class Page:
    """`changes` are JSON texts; `kind` is `snapshot`, `reset` or `delta`, for the metrics."""

    changes: list[str] = field(default_factory=list)
    people: list[Any] = field(default_factory=list)
    next: str = ""
    has_more: bool = False
    me_changed: bool = False
    kind: str = "delta"

    @property
    def text(self) -> str:
        """Return the answer's JSON."""
        people_text, next_text = json.dumps(self.people), json.dumps(self.next)
        more, me = json.dumps(self.has_more), json.dumps(self.me_changed)
        return (
            f'{{"changes": [{", ".join(self.changes)}], "people": {people_text}, "next": {next_text}, '
            f'"has_more": {more}, "me_changed": {me}}}'
        )


def read_page(
    *, user: User, since: str | None, types: Collection[SyncType], projects: Sequence[int] | None, limit: int
) -> Page:
    """Return the next page of this person's copy, of at most `limit` changes; nothing is written.

    `since` is the token of the page before, None for a new copy; `projects` None for all that the person sees. Raises
    ValidationError at /projects for one that is not visible when a copy begins, or `wrong_token`, and GoneError
    `sync_reset`.
    """
    asked = Asked(types=frozenset(types), projects=None if projects is None else frozenset(projects))
    with one_snapshot():
        state = state_of(user)
        if since is None:
            _require_visible(state, projects or ())
            token = SyncToken(user_id=user.pk, epoch=state.epoch, asked=asked.digest)
        else:
            token = read_token(since, user_id=user.pk, epoch=state.epoch, asked=asked)
        return _Builder(state.of_projects(asked.projects), token, asked, limit).make(is_new=since is None)


def _require_visible(state: State, projects: Sequence[int]) -> None:
    errors = [
        FieldError(f"/projects/{place}", "does_not_exist", "There is no such project, or you do not see it.")
        for place, pk in enumerate(projects)
        if pk not in state.projects
    ]
    if errors:
        raise ValidationError(*errors)


class _Builder:
    """Makes one page: projects that are lost, snapshots of new ones, then deltas, as far as there is room."""

    def __init__(self, state: State, token: SyncToken, asked: Asked, limit: int) -> None:
        self.token, self.me, self.last = token, me_bytes(state.me), state.projects
        self.types, self.room = asked.types, limit
        self.page = Page()
        self.mentioned: set[int] = set()

    def make(self, *, is_new: bool) -> Page:
        """Return the page."""
        waiting = self._drop_lost_projects()
        positions = {pk: seq for pk, seq in self.token.positions.items() if pk in self.last}
        snapshot, cut = self._visible(self.token.snapshot), self._visible(self.token.event)
        behind = {pk: seq for pk, seq in positions.items() if seq != self.last[pk]} if self.room else {}
        events = read_events(behind, cut, limit=self.room)
        expired = gaps(events, behind, self.last)
        copied = {*positions, *([snapshot.project] if snapshot else [])}
        taken = self._take_snapshots(snapshot, copied, expired)
        positions = {pk: seq for pk, seq in positions.items() if pk not in taken.begun} | taken.positions
        deltas = Deltas(positions, cut if cut and cut.project not in expired else None)
        if not taken.is_full:
            intact = [event for event in events if event.project not in expired]
            deltas = collect(
                intact, positions, deltas.cut, user_id=self.token.user_id, types=self.types, limit=self.room
            )
        self._write(taken, deltas, copied={*copied, *taken.begun})
        self._finish(deltas, waiting, taken.cursor, is_new=is_new)
        return self.page

    def _visible(self, cursor: Cursor | None) -> Cursor | None:
        return cursor if cursor and cursor.project in self.last else None

    def _drop_lost_projects(self) -> dict[int, int]:
        """Write that projects are not visible any more; return the positions of those that have no room (SY6)."""
        known = dict(self.token.positions)
        if self.token.snapshot:
            known[self.token.snapshot.project] = 0
        lost = sorted(known.keys() - self.last.keys())
        for pk in lost[: self.room]:
            self.page.changes.append(_project_change("delete", pk))
        waiting = lost[self.room :]
        self.room -= len(lost) - len(waiting)
        return {pk: known[pk] for pk in waiting}

    def _take_snapshots(self, snapshot: Cursor | None, copied: Collection[int], expired: Collection[int]) -> Taken:
        """Return what of snapshots has room: of the one that was begun, of expired projects and of new ones."""
        new = sorted({*(self.last.keys() - copied), *expired})
        if not new and snapshot is None:
            return Taken([], [], [], {}, None, False)
        refs = read_snapshots(snapshot, new, types=self.types, limit=self.room)
        taken = take(refs, snapshot, lost=expired, last=self.last, limit=self.room)
        self.room -= len(taken.refs) + len(taken.resets)
        if taken.resets:
            self.page.kind = "reset"
        elif taken.refs:
            self.page.kind = "snapshot"
        return taken

    def _write(self, taken: Taken, deltas: Deltas, *, copied: Collection[int]) -> None:
        """Write the objects as they are now. What moved into a project that is not copied yet is not visible here."""
        present = load([*taken.refs, *deltas.seqs], user_id=self.token.user_id, projects=copied)
        written: set[tuple[Any, ...]] = set()
        self._write_snapshots(taken, present, written, seqs=deltas.positions)
        keys = {ref: identity(ref) for ref in deltas.seqs}
        homes = {key: ref.project for ref, key in keys.items() if _is_at_home(ref, present.get(key))}
        for ref, seq in deltas.seqs.items():
            key = keys[ref]
            shown = present.get(key)
            if shown is None:
                self._write_deletion(ref, seq, deltas)
            elif key not in written and homes.get(key, ref.project) == ref.project:
                written.add(key)
                self._write_upsert(ref, seq if shown.project == ref.project else self.last[shown.project], shown)

    def _write_snapshots(
        self, taken: Taken, present: Present, written: set[tuple[Any, ...]], *, seqs: Mapping[int, int]
    ) -> None:
        resets = set(taken.resets)
        seqs = {**self.last, **seqs}
        if taken.cursor:  # of the snapshot that goes on
            seqs[taken.cursor.project] = taken.cursor.seq
        for ref in taken.refs:
            if ref.project in resets:
                resets.discard(ref.project)
                self.page.changes.append(_project_change("reset", ref.project))
            key = identity(ref)
            shown = present.get(key)
            if shown is not None:
                written.add(key)
                self._write_upsert(ref, seqs[ref.project], shown)
        self.page.changes += [_project_change("reset", pk) for pk in taken.resets if pk in resets]

    def _write_upsert(self, ref: Ref, seq: int, shown: Shown) -> None:
        _, sync_type, pk = ref
        if sync_type not in self.types:
            return
        project, text, people_ids = shown
        self.mentioned.update(people_ids)
        # Nothing here needs escaping; an encoder for each of 200 changes would cost as much as reading them
        self.page.changes.append(
            f'{{"type": "{sync_type}", "op": "upsert", "id": {pk}, "project": {project}, "seq": {seq}, "data": {text}}}'
        )

    def _write_deletion(self, ref: Ref, seq: int, deltas: Deltas) -> None:
        """Write that an object is gone from the project; a label waits for the event that says what replaced it."""
        change = {"type": ref.type, "op": "delete", "id": ref.id, "project": ref.project, "seq": seq}
        if ref.type is SyncType.LABEL:
            if ref not in deltas.labels:
                return
            change["replaced_by"] = deltas.labels[ref]
        if ref.type is SyncType.MEMBER:
            self.mentioned.add(ref.id)
        self.page.changes.append(json.dumps(change))

    def _finish(self, deltas: Deltas, waiting: Mapping[int, int], cursor: Cursor | None, *, is_new: bool) -> None:
        known = {*deltas.positions, *([cursor.project] if cursor else [])}
        is_behind = any(seq != self.last[pk] for pk, seq in deltas.positions.items())
        token = replace(
            self.token, me=self.me, positions={**deltas.positions, **waiting}, snapshot=cursor, event=deltas.cut
        )
        self.page.next = token.encode()
        self.page.has_more = bool(waiting or cursor or is_behind or self.last.keys() - known)
        self.page.me_changed = is_new or self.me != self.token.me
        self.page.people = list(people(self.mentioned).values())


def _is_at_home(ref: Ref, shown: Shown | None) -> bool:
    return shown is not None and shown.project == ref.project


def _project_change(op: str, pk: int) -> str:
    return json.dumps({"type": "project", "op": op, "id": pk})
