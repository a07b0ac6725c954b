"""Names that end up in generated clients: operation ids and component names."""

from __future__ import annotations

import re

VERBS = {
    "list": "list",
    "create": "create",
    "retrieve": "get",
    "update": "replace",
    "partial_update": "update",
    "destroy": "delete",
}


def operation_id(path: str, method: str, action: str, *, of_one: bool) -> str:
    """Return the operation id of a view's action, in camel case: a verb and what it acts on.

    `/api/tasks/{task_id}/comments/` gives `listTaskComments`, `createTaskComment`; an action of its own, such as
    `/api/tasks/{id}/archive/`, gives `archiveTask`, and `getTaskStatistics` when it only reads. `of_one` says
    whether the action is about one row. Views name their operation themselves where this reads badly.
    """
    parts = [part for part in path.removeprefix("/api/").strip("/").split("/") if "{" not in part]
    parts = parts[1:] if parts[:1] == ["auth"] else parts
    own_name = "" if action in VERBS else parts.pop()
    *above, noun = parts
    nouns = [*map(singular, above), singular(noun) if of_one or action == "create" else noun]
    if action in VERBS:
        return camel(VERBS[action], *nouns)
    if method == "GET":
        return camel("get", *map(singular, nouns), own_name)
    return camel(own_name, *nouns)


def singular(noun: str) -> str:
    """Return the singular of a plural in a path."""
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    return noun.removesuffix("s")


def camel(*words: str) -> str:
    """Return the words, split at what is no letter or digit, as one word in camel case."""
    first, *others = [part for word in words for part in re.split(r"[^A-Za-z0-9]+", word) if part]
    return first + "".join(part[:1].upper() + part[1:] for part in others)


def constant(*words: str) -> str:
    """Return words as the name of a constant: `GuestRole` and `read-only` give `GUEST_ROLE_READ_ONLY`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", "_".join(words))
    return re.sub(r"[^A-Z0-9]+", "_", parted.upper())


def component_name(name: str, *, sent: bool, partial: bool, is_row: bool) -> str:
    """Return the name of a serializer's component.

    What answers show has the plain name (`Task`). What a client sends is a `TaskInput`, a `TaskPatch` where any field
    may be left out, and a `LoginRequest` where the serializer describes nothing but a body (`is_row` is False).
    """
    base = re.sub("(Request)+$", "", name.removeprefix("Patched")) if sent else name
    if not sent:
        return base
    if not is_row:
        return f"{base}Request"
    return f"{base}Patch" if partial else f"{base}Input"
