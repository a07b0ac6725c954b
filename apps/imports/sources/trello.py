"""The JSON that Trello exports of a board: cards, and what is on their checklists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from apps.imports.sources.items import Content, FoundComment, FoundProject, Item
from apps.imports.sources.json_texts import list_of, object_of, objects_of, read_json, text_of
from apps.imports.sources.texts import too_many, unsupported

MOST_ACTIONS = 1_000  # that Trello exports, the newest ones; comments are among them
COMMENTS = ("commentCard", "copyCommentCard")
COMPLETE = "complete"  # Trello's word, which is taken for done
# The colours of Trello's labels, by their names there; shades end in `_light` and `_dark`
COLORS = {
    "green": "#61bd4f",
    "yellow": "#f2d600",
    "orange": "#ff9f1a",
    "red": "#eb5a46",
    "purple": "#c377e0",
    "blue": "#0079bf",
    "sky": "#00c2e0",
    "lime": "#51e898",
    "pink": "#ff78cb",
    "black": "#344563",
}
# Members of a card that are kept as they are, beside those that an item has a place for
KEPT = ("start", "dueReminder", "locationName", "address", "coordinates", "isTemplate")
Row = dict[str, Any]


def is_trello(data: bytes) -> bool:
    """Return whether a file looks like the export of a board."""
    text = data.replace(b"\0", b"") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data
    has_cards = text.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] == b"{" and b'"cards"' in text and b'"lists"' in text
    return has_cards and any(word in text for word in (b'"idList"', b'"idBoard"', b'"checklists"'))


def read_trello(data: bytes, *, most: int) -> Content:
    """Return what a board has; ValidationError at /file: `unsupported_file`, `too_many`."""
    board = read_json(data)
    if not isinstance(board, dict) or not isinstance(board.get("cards"), list):
        raise unsupported("The file is not an export of a Trello board: it has no cards.")
    items = []
    for item in _Board(board).items():
        items.append(item)
        item.row = len(items)
        if item.row > most:
            raise too_many(most)
    colors = {_label_name(label): COLORS.get(_shade(label), "") for label in objects_of(board.get("labels"))}
    warnings = []
    if len(list_of(board.get("actions"))) >= MOST_ACTIONS:
        warnings.append(f"Trello exports only the newest {MOST_ACTIONS} actions: older comments are not in the file.")
    project = FoundProject(name="", description=text_of(board.get("desc")))  # named after the file
    return Content(items=items, colors=colors, warnings=warnings, project=project if project.description else None)


class _Board:
    """The parts of a board by the ids under which they name one another."""

    def __init__(self, board: Row) -> None:
        self.cards = list_of(board.get("cards"))
        self.lists = _by_id(board.get("lists"))
        self.labels = _by_id(board.get("labels"))
        self.people = {pk: _person(row) for pk, row in _by_id(board.get("members")).items()}
        self.fields = _by_id(board.get("customFields"))
        self.checklists: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(objects_of(board.get("checklists")), key=_place):
            self.checklists[text_of(row.get("idCard"))].append(row)
        self.comments: dict[str, list[FoundComment]] = defaultdict(list)
        self.creators: dict[str, str] = {}
        for action in sorted(objects_of(board.get("actions")), key=lambda row: text_of(row.get("date"))):
            self._read_action(action)

    def items(self) -> Iterator[Item]:
        """Yield the cards in the order of the board, each followed by what is on its checklists; rows are to come."""
        order = {pk: number for number, pk in enumerate(sorted(self.lists, key=lambda pk: _place(self.lists[pk])))}
        last = len(order)

        def key(card: Any) -> tuple[int, float]:
            row = object_of(card)
            return (order.get(text_of(row.get("idList")), last), _place(row))

        for card in sorted(self.cards, key=key):
            item = self._card(object_of(card))
            yield item
            for checklist in self.checklists.get(item.external_id, []) if item.external_id else []:
                for entry in sorted(objects_of(checklist.get("checkItems")), key=_place):
                    yield self._check_item(entry, checklist, item)

    def _card(self, card: Row) -> Item:
        place = self.lists.get(text_of(card.get("idList")), {})
        people = [self._name(pk) for pk in list_of(card.get("idMembers"))]
        is_complete = card.get("dueComplete") is True
        pk, name = text_of(card.get("id")), text_of(place.get("name"))
        item = Item(
            row=0,
            external_id=pk,
            title=text_of(card.get("name")),
            description=text_of(card.get("desc")),
            status=COMPLETE if is_complete else name,
            assignee=people[0] if people else "",
            other_assignees=people[1:],
            creator=self.creators.get(pk, ""),
            labels=self._labels(card),
            due=text_of(card.get("due")),
            created_at=_made_at(pk),
            completed_at=text_of(card.get("dateLastActivity")) if is_complete else "",
            archived=card.get("closed") is True or place.get("closed") is True,
            comments=self.comments.get(pk, []),
        )
        item.extra = {"list": name} if name else {}
        item.extra |= {each: card[each] for each in KEPT if card.get(each) not in (None, "", False, -1)}
        if url := text_of(card.get("shortUrl")) or text_of(card.get("url")):
            item.extra["url"] = url
        if links := [_link(row) for row in objects_of(card.get("attachments"))]:
            item.extra["attachments"] = links
        if fields := dict(self._fields(card)):
            item.extra["fields"] = fields
        written = object_of(card.get("badges")).get("comments")
        if isinstance(written, int) and written > len(item.comments):
            item.warnings.append(f"{written - len(item.comments)} of its comments are not in the file.")
        return item

    def _check_item(self, entry: Row, checklist: Row, card: Item) -> Item:
        pk = text_of(entry.get("id"))
        is_complete = entry.get("state") == COMPLETE
        return Item(
            row=0,
            external_id=pk,
            title=text_of(entry.get("name")),
            status=COMPLETE if is_complete else "",
            assignee=self._name(entry.get("idMember")),
            due=text_of(entry.get("due")),
            created_at=_made_at(pk),
            parent=card.external_id,
            archived=card.archived,
            extra={"checklist": name} if (name := text_of(checklist.get("name"))) else {},
        )

    def _labels(self, card: Row) -> list[str]:
        """Return the names of a card's labels, which it has in full or by their ids."""
        found = [self.labels.get(text_of(pk), {}) for pk in list_of(card.get("idLabels"))]
        found += objects_of(card.get("labels"))
        return list(dict.fromkeys(name for label in found if (name := _label_name(label))))

    def _fields(self, card: Row) -> Iterator[tuple[str, Any]]:
        """Yield the custom fields of a card: names, and values or the names of options."""
        for row in objects_of(card.get("customFieldItems")):
            field = self.fields.get(text_of(row.get("idCustomField")), {})
            value = next(iter(object_of(row.get("value")).values()), None)
            if row.get("idValue"):
                option = _by_id(field.get("options")).get(text_of(row["idValue"]), {})
                value = text_of(object_of(option.get("value")).get("text"))
            if value not in (None, ""):
                yield text_of(field.get("name")) or "field", value

    def _read_action(self, action: Row) -> None:
        data, kind = object_of(action.get("data")), text_of(action.get("type"))
        card = text_of(object_of(data.get("card")).get("id"))
        author = _person(object_of(action.get("memberCreator"))) or self._name(action.get("idMemberCreator"))
        if kind in COMMENTS:
            comment = FoundComment(
                body=text_of(data.get("text")),
                author=author,
                at=text_of(action.get("date")),
                edited_at=text_of(data.get("dateLastEdited")),
            )
            self.comments[card].append(comment)
        elif kind == "createCard":
            self.creators.setdefault(card, author)

    def _name(self, pk: Any) -> str:
        return self.people.get(text_of(pk), text_of(pk))


def _by_id(rows: Any) -> dict[str, Row]:
    return {text_of(row.get("id")): row for row in objects_of(rows)}


def _person(row: Row) -> str:
    return text_of(row.get("username")) or text_of(row.get("fullName"))


def _place(row: Row) -> float:
    place = row.get("pos")
    return float(place) if isinstance(place, int | float) and abs(place) < 1e300 else 0.0


def _label_name(label: Row) -> str:
    """Return the name of a label; one without a name is known by its colour."""
    return text_of(label.get("name")).strip() or text_of(label.get("color"))


def _shade(label: Row) -> str:
    return text_of(label.get("color")).partition("_")[0]


def _link(attachment: Row) -> dict[str, str]:
    return {name: text for name in ("name", "url") if (text := text_of(attachment.get(name)))}


def _made_at(pk: str) -> str:
    """Return the instant in an id of Trello: its first eight hexadecimal digits are seconds."""
    try:
        return datetime.fromtimestamp(int(pk[:8], 16), UTC).isoformat() if len(pk) == 24 else ""
    except ValueError:
        return ""
