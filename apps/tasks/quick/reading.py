"""What the pieces of a text stand for in a project: the fields of a task, and a warning for what is not understood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.conf import settings
from django.db.models import TextField, Value
from django.db.models.functions import Lower

from apps.common.dates.days import instant_at
from apps.common.dates.instants import utc
from apps.common.text.names import name_fault
from apps.common.text.normal_form import normal_form
from apps.projects.models import Membership, Project
from apps.tasks.days.ending import FIRST_DAY, LAST_DAY
from apps.tasks.labels.services.tagging import LABELS_PER_TASK
from apps.tasks.models import LABEL_NAME_LENGTH, Label, Priority
from apps.tasks.quick.dates import Found
from apps.tasks.quick.scanning import Piece, Sign


@dataclass(frozen=True)
class Token:
    """A piece of the text that became a field: `position` and `length` in characters, `value` as JSON."""

    text: str
    position: int
    field: str
    value: Any

    @property
    def length(self) -> int:
        """Return how many characters of the text it takes."""
        return len(self.text)


@dataclass
class Reading:
    """What a text says: the body of a creation in `fields`, where a label that does not exist is its name."""

    fields: dict[str, Any] = field(default_factory=dict)
    tokens: list[Token] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """Where the task will be: the project, the `^` piece that names it, and the reader's clock."""

    project: Project
    named_by: Piece | None
    now: datetime  # in the reader's zone


@dataclass
class _Reader:
    """Walks the pieces once. What is `ignored` counts as understood, so that no other piece takes its place."""

    place: Place
    ignored: frozenset[int]
    people: Mapping[str, int]
    labels: Mapping[str, int]
    room: int  # labels that the project has room for
    reading: Reading = field(default_factory=Reading)
    title: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)  # normal forms of the labels so far

    def take(self, piece: Piece) -> None:
        if piece.sign == Sign.TEXT:
            self.title.append(piece.name)
            return
        token, warning = getattr(self, f"read_{piece.sign}")(piece)
        if token is not None and piece.position not in self.ignored:
            self.reading.tokens.append(token)
            self.set(token)
            return
        self.title.append(piece.text)
        if warning and piece.position not in self.ignored:
            self.reading.warnings.append(warning)

    def set(self, token: Token) -> None:
        fields = self.reading.fields
        if token.field != "labels":
            fields[token.field] = token.value
        elif not any(_same_label(token.value, each) for each in fields.setdefault("labels", [])):
            fields["labels"].append(token.value)

    def first(self, kind: str, piece: Piece, name: str, value: Any) -> tuple[Token | None, str]:
        """Return the token of the first of a kind; a further one stays text."""
        if kind in self.taken:
            return None, f"`{piece.text}` stays text: a task has one {kind}."
        self.taken.add(kind)
        return Token(piece.text, piece.position, name, value), ""

    def read_project(self, piece: Piece) -> tuple[Token | None, str]:
        if piece is self.place.named_by:
            return self.first("project", piece, "project", self.place.project.pk)
        if self.place.named_by is not None:
            return None, f"`{piece.text}` stays text: a task has one project."
        return None, f"`{piece.text}` stays text: it is not the project of the task, or not one that you write to."

    def read_label(self, piece: Piece) -> tuple[Token | None, str]:
        name = piece.name.strip()
        if not name or len(name) > LABEL_NAME_LENGTH or name_fault(name):
            return None, f"`{piece.text}` cannot be the name of a label."
        form = normal_form(name)
        if form not in self.names:
            if len(self.names) >= LABELS_PER_TASK:
                return None, f"`{piece.text}` stays text: a task has at most {LABELS_PER_TASK} labels."
            if form not in self.labels:
                if self.room <= 0:
                    return None, f"`{piece.text}` stays text: the project has no room for another label."
                self.room -= 1
            self.names.add(form)
        return Token(piece.text, piece.position, "labels", self.labels.get(form, name)), ""

    def read_person(self, piece: Piece) -> tuple[Token | None, str]:
        person = self.people.get(piece.name.lower())
        if person is None:
            return None, f"`{piece.text}` is not a member of the project."
        return self.first("assignee", piece, "assigned_to", person)

    def read_priority(self, piece: Piece) -> tuple[Token | None, str]:
        priority = piece.name.lower()
        if priority not in Priority.values:
            return None, f"`{piece.text}` is not a priority."
        return self.first("priority", piece, "priority", priority)

    def read_date(self, piece: Piece) -> tuple[Token | None, str]:
        when = _resolved(piece.when, self.place.now) if piece.when else None
        if when is None:
            return None, f"`{piece.text}` is not in the calendar."
        return self.first("date", piece, *when)

    def read_repetition(self, piece: Piece) -> tuple[None, str]:
        return None, f"`{piece.text}` stays text: tasks do not repeat."


def read_pieces(pieces: Sequence[Piece], place: Place, *, ignored: Iterable[int] = ()) -> Reading:
    """Return what the pieces say of a task of the locked project; those at `ignored` positions stay text."""
    labels = [normal_form(piece.name.strip()) for piece in pieces if piece.sign == Sign.LABEL]
    people = [piece.name for piece in pieces if piece.sign == Sign.PERSON]
    project = place.project
    reader = _Reader(
        place,
        frozenset(ignored),
        people=_members(project, people) if people else {},
        labels=_known_labels(project, labels) if labels else {},
        room=settings.LABELS_MAX_PER_PROJECT - Label.objects.filter(project=project).count() if labels else 0,
    )
    for piece in pieces:
        reader.take(piece)
    title = " ".join(" ".join(reader.title).split())
    reader.reading.fields = {"title": title, **reader.reading.fields}
    return reader.reading


def _same_label(one: int | str, other: int | str) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return normal_form(one) == normal_form(other)
    return one == other


def _members(project: Project, names: Iterable[str]) -> dict[str, int]:
    """Return {name in lower case: id} of the members with these usernames, whatever their case."""
    wanted = [Lower(Value(name, TextField())) for name in dict.fromkeys(names)]
    members = Membership.objects.filter(project=project).annotate(name=Lower("user__username"))
    found = members.filter(name__in=wanted).values_list("user__username", "user_id")
    return {username.lower(): user_id for username, user_id in found}


def _known_labels(project: Project, forms: Iterable[str]) -> dict[str, int]:
    found = Label.objects.filter(project=project, normal_name__in=set(forms))
    return dict(found.values_list("normal_name", "pk"))


def _resolved(when: Found, now: datetime) -> tuple[str, str] | None:
    """Return the field and value of a date; None for one that the calendar or the clock of the zone does not have."""
    if not when.is_possible:
        return None
    if when.time is None:
        assert when.day is not None  # noqa: S101 - a date has one of the two
        return "due_on", when.day.isoformat()
    zone = now.tzinfo
    assert zone is not None  # noqa: S101 - the reader's
    day = when.day or now.date()
    instant = _instant(datetime.combine(day, when.time), zone)
    if when.day is None and (instant is None or instant < now):
        instant = _instant(datetime.combine(day + timedelta(days=1), when.time), zone)
    return ("due_date", utc(instant)) if instant else None


def _instant(local: datetime, zone: tzinfo) -> datetime | None:
    """Return the (first) instant at which clocks in `zone` show `local`; None for what no task can have."""
    instant = instant_at(local, zone)
    return instant if instant and FIRST_DAY <= instant.date() <= LAST_DAY else None
