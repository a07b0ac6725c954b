"""Follows the events of Taskhouse in a Valkey stream: counts finished tasks per project and shows the counts at /.

    EVENT_STREAM_URL=redis://127.0.0.1:6379/2 python consumer.py

It may be killed at any time: the count and the place in the stream are written in one transaction.
"""

import json
import os
import sqlite3
import threading

import redis
from flask import Flask

STREAM = "taskhouse:events"
TABLES = """
CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), last TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS projects (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, done INTEGER NOT NULL);
"""
app = Flask(__name__)


def database() -> sqlite3.Connection:
    db = sqlite3.connect(os.environ.get("CONSUMER_DB", "counts.db"))
    db.executescript(TABLES)
    return db


def apply(db: sqlite3.Connection, place: str, fields: dict[str, str]) -> None:
    """Count an event, once: one that comes again has a number that its project has passed."""
    change = json.loads(fields["event"])["data"]["changes"].get("status", {})
    done = int(change.get("to") == "done")
    with db:  # all or nothing
        db.execute(
            "INSERT INTO projects VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE"
            " SET seq = excluded.seq, done = done + excluded.done WHERE excluded.seq > seq",
            (fields["project"], int(fields["seq"]), done),
        )
        db.execute("INSERT OR REPLACE INTO place VALUES (1, ?)", (place,))


def follow() -> None:
    db = database()
    last = (db.execute("SELECT last FROM place").fetchone() or ("0",))[0]
    stream = redis.Redis.from_url(os.environ["EVENT_STREAM_URL"], decode_responses=True, socket_timeout=10)
    while True:
        for _, entries in stream.xread({STREAM: last}, count=100, block=5_000):
            for last, fields in entries:
                apply(db, last, fields)


@app.get("/")
def counts() -> dict[str, int]:
    return {str(project): done for project, done in database().execute("SELECT id, done FROM projects")}


if __name__ == "__main__":
    threading.Thread(target=follow, daemon=True).start()
    app.run(port=int(os.environ.get("PORT", "5000")))
