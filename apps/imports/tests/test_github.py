"""Issues of GitHub: the REST API's JSON and that of its command-line tool (contract, table of sources)."""

from __future__ import annotations

import json

import pytest

from apps.common.errors import ValidationError
from apps.imports.sources.github import NO_COMMENTS, is_github, read_github
from apps.imports.tests.samples import GITHUB, GITHUB_CLI
from apps.tasks.labels.services import carried_by_each
from apps.tasks.models import Comment, Label, Task


def test_im_github_issues_become_tasks_and_pull_requests_are_skipped(project, admin, imported, results):
    job = imported(admin, GITHUB, project, name="issues.json")

    assert (job["source"], job["state"]) == ("github", "done")
    assert job["result"] == {"created": 2, "updated": 0, "unchanged": 0, "kept": 0, "skipped": 1, "failed": 0}
    assert job["counts"] | {"tasks": 2, "comments": 2, "labels": 2, "people": 3} == job["counts"]
    assert job["warnings"] == ["Pull requests are not tasks: 1 is skipped.", NO_COMMENTS]
    slow, tabs = Task.objects.order_by("rank")
    assert (slow.external_source, slow.external_id, slow.status, slow.assigned_to) == ("github", "12", "todo", admin)
    assert (slow.description, slow.created_by, slow.created_at.day) == ("Steps:\n\n1. open", admin, 1)
    assert [label["name"] for label in carried_by_each([slow.pk])[slow.pk]] == ["bug", "speed"]
    assert Label.objects.get(name="bug").color == "#d73a4a"
    kept = slow.metadata["import"]
    assert kept | {"assignees": ["octo", "ann"], "milestone": "v2", "type": "Bug"} == kept
    assert not {"node_id", "reactions", "locked", "repository_url"} & set(kept)
    assert [(c.body, c.created_at.day) for c in Comment.objects.order_by("created_at")] == [
        ("ann, 3 May 2026:\n\nSince when?", 3),
        ("Since \U0001f600 May; always", 4),
    ]
    assert (tabs.status, tabs.completed_at.month, tabs.parent) == ("done", 6, slow)
    assert tabs.metadata["import"]["state_reason"] == "not_planned"
    assert [
        (row["row"], row["external_id"], row["errors"][0]["code"]) for row in results(admin, job, result="skipped")
    ] == [(3, "14", "pull_request")]


def test_im1_github_issues_are_the_same_by_whichever_way_they_come(project, admin, imported):
    imported(admin, GITHUB, project)
    again = imported(admin, GITHUB_CLI, project, on_existing="update")

    assert again["result"] | {"unchanged": 2, "skipped": 0, "failed": 0} == again["result"]
    assert Task.objects.get(external_id="13").parent.external_id == "12"


def found(*values):
    return read_github("\n".join(json.dumps(value) for value in values).encode(), most=99).items


ISSUE = {"number": 1, "title": "One", "state": "open", "url": "https://github.com/a/b/issues/1"}
OTHER = {"number": 1, "title": "Two", "state": "open", "html_url": "https://github.com/a/c/issues/1"}


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        ([[ISSUE]], ["1"]),
        ([ISSUE, ISSUE | {"number": 2}], ["1", "2"]),
        ([[ISSUE], [ISSUE | {"number": 2}]], ["1", "2"]),
        ([[[ISSUE], [ISSUE | {"number": 2}]]], ["1", "2"]),
        ([{"total_count": 2, "items": [ISSUE, OTHER]}], ["a/b#1", "a/c#1"]),
        ([{"data": {"repository": {"issues": {"nodes": [ISSUE]}}}}], ["1"]),
        ([[{"title": "No number", "url": "https://github.com/a/b/issues/7"}]], ["7"]),
        ([[ISSUE | {"number": "12"}]], ["12"]),
    ],
)
def test_im_github_issues_stand_in_pages_lines_and_answers(values, ids):
    assert [item.external_id for item in found(*values)] == ids


ODD = [None, True, 0, 1e308, -5, "", "x", [], {}, [None], {"x": []}, {"nodes": 3}, ["a", 1, {}], [[]], "\ud800\u0000"]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_im7_github_members_of_any_type_are_read_or_left(odd):
    for name in json.loads(GITHUB)[0]:
        item = found([{**json.loads(GITHUB)[0], name: odd}, odd])[0]
        assert (type(item.title), type(item.external_id), type(item.status)) == (str, str, str)
    for file in (odd, {"items": odd}, {"data": odd}):
        is_github(json.dumps(file).encode())
        with pytest.raises(ValidationError):
            read_github(json.dumps(file).encode(), most=99)
