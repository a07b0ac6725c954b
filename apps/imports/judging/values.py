"""What a task is to have, from an item and the mapping: values that the database takes, and what had to give way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.common.api.file_names import clean_file_name
from apps.common.dates.days import start_of_day, zone_named
from apps.common.dates.instants import utc
from apps.common.text.names import DIRECTIONS, is_control, name_fault
from apps.common.text.normal_form import normal_form
from apps.imports.judging.dates import read_date
from apps.imports.sources.items import FoundComment, FoundFile, FoundRelation, Item
from apps.imports.sources.texts import clean
from apps.tasks.days.ending import end_of_day
from apps.tasks.labels.services.tagging import LABELS_PER_TASK
from apps.tasks.metadata import metadata_fault
from apps.tasks.models import COMMENT_LENGTH, DESCRIPTION_LENGTH, LABEL_NAME_LENGTH, TITLE_LENGTH, Status
from apps.tasks.relations.kinds import KINDS

ID_LENGTH = 255
EXTRA_MAX = 8 * 1024  # bytes of `metadata.import` (contract IM4)
DURATION_MAX = 2**31 - 1  # minutes
EARLIEST, LATEST = timedelta(hours=-3), timedelta(hours=25)  # ends of a day anywhere, from its noon in UTC


@dataclass
class Judged:
    """An item as it is to be written; with `errors` it is not."""

    row: int
    external_id: str
    fields: dict[str, Any] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    parent: str = ""
    comments: list[FoundComment] = field(default_factory=list)
    relations: list[FoundRelation] = field(default_factory=list)
    files: list[FoundFile] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    is_skipped: bool = False  # then `errors` say why, and nothing is wrong with the row

    def fail(self, code: str, detail: str) -> None:
        """Note why the row cannot be imported."""
        self.errors.append({"code": code, "detail": detail})

    def digests(self) -> dict[str, str]:
        """Return a digest of each value that another import of the row compares."""
        labels = sorted({normal_form(name) for name in self.labels})
        return digests({**self.fields, "labels": labels, "archived": self.is_archived})

    @property
    def is_archived(self) -> bool:
        """Return whether the task is to be an archived one."""
        return self.fields.get("archived_at") is not None


COMPARED = (
    *("title", "description", "status", "priority", "assigned_to_id", "due_date", "due_on", "duration", "labels"),
    "archived",
)


def digests(values: Mapping[str, Any]) -> dict[str, str]:
    """Return digests of values under COMPARED, by name."""
    return {name: _digest(values.get(name)) for name in COMPARED}


def _digest(value: Any) -> str:
    plain = utc(value) if isinstance(value, datetime) else value
    return hashlib.sha256(json.dumps(plain, default=str).encode()).hexdigest()[:16]


NOT_ARCHIVED = {"archived": _digest(False)}  # what earlier versions imported, without keeping a digest of it


class Judge:
    """Judges the items of one import: `mapping` as the job has it, `members` the ids of the project's members."""

    def __init__(
        self, mapping: Mapping[str, Any], *, importer_id: int, zones: Mapping[int, str], now: datetime
    ) -> None:
        self.mapping, self.importer_id, self.zones, self.now = mapping, importer_id, zones, now
        self.zone: str = mapping["dates"]["timezone"]

    def judge(self, item: Item) -> Judged:
        """Return what the item is to become."""
        judged = Judged(item.row, clean(item.external_id), parent=clean(item.parent), warnings=list(item.warnings))
        if item.skip is not None:
            judged.fail(item.skip.code, item.skip.detail)
            judged.external_id, judged.is_skipped = judged.external_id[:ID_LENGTH], True
            return judged
        if len(judged.external_id) > ID_LENGTH:
            judged.fail("too_long", f"The id has more than {ID_LENGTH} characters.")
            judged.external_id = ""
        elif not judged.external_id:
            judged.fail("required", "The row has no id.")
        extra = dict(item.extra)
        self._texts(item, judged, extra)
        self._words(item, judged, extra)
        self._dates(item, judged, extra)
        self._archive(item, judged, extra)
        judged.labels = self._labels(item, judged)
        judged.comments = [each for each in item.comments if clean(each.body).strip()]
        judged.relations = self._relations(item, judged, extra)
        judged.files = self._files(item, judged)
        judged.fields["metadata"] = merged(item.metadata, extra, judged)
        return judged

    def _texts(self, item: Item, judged: Judged, extra: dict[str, Any]) -> None:
        title = one_line(item.title)
        if not title:
            judged.fail("required", "The row has no title.")
        judged.fields["title"] = cut(title, TITLE_LENGTH, "title", judged)
        judged.fields["description"] = cut(clean(item.description), DESCRIPTION_LENGTH, "description", judged)
        duration = item.duration.strip()
        judged.fields["duration"] = None
        if duration.isdecimal() and duration.isascii() and len(duration) < 11 and int(duration) <= DURATION_MAX:
            judged.fields["duration"] = int(duration)
        elif duration:
            extra["duration"] = duration
            judged.warnings.append(f"The duration “{duration[:50]}” is not a number of minutes.")

    def _words(self, item: Item, judged: Judged, extra: dict[str, Any]) -> None:
        status = self.mapping["statuses"].get(item.status)
        judged.fields["status"] = status or Status.TODO.value
        if item.status and not status:
            extra["status"] = item.status
        priority = self.mapping["priorities"].get(item.priority)
        judged.fields["priority"] = priority or "medium"
        if item.priority and not priority:
            extra["priority"] = item.priority
        self._assign(item, judged, extra)
        creator = self.person(item.creator)
        judged.fields["created_by_id"] = creator or self.importer_id
        if item.creator and creator is None:
            extra["creator"] = item.creator

    def _assign(self, item: Item, judged: Judged, extra: dict[str, Any]) -> None:
        """Assign the first who is a member; the others are kept as what has no place."""
        names = [name for name in (item.assignee, *item.other_assignees) if name]
        assigned = next((name for name in names if self.person(name) is not None), "")
        judged.fields["assigned_to_id"] = self.person(assigned)
        others = [name for name in names if name != assigned]
        if others:
            extra["assignees" if len(names) > 1 else "assignee"] = others if len(names) > 1 else others[0]
        for name in others if not assigned else ():
            judged.warnings.append(f"Assignee `{name[:100]}` is not a member.")

    def person(self, name: str) -> int | None:
        """Return the id of the member that a name is mapped to; a mapping may name somebody who has left."""
        found = self.mapping["people"].get(name) if name else None
        return found if found in self.zones else None

    def _dates(self, item: Item, judged: Judged, extra: dict[str, Any]) -> None:
        read = {name: self._date(name, getattr(item, name), judged, extra) for name in ("due", "created_at")}
        created_at, due = self._instant(read["created_at"]), read["due"]
        judged.fields["created_at"] = created_at or self.now
        judged.fields["due_on"] = None if due is None or isinstance(due, datetime) else due
        judged.fields["due_date"] = due if isinstance(due, datetime) else None
        end = read_date(item.due_end, order=None, zone=self.zone)
        if judged.fields["due_on"] is not None and _ends(due, end):
            judged.fields["due_date"] = end
        elif judged.fields["due_on"] is not None:
            assignee = judged.fields["assigned_to_id"]
            judged.fields["due_date"] = end_of_day(due, self.zones.get(assignee or self.importer_id, self.zone))
            extra.update({"due_date": item.due_end} if item.due_end else {})
        completed = self._instant(self._date("completed_at", item.completed_at, judged, extra))
        is_done = judged.fields["status"] == Status.DONE
        judged.fields["completed_at"] = (completed or self.now) if is_done else None
        if completed and not is_done:
            extra["completed_at"] = item.completed_at

    def _date(self, name: str, text: str, judged: Judged, extra: dict[str, Any]) -> Any:
        found = read_date(text, order=self.mapping["dates"]["order"], zone=self.zone) if text else None
        if text and found is None:
            extra[name] = text
            judged.warnings.append(f"“{clean(text)[:50]}” cannot be read as a date.")
        return found

    def _instant(self, found: Any) -> datetime | None:
        if found is None or isinstance(found, datetime):
            return found
        return start_of_day(found, zone_named(self.zone))

    def _archive(self, item: Item, judged: Judged, extra: dict[str, Any]) -> None:
        archived_at = self._instant(self._date("archived_at", item.archived_at, judged, extra))
        judged.fields["archived_at"] = (archived_at or self.now) if item.archived else None

    def _relations(self, item: Item, judged: Judged, extra: dict[str, Any]) -> list[FoundRelation]:
        """Return the relations of a kind that there is here; the others are kept as what has no place."""
        strange = [each for each in item.relations if each.kind not in KINDS]
        if strange:
            extra["relations"] = [f"{each.kind} {each.other}" for each in strange]
            judged.warnings.append("Relations of a kind that does not exist here are in `metadata.import`.")
        return [replace(each, other=clean(each.other)) for each in item.relations if each.kind in KINDS]

    def _files(self, item: Item, judged: Judged) -> list[FoundFile]:
        """Return the files whose bytes there are, under the names that they get here."""
        found = [replace(each, name=clean_file_name(clean(each.name)) or "file") for each in item.files]
        judged.warnings += [f"The file does not come with “{each.name}”." for each in found if each.open is None]
        return [each for each in found if each.open is not None]

    def file_fields(self, file: FoundFile) -> tuple[int, datetime]:
        """Return who has attached a file, and when."""
        return self.person(file.author) or self.importer_id, self.instant(file.at) or self.now

    def relation_fields(self, relation: FoundRelation) -> tuple[int, datetime]:
        """Return author and instant of a relation."""
        return self.person(relation.author) or self.importer_id, self.instant(relation.at) or self.now

    def _labels(self, item: Item, judged: Judged) -> list[str]:
        names: dict[str, str] = {}
        for word in item.labels:
            name = shown_name(self.mapping["labels"].get(word, word) or "")
            if not name:
                continue
            if len(name) > LABEL_NAME_LENGTH:
                judged.warnings.append(f"The label “{name[:50]}…” was cut to {LABEL_NAME_LENGTH} characters.")
            name = name[:LABEL_NAME_LENGTH].strip()
            if name_fault(name) is None:
                names.setdefault(normal_form(name), name)
            else:
                judged.warnings.append(f"“{name[:50]}” cannot be the name of a label.")
        if len(names) > LABELS_PER_TASK:
            judged.warnings.append(f"A task has at most {LABELS_PER_TASK} labels; the others were left out.")
        return list(names.values())[:LABELS_PER_TASK]

    def comment_fields(self, comment: FoundComment, judged: Judged) -> dict[str, Any]:
        """Return a comment as `ImportedComment` takes it; an unmapped author stands in front of the text (IM3)."""
        at, author = self.instant(comment.at), self.person(comment.author)
        written = clean(comment.at).strip()
        head = ""
        if (comment.author and author is None) or (written and at is None):
            day = f"{at.day} {at:%B %Y}" if at else written  # one that cannot be read is kept as it is
            head = f"{', '.join(filter(None, (clean(comment.author), day)))}:\n\n"

        def text(body: str) -> str:
            return cut(head + clean(body), COMMENT_LENGTH, "comment", judged)

        created_at = at or self.now
        return {
            "author_id": author or self.importer_id,
            "body": text(comment.body),
            "created_at": created_at,
            "edited_at": self.instant(comment.edited_at),
            "former": [(text(body), self.instant(written) or created_at) for body, written in comment.former],
        }

    def instant(self, text: str) -> datetime | None:
        """Return the instant that a text names, the beginning of a day; None when it names none."""
        return self._instant(read_date(text, order=self.mapping["dates"]["order"], zone=self.zone))


def one_line(text: str) -> str:
    """Return a text without line ends and control characters, and without blanks around it."""
    text = clean(text).strip()
    if not any(map(is_control, text)):
        return text
    return " ".join("".join(" " if is_control(each) else each for each in text).split())


def shown_name(text: str) -> str:
    """Return a text as the name of a label, project or view: what names do not hold is left out."""
    return " ".join("".join(each for each in one_line(text) if each not in DIRECTIONS).split())


def cut(text: str, longest: int, name: str, judged: Judged) -> str:
    """Return the text, cut with a warning when it is too long."""
    if len(text) > longest:
        judged.warnings.append(f"The {name} was cut to {longest} characters.")
    return text[:longest]


def merged(metadata: Mapping[str, Any], extra: Mapping[str, Any], judged: Judged) -> dict[str, Any]:
    """Return the task's metadata with what has no place under `import`; what is too large is left out (IM4)."""
    kept: dict[str, Any] = _cleaned(metadata)
    if metadata_fault(kept):
        judged.warnings.append("The metadata is too large and was left out.")
        kept = {}
    if not extra:
        return kept
    former = kept.get("import")
    kept["import"] = fitting({**(former if isinstance(former, dict) else {}), **extra}, judged)
    if metadata_fault(kept):
        judged.warnings.append("There was no room for what has no place here.")
        kept = {**kept, "import": former} if former is not None else {k: v for k, v in kept.items() if k != "import"}
    return kept


def _ends(day: Any, end: Any) -> bool:
    """Return whether an instant can be the end of a day, in whatever time zone."""
    if not isinstance(end, datetime):
        return False
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return EARLIEST <= end - noon <= LATEST


def fitting(extra: Mapping[str, Any], judged: Judged) -> dict[str, Any]:
    """Return what has no place, with its longest values cut until it fits into EXTRA_MAX bytes."""
    kept: dict[str, Any] = {clean(name)[:200]: _cleaned(value) for name, value in extra.items()}
    if _size(kept) <= EXTRA_MAX:
        return kept
    judged.warnings.append(f"What has no place here was cut to {EXTRA_MAX} bytes.")
    while _size(kept) > EXTRA_MAX:
        longest = max(kept, key=lambda name: _size(kept[name]))
        value = kept[longest] if isinstance(kept[longest], str) else json.dumps(kept[longest], ensure_ascii=False)
        if len(value) <= 16:
            del kept[longest]
        else:
            kept[longest] = value[: len(value) // 2]
    return kept


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Sequence):
        return [_cleaned(each) for each in value]
    if isinstance(value, Mapping):
        return {clean(str(name)): _cleaned(each) for name, each in value.items()}
    return value
