"""What tests of saved views share."""

from __future__ import annotations

URL = "/api/views/"

FILTER = "assignee = me and not archived"


def make(client, **fields):
    answer = client.post(URL, {"name": "View"} | fields)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def listed(client, **query):
    return [row["id"] for row in client.get(URL, query).json()["results"]]


def found(client, view, **query):
    answer = client.get("/api/tasks/", {"view": view, **query})
    assert answer.status_code == 200, answer.json()
    return [row["id"] for row in answer.json()["results"]]


def faults(answer, status=400):
    assert answer.status_code == status, answer.json()
    return [(entry["pointer"], entry["code"]) for entry in answer.json()["errors"]]
