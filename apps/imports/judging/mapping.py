"""What a file's columns and words mean here: proposed by the analysis, corrected by people (contract IM6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from apps.imports.judging.dates import proposed_order
from apps.imports.judging.relating import count_relations
from apps.imports.sources.items import Item
from apps.tasks.models import Priority, Status

MAX_VALUES = 2_000  # different words of one kind that a mapping lists
WORD_LENGTH = 200  # characters; longer ones are no words, and not listed


def _by_word(table: Mapping[str, str]) -> Mapping[str, str]:
    """Return our words by those of other tools; `table` has these behind each of ours, with bars between them."""
    return {word: ours for ours, words in table.items() for word in words.split("|")}


STATUSES = _by_word(
    {
        Status.TODO: "to do|todo|open|new|backlog|not started|reopened|pending|selected for development|inbox|ready|"
        "zu tun|zu erledigen|offen|neu|geplant|nicht begonnen|ausgewählt für entwicklung",
        Status.IN_PROGRESS: "in progress|in_progress|doing|started|active|in development|wip|working on it|"
        "in arbeit|in bearbeitung|in umsetzung|läuft|begonnen|angefangen",
        Status.REVIEW: "review|in review|code review|testing|qa|in testing|verify|waiting for review|"
        "in prüfung|zu prüfen|in überprüfung|im test",
        Status.DONE: "done|closed|complete|completed|resolved|finished|archived|won't do|wont do|cancelled|canceled|"
        "erledigt|fertig|abgeschlossen|geschlossen|beendet|gelöst|abgebrochen|archiviert",
    }
)
PRIORITIES = _by_word(
    {
        Priority.LOW: "low|lowest|minor|trivial|p4|4|niedrig|gering|niedrigste|am niedrigsten|unwichtig",
        Priority.MEDIUM: "medium|normal|major|p3|3|none|mittel|keine",
        Priority.HIGH: "high|important|p2|2|hoch|wichtig",
        Priority.URGENT: "urgent|highest|critical|blocker|p1|1|dringend|höchste|am höchsten|kritisch|sehr hoch",
    }
)


def words_of(items: Sequence[Item]) -> dict[str, Any]:
    """Return the different words in the fields that are mapped, the most frequent first, and the texts of dates."""
    words: dict[str, Counter[str]] = {name: Counter() for name in ("statuses", "priorities", "labels", "people")}
    dates: set[str] = set()
    counts: Counter[str] = Counter()
    for item in items:
        if item.skip is not None:
            continue
        counts["tasks"] += 1
        counts["comments"] += len(item.comments)
        words["statuses"].update([item.status] if item.status else [])
        words["priorities"].update([item.priority] if item.priority else [])
        words["labels"].update(item.labels)
        people = (item.assignee, *item.other_assignees, item.creator, *(comment.author for comment in item.comments))
        words["people"].update(name for name in people if name)
        texts = (item.due, item.created_at, item.completed_at, *(comment.at for comment in item.comments))
        dates.update(text for text in texts if text)
    found: dict[str, Any] = {
        name: [word for word, _ in counter.most_common(MAX_VALUES) if len(word) <= WORD_LENGTH]
        for name, counter in words.items()
    }
    counts["labels"], counts["people"] = len(words["labels"]), len(words["people"])
    counts["relations"] = count_relations(items)
    numbers = {name: counts[name] for name in ("tasks", "comments", "labels", "people", "relations")}
    return {"words": found, "counts": numbers, "order": proposed_order(dates)}


def proposed_words(found: Mapping[str, Any], *, members: Mapping[str, int], zone: str) -> dict[str, Any]:
    """Return what the words of a file are taken for; `members` are ids by lower-case names, `zone` the importer's."""
    words: Mapping[str, Sequence[str]] = found["words"]
    known: Mapping[str, str] = found.get("known_statuses", {})
    return {
        "statuses": {word: STATUSES.get(word.strip().lower()) or known.get(word) for word in words["statuses"]},
        "priorities": {word: PRIORITIES.get(word.strip().lower()) for word in words["priorities"]},
        "labels": {word: word for word in words["labels"]},
        "people": {word: members.get(word.strip().lower()) for word in words["people"]},
        "dates": {"order": found["order"], "timezone": zone},
    }


def missing_of(mapping: Mapping[str, Any], found: Mapping[str, Any], *, has_columns: bool) -> list[str]:
    """Return the pointers into the mapping of what a run still needs."""
    missing = []
    if has_columns and "title" not in mapping["columns"].values():
        missing.append("/columns/title")
    missing += [f"/statuses/{word}" for word in found["words"]["statuses"] if not mapping["statuses"].get(word)]
    if mapping["dates"]["order"] is None:
        missing.append("/dates/order")
    return missing
