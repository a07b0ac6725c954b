"""Keeps a copy of what a person sees in Taskhouse in a file, and prints how many objects of each type it has.

    TASKHOUSE_URL=https://tasks.example.com TASKHOUSE_TOKEN=… python client.py copy.json

It may be ended at any time: the copy is written with the token that it goes with, or not at all.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

HANGS_ON = {"comment": ["task"], "attachment": ["task"], "relation": ["task", "other"]}


class Mirror:
    """`ask(body)` posts to /api/sync/ and returns (status, answer)."""

    def __init__(self, ask, kept=None):
        self.ask = ask
        kept = kept or {"since": None, "rows": []}
        self.since = kept["since"]
        self.rows = {tuple(key): row for key, row in kept["rows"]}  # key -> {"project": id, "data": object}

    def kept(self):
        return {"since": self.since, "rows": list(self.rows.items())}

    def update(self):
        """Read pages until there is no more; after a restore of the server begin anew."""
        while True:
            status, page = self.ask({"since": self.since, "limit": 500})
            if status == 410:
                self.since, self.rows = None, {}
                continue
            if status != 200:
                raise RuntimeError(f"{status}: {page.get('detail')}")
            for change in page["changes"]:
                self.apply(change)
            for person in page["people"]:
                self.rows["person", person["id"]] = {"project": None, "data": person}
            self.since = page["next"]
            if not page["has_more"]:
                return

    def apply(self, change):
        kind, pk, project = change["type"], change["id"], change.get("project")
        if kind == "project" and change["op"] in ("delete", "reset"):
            self.drop(lambda key, row: row["project"] == pk)
            return
        own = kind in ("member", "relation")  # one in each project
        key = (kind, project, pk) if own else (kind, pk)
        if change["op"] == "upsert":
            self.rows[key] = {"project": project, "data": change["data"]}
        elif key in self.rows and self.rows[key]["project"] == project:
            del self.rows[key]
            if kind == "task":
                self.drop(lambda key, row: pk in [row["data"][name] for name in HANGS_ON.get(key[0], [])])
        if kind == "label" and change["op"] == "delete":
            self.relabel(pk, change["replaced_by"])

    def drop(self, is_gone):
        self.rows = {key: row for key, row in self.rows.items() if not is_gone(key, row)}

    def relabel(self, label, replaced_by):
        for key, row in self.rows.items():
            if key[0] == "task" and label in row["data"]["labels"]:
                left = set(row["data"]["labels"]) - {label} | ({replaced_by} - {None})
                row["data"]["labels"] = sorted(left)


def ask(body):
    """Post to the server; an error's answer is JSON as well."""
    headers = {"Authorization": f"Bearer {os.environ['TASKHOUSE_TOKEN']}", "Content-Type": "application/json"}
    address = os.environ["TASKHOUSE_URL"].rstrip("/") + "/api/sync/"
    request = urllib.request.Request(address, json.dumps(body).encode(), headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310, TID251
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    mirror = Mirror(ask, json.loads(place.read_text()) if place.exists() else None)
    mirror.update()
    new = place.with_suffix(".new")
    new.write_text(json.dumps(mirror.kept()))
    new.replace(place)
    print(dict(Counter(key[0] for key in mirror.rows)))
