"""Todoist's CSV: what becomes of each kind of row (contract, table of sources)."""

from __future__ import annotations

import pytest

from apps.imports.sources.todoist import read_todoist
from apps.imports.tests.samples import TODOIST
from apps.tasks.labels.services import carried_by_each
from apps.tasks.models import Comment, Task


def test_im_todoist_rows_become_tasks_comments_and_what_has_no_place(project, admin, imported, results):
    job = imported(admin, TODOIST, project)

    assert (job["source"], job["state"]) == ("todoist", "done")
    assert job["result"] | {"created": 6, "skipped": 1, "failed": 0} == job["result"]
    assert job["warnings"] == ["1 notes above the first task belong to the project, and were left out."]
    paint, prices, call, brushes, fence, again = Task.objects.order_by("rank")
    shown = [(task.title, task.priority, task.parent and task.parent.title) for task in Task.objects.order_by("rank")]
    assert shown == [
        ("Order paint", "low", None),
        ("Compare prices", "urgent", "Order paint"),
        ("Call bob@example.com", "high", "Compare prices"),
        ("Buy brushes", "medium", "Order paint"),
        ("Paint the fence", "urgent", None),
        ("Paint the fence", "urgent", None),
    ]
    assert [label["name"] for label in carried_by_each([paint.pk])[paint.pk]] == ["blue-ish", "shop"]
    assert (paint.description, paint.assigned_to, paint.created_by, paint.duration) == ("Two tins", admin, admin, 30)
    assert (paint.due_date.isoformat(), call.duration) == ("2026-12-01T15:00:00+00:00", 2880)
    assert (str(brushes.due_on), str(fence.due_on), again.due_on) == ("2027-05-12", "2027-06-01", None)
    assert [c.body for c in Comment.objects.all()] == ["Ann, 3 May 2026:\n\nAsk for the\nmatt one; not gloss, please"]
    kept = prices.metadata["import"]
    assert kept | {"due": "every day", "assignee": "Ann", "creator": "Ann"} == kept
    assert (fence.metadata["import"]["section"], "section" in kept) == ("Later", False)
    rows = {row["row"]: row for row in results(admin, job)}
    assert rows[11]["errors"][0]["code"] == "unknown_type"
    assert any("every day" in warning for warning in rows[5]["warnings"])


@pytest.mark.parametrize(
    ("content", "title", "labels"),
    [
        ("@phone", "@phone", ["phone"]),
        ("Call @phone, then rest", "Call then rest", ["phone"]),
        ("Mail bob@example.com", "Mail bob@example.com", []),
        ("See https://example.com/@bob", "See https://example.com/@bob", []),
        ("@a @b", "@a @b", ["a", "b"]),
        ("Lone @ sign", "Lone @ sign", []),
    ],
)
def test_im_todoist_labels_stand_in_the_text(content, title, labels):
    item = read_todoist(f'TYPE,CONTENT,INDENT\ntask,"{content}",x\n'.encode(), most=9).items[0]

    assert (item.title, item.labels, item.priority, item.parent) == (title, labels, "1", "")


def test_im_todoist_two_people_of_one_name_stay_two():
    file = "TYPE,CONTENT,PRIORITY,INDENT,AUTHOR,RESPONSIBLE\ntask,A,,1,Ann (1),Ann (2)\ntask,B,,1,Bob (3),Ann (1)\n"
    items = read_todoist(file.encode(), most=9).items

    assert [(item.creator, item.assignee) for item in items] == [("Ann (1)", "Ann (2)"), ("Bob", "Ann (1)")]


@pytest.mark.parametrize(
    ("note", "body"),
    [
        (
            'See [[file {"file_name": "a [1].png", "file_url": "https://x.example/a"}]]',
            "See\n\n[a 1 .png](<https://x.example/a>)",
        ),
        (
            '[[file {"file_url": "https://x.example/a", "file_size": 3}]]',
            "[https://x.example/a](<https://x.example/a>)",
        ),
        ('[[file {"file_url": "javascript:alert(1)"}]]', '[[file {"file_url": "javascript:alert(1)"}]]'),
        ("[[file {broken]]", "[[file {broken]]"),
        ("[[file 3]] and more", "[[file 3]] and more"),
    ],
)
def test_im_todoist_files_of_notes_become_links(note, body):
    quoted = note.replace('"', '""')
    content = read_todoist(f'TYPE,CONTENT\nsection,Empty\nsection,S\ntask,A\nnote,"{quoted}"\n'.encode(), most=9)

    assert [comment.body for comment in content.items[0].comments] == [body]
    assert content.warnings == ["Sections without a task were left out: “Empty”."]
