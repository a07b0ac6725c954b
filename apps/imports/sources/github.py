"""Issues of GitHub as JSON: answers of the REST API, of GraphQL, and what `gh issue list --json` prints."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.imports.sources.items import Content, FoundComment, Item, Skip
from apps.imports.sources.json_texts import (
    first_object,
    list_of,
    object_of,
    objects_of,
    read_json_values,
    text_of,
)
from apps.imports.sources.tables import RowIds
from apps.imports.sources.texts import too_many, unsupported

Issue = Mapping[str, Any]

ROWS_PER_TASK = 5  # rows that a file may have for each task of the limit: pull requests are rows as well
LISTS = ("items", "nodes", "issues", "data", "repository", "search")  # members in which answers have their issues
TELLING = {"number", "state", "html_url", "created_at", "createdat"}  # one of them stands beside `title`
KEPT_APART = {"number", "title", "body", "state", "labels", "assignees", "assignee", "user", "author", "comments"} | {
    *("createdat", "closedat", "milestone", "statereason", "pullrequest", "parent", "parentissueurl", "ispullrequest"),
    *("repository", "url", "htmlurl"),
}
# Says where things are or what they are called inside GitHub, or counts what is listed elsewhere
NOISE = {"id", "nodeid", "score", "reactions", "performedviagithubapp", "subissuessummary", "timelineurl"} | {
    *("repositoryurl", "labelsurl", "commentsurl", "eventsurl", "issuedependenciessummary", "reactiongroups"),
    *("authorassociation", "pinnedcomment", "ispinned", "closed", "projectcards", "issuefieldvalues"),
}
PULL_REQUEST = Skip("pull_request", "The row is a pull request.")
PLACE = re.compile(r"([^/\s]+/[^/\s]+)/(issues|pull)/(\d+)/?\Z")
REPOSITORY = re.compile(r"/repos/([^/\s]+/[^/\s]+)/?\Z")
LONGEST = 500  # characters of an address: the time that the patterns take grows with its square
NO_COMMENTS = "The file has no texts of comments, only their number. `gh issue list --json …,comments` has them."


def is_github(data: bytes) -> bool:
    """Return whether the first object of a JSON file looks like an issue, or has some."""
    return any(_looks_right(each) for each in _issues([first_object(data)]))


def read_github(data: bytes, *, most: int) -> Content:
    """Return the issues of a file; ValidationError at /file: `unsupported_file`, `too_many`."""
    found: list[Issue] = []
    extras: list[dict[str, Any]] = []
    for each in _issues(read_json_values(data, most=ROWS_PER_TASK * most)):
        found.append(_plain(each))
        extras.append(_extra(found[-1], object_of(each)))
        if len(found) > ROWS_PER_TASK * most:
            raise too_many(most)
    if not any("title" in each or "number" in each for each in found):
        raise unsupported("The file has no issues of GitHub.")
    several = len({place for each in found if (place := _repository(each))}) > 1
    ids = RowIds()
    items = [_item(row, each, ids=ids, several=several) for row, each in enumerate(found, 1)]
    for item, extra in zip(items, extras, strict=True):
        item.extra = extra
    if sum(item.skip is None for item in items) > most:
        raise too_many(most)
    return Content(items=items, colors=_colors(found), warnings=_warnings(items, found))


def _issues(values: Sequence[Any]) -> Iterator[Any]:
    """Yield what stands where issues stand: in pages, in lists of pages, and in the members of answers."""
    waiting = list(reversed(values))
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
            continue
        inner = next((value[name] for name in LISTS if name in value), None) if _is_wrapper(value) else None
        if isinstance(inner, list | dict):
            waiting.append(inner)
        else:
            yield value


def _is_wrapper(value: Any) -> bool:
    return isinstance(value, dict) and "title" not in value and "number" not in value


def _plain(issue: Any) -> Issue:
    """Return an issue with one spelling of names, `stateReason` and `state_reason` as `statereason`."""
    plain: dict[str, Any] = {}
    for name, value in object_of(issue).items():
        plain.setdefault(name.replace("_", "").lower(), value)
    return plain


def _looks_right(issue: Any) -> bool:
    names = {name.lower() for name in object_of(issue)}
    return "title" in names and bool(names & TELLING)


def _item(row: int, issue: Issue, *, ids: RowIds, several: bool) -> Item:
    assignees = [name for each in _nodes(issue.get("assignees")) if (name := _login(each))]
    assignees = assignees or [name for name in [_login(issue.get("assignee"))] if name]
    return Item(
        row,
        external_id=_external_id(issue, several=several) or ids.next_of([repr(sorted(issue.items()))]),
        title=text_of(issue.get("title")),
        description=text_of(issue.get("body")),
        status=text_of(issue.get("state")).strip().lower(),
        assignee=assignees[0] if assignees else "",
        other_assignees=list(dict.fromkeys(assignees[1:])),
        creator=_login(issue.get("author")) or _login(issue.get("user")),
        labels=[name for each in _nodes(issue.get("labels")) if (name := _name(each))],
        created_at=text_of(issue.get("createdat")),
        completed_at=text_of(issue.get("closedat")),
        parent=_parent(issue, several=several),
        comments=[_comment(each) for each in _nodes(issue.get("comments")) if isinstance(each, dict)],
        skip=PULL_REQUEST if _is_pull_request(issue) else None,
    )


def _comment(comment: Mapping[str, Any]) -> FoundComment:
    plain = _plain(comment)
    author = _login(plain.get("author")) or _login(plain.get("user"))
    return FoundComment(text_of(plain.get("body")), author=author, at=text_of(plain.get("createdat")))


def _extra(issue: Issue, members: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an issue has and a task has not: without addresses, and without what is empty."""
    milestone = _plain(issue.get("milestone"))
    reason = text_of(issue.get("statereason")).lower()
    extra = {
        "url": _address(issue),
        "state_reason": "" if reason == "completed" else reason,
        "milestone": text_of(milestone.get("title")) or text_of(issue.get("milestone")),
        "milestone_due_on": text_of(milestone.get("dueon")),
        "repository": _repository(issue),
    }
    for name, value in members.items():
        plain = name.replace("_", "").lower()
        if plain not in KEPT_APART and plain not in NOISE and not plain.endswith("url"):
            extra[name] = _short(value)
    return {name: value for name, value in extra.items() if value not in (None, "", False, [], {}, 0)}


def _short(value: Any) -> Any:
    """Return what names a person or a thing, in place of all that is known of it."""
    if isinstance(value, list):
        return [_short(each) for each in value]
    names = (text_of(object_of(value).get(name)) for name in ("login", "name", "title"))
    return next((name for name in names if name), value)


def _nodes(value: Any) -> list[Any]:
    """Return a list, or that of GraphQL's connection."""
    return list_of(value) or list_of(object_of(value).get("nodes"))


def _login(person: Any) -> str:
    if isinstance(person, str):
        return person.strip()
    return text_of(object_of(person).get("login")).strip() or text_of(object_of(person).get("name")).strip()


def _name(label: Any) -> str:
    return (label if isinstance(label, str) else text_of(object_of(label).get("name"))).strip()


def _place(address: str) -> re.Match[str] | None:
    """Return repository, kind and number of an issue or pull request by its address."""
    return PLACE.search(address) if len(address) <= LONGEST else None


def _address(issue: Issue) -> str:
    return text_of(issue.get("htmlurl")) or text_of(issue.get("url"))


def _repository(issue: Issue) -> str:
    """Return `owner/name` of the repository, as far as the issue says it."""
    found = _place(_address(issue)) or REPOSITORY.search(text_of(issue.get("repositoryurl"))[:LONGEST])
    if found:
        return found[1]
    repository = _plain(issue.get("repository"))
    return text_of(repository.get("namewithowner")) or text_of(repository.get("fullname"))


def _external_id(issue: Issue, *, several: bool) -> str:
    """Return the number, which all ways of exporting share; with the repository where a file has several."""
    number = text_of(issue.get("number")).strip()
    place = _place(_address(issue))
    number = number or (place[3] if place else "")
    return f"{_repository(issue)}#{number}" if number and several else number


def _parent(issue: Issue, *, several: bool) -> str:
    """Return the id of the issue that this one is a sub-issue of."""
    parent = _plain(issue.get("parent"))
    place = _place(text_of(issue.get("parentissueurl")) or _address(parent))
    number = text_of(parent.get("number")) or (place[3] if place else "")
    if not number or not several:
        return number
    return f"{place[1] if place else _repository(issue)}#{number}"


def _is_pull_request(issue: Issue) -> bool:
    if issue.get("pullrequest") or issue.get("ispullrequest") is True or "headrefname" in issue:
        return True
    place = _place(_address(issue))
    return place is not None and place[2] == "pull"


def _colors(issues: Sequence[Issue]) -> dict[str, str]:
    colors: dict[str, str] = {}
    for issue in issues:
        for label in objects_of(_nodes(issue.get("labels"))):
            if name := _name(label):
                colors.setdefault(name, text_of(label.get("color")))
    return colors


def _warnings(items: Sequence[Item], issues: Sequence[Issue]) -> list[str]:
    warnings = []
    skipped = Counter(item.skip is not None for item in items)[True]
    if skipped:
        warnings.append(f"Pull requests are not tasks: {skipped} {'is' if skipped == 1 else 'are'} skipped.")
    if any(isinstance(issue.get("comments"), int) and issue["comments"] for issue in issues):
        warnings.append(NO_COMMENTS)
    return warnings
