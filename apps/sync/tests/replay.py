"""A client that keeps a copy by the replaying rule alone (contract SY2)."""

from __future__ import annotations

from typing import Any

Key = tuple[Any, ...]
PATH = "/api/sync/"
HANGS_BY = {"comment": ("task",), "attachment": ("task",), "relation": ("task", "other")}


class Copy:
    """The copy of one person, read through `client`; `asked` are `types`, `projects` and `limit` of each request."""

    def __init__(self, client: Any, **asked: Any) -> None:
        self.client, self.asked = client, asked
        self.since: str | None = None
        self.objects: dict[Key, dict[str, Any]] = {}
        self.homes: dict[Key, int] = {}
        self.people: dict[int, dict[str, Any]] = {}
        self.pages = 0

    def post(self) -> Any:
        return self.client.post(PATH, {"since": self.since, **self.asked})

    def page(self) -> dict[str, Any]:
        """Ask for a page and apply it."""
        answer = self.post()
        assert answer.status_code == 200, answer.content
        page: dict[str, Any] = answer.json()
        assert len(page["changes"]) <= self.asked.get("limit", 200)
        for change in page["changes"]:
            self.apply(change)
        self.people |= {person["id"]: person for person in page["people"]}
        self.since = page["next"]
        self.pages += 1
        return page

    def read(self) -> list[dict[str, Any]]:
        """Ask until there is no more; return all changes."""
        changes: list[dict[str, Any]] = []
        while True:
            page = self.page()
            changes += page["changes"]
            if not page["has_more"]:
                return changes

    def apply(self, change: dict[str, Any]) -> None:
        if change["type"] == "project" and change["op"] != "upsert":
            for key in [key for key, home in self.homes.items() if home == change["id"]]:
                self.drop(key)
            return
        key = key_of(change)
        if change["op"] == "upsert":
            self.objects[key], self.homes[key] = change["data"], change["project"]
            if change["type"] == "project":
                assert change["id"] == change["project"]
            return
        if self.homes.get(key) == change["project"]:
            self.drop(key)
            if change["type"] == "task":
                self.drop_below(change["id"])
        if change["type"] == "label":
            self.relabel(change["id"], change["replaced_by"])

    def drop(self, key: Key) -> None:
        del self.objects[key], self.homes[key]

    def drop_below(self, task: int) -> None:
        for key, row in list(self.objects.items()):
            if task in [row[name] for name in HANGS_BY.get(key[0], ())]:
                self.drop(key)

    def relabel(self, label: int, replaced_by: int | None) -> None:
        for key, row in self.objects.items():
            if key[0] == "task" and label in row["labels"]:
                others = {pk for pk in row["labels"] if pk != label} | ({replaced_by} if replaced_by else set())
                row["labels"] = sorted(others)

    def of(self, type_: str) -> dict[int, dict[str, Any]]:
        """Return {id: object} of one type."""
        return {key[-1]: row for key, row in self.objects.items() if key[0] == type_}


def key_of(change: dict[str, Any]) -> Key:
    if change["type"] in ("member", "relation"):
        return (change["type"], change["project"], change["id"])
    return (change["type"], change["id"])
