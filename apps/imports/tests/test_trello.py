"""Boards of Trello (contract, table of the sources)."""

from __future__ import annotations

import json

import pytest

from apps.common.errors import ValidationError
from apps.imports.reading import read_bytes, read_content
from apps.imports.tests.samples import TRELLO
from apps.projects.models import Project
from apps.tasks.models import Comment, Label, Task


def board(**changes):
    return json.dumps({**json.loads(TRELLO), **changes})


def test_trello_cards_and_checklists_become_tasks_and_sub_tasks(project, admin, imported, results):
    job = imported(admin, TRELLO, project)

    assert (job["source"], job["counts"]["tasks"], job["result"]["created"]) == ("trello", 8, 8)
    proposed = {"Doing": "in_progress", "Done": "done", "complete": "done", "Backlog": "todo"}
    assert job["mapping"]["statuses"] == proposed
    tasks = list(Task.objects.order_by("rank").select_related("parent"))
    assert [(task.title, task.status, task.is_archived, task.parent and task.parent.title) for task in tasks] == [
        ("Weed", "done", False, None),
        ("Plant trees", "in_progress", False, None),
        ("Trees", "done", False, "Plant trees"),
        ("Stakes", "todo", False, "Plant trees"),
        ("Shed", "in_progress", True, None),
        ("Ask", "todo", True, "Shed"),
        ("Rake", "done", False, None),
        ("Fountain", "todo", True, None),
    ]
    trees = tasks[1]
    assert (trees.description, trees.assigned_to, trees.created_by) == ("Apple\n- and pear", admin, admin)
    assert (trees.due_date.isoformat(), trees.due_on) == ("2026-12-01T12:00:00+00:00", None)
    assert (trees.created_at.year, trees.external_source) == (2020, "trello")
    assert (
        trees.metadata["import"]
        == {
            "list": "Doing",
            "start": "2026-11-01T00:00:00.000Z",
            "url": "https://trello.example/c/abc",
            "attachments": [{"name": "plan.pdf", "url": "https://trello.example/plan.pdf"}],
            "fields": {"Size": "Small", "Costs": "12.5"},
            "assignees": ["ann42"],
        }
        or trees.metadata["import"].get("assignee") == "ann42"
    )
    assert tasks[2].metadata == {"import": {"checklist": "To buy"}}
    assert dict(Label.objects.values_list("name", "color")).items() >= {"urgent": "#eb5a46", "sky": "#00c2e0"}.items()
    assert [comment.body for comment in Comment.objects.order_by("created_at")] == [
        "ann42, 3 May 2026:\n\nFirst",
        "ann42, 4 May 2026:\n\nSecond",
    ]
    assert "1 of its comments are not in the file." in results(admin, job)[1]["warnings"]


def test_trello_a_board_with_a_thousand_actions_may_lack_comments(project, admin, upload):
    job = upload(admin, board(actions=[{"type": "updateCard"}] * 1000), project).json()

    assert job["warnings"] == ["Trello exports only the newest 1000 actions: older comments are not in the file."]


def test_trello_an_unknown_list_has_to_be_mapped(project, admin, upload, api):
    job = upload(admin, TRELLO.replace('"Doing"', '"Waiting for rain"'), project).json()

    response = api(admin).post(f"/api/imports/{job['id']}/run/", {})

    assert (response.status_code, response.json()["missing"]) == (409, ["/statuses/Waiting for rain"])


def test_trello_a_new_project_is_named_after_the_file(admin, imported):
    job = imported(admin, TRELLO, name="My garden.json")

    made = Project.objects.get(pk=job["project"])
    assert (made.name, made.description) == ("My garden", "All about the garden")


WRONG_TYPES = [5, 1e300, 10**400, True, None, "x", "\0\ud800", [], [[1], 2, None], {}, {"id": {}}, [{}, {"id": [1]}]]
PARTS = ("lists", "labels", "members", "customFields", "checklists", "actions", "desc")
MEMBERS = (
    *("id", "name", "desc", "closed", "due", "dueComplete", "pos", "idList", "idMembers", "idLabels", "labels", "url"),
    *("attachments", "customFieldItems", "badges", "dateLastActivity", "idChecklists", "start", "coordinates"),
)


def odd(value):
    """Return a board in which this value stands everywhere."""
    entry = {"id": "i", "name": "x"} | dict.fromkeys(("state", "pos", "idMember", "due"), value)
    return board(
        cards=[
            dict.fromkeys(MEMBERS, value),
            {"id": "ok", "name": "Good", "idList": "l1"},
            {"id": "ok", "name": "Twice", "idList": "l1"},
            {**dict.fromkeys(MEMBERS, value), "id": "half", "name": "Half", "idList": "l1"},
            value,
        ],
        checklists=[value, {"idCard": "half", "checkItems": value}, {"idCard": "ok", "checkItems": [entry, value]}],
        actions=[value, {"type": "commentCard", "data": value}, dict.fromkeys(("type", "data", "date"), value)],
        labels=[value, dict.fromkeys(("id", "name", "color"), value)],
    )


@pytest.mark.parametrize("value", WRONG_TYPES, ids=lambda value: f"{value!r:.20}")
def test_im7_odd_boards_end_with_a_result_per_row(upload, run_anyhow, admin, results, value):
    job = upload(admin, odd(value), name="a.json", source="trello").json()

    done = run_anyhow(admin, job)

    assert (done["state"], sum(done["result"].values())) == ("done", job["counts"]["tasks"])
    titles = {task.title for task in Task.objects.all()}
    assert titles >= {"Good", "Half"}
    assert "Twice" not in titles
    assert all(row["errors"] or row["task"] for row in results(admin, job))


@pytest.mark.parametrize("value", WRONG_TYPES, ids=lambda value: f"{value!r:.20}")
def test_im7_boards_without_their_parts_are_read_or_rejected(value):
    assert len(read_content(read_bytes(board(**dict.fromkeys(PARTS, value)).encode()), "trello").items) == 5
    cards = board(cards=value).encode()
    if isinstance(value, list):
        assert len(read_content(read_bytes(cards), "trello").items) == len(value)
    else:
        with pytest.raises(ValidationError):
            read_content(read_bytes(cards), "trello")


@pytest.mark.parametrize("text", ["", "[]", "{", TRELLO[:-1], '{"cards": ' + "[" * 10_000, '{"lists": [], "cards": 1}'])
def test_im7_what_is_no_board_is_a_clear_error(text):
    with pytest.raises(ValidationError) as caught:
        read_content(read_bytes(text.encode()), "trello")

    assert caught.value.errors[0].code == "unsupported_file"
