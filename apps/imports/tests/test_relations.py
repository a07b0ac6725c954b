"""Relations, archived tasks and colours of labels, as sources other than tables have them (contract IM2, IM8)."""

from __future__ import annotations

from copy import deepcopy

import pytest

from apps.imports.models import ImportSource
from apps.imports.sources import formats
from apps.imports.sources.items import Content, FoundComment, FoundRelation, Item
from apps.projects.models import Activity
from apps.tasks.models import Label, Relation, Task
from apps.tasks.precedence import Precedence
from apps.tasks.relations.services import delete_relation


@pytest.fixture
def imported_items(monkeypatch, imported):
    """Import items as if a file had them."""

    def made(user, project, items, *, colors=(), **options):
        content = Content(items=items, colors=dict(colors))
        read = formats.Format(lambda data, *, most: deepcopy(content))
        monkeypatch.setattr(formats, "FORMATS", {ImportSource.CSV: read})
        return imported(user, "read by the test", project, **options)

    return made


def item(row, *relations, **fields):
    found = [FoundRelation(kind, other) for kind, other in relations]
    return Item(row=row, external_id=f"T{row}", title=f"Task {row}", relations=found, **fields)


def stored():
    rows = Relation.objects.order_by("pk").select_related("from_task", "to_task")
    return [(row.from_task.external_id, row.kind, row.to_task.external_id) for row in rows]


RELATED = [
    item(1, ("blocks", "T2"), ("relates", "T3"), ("duplicates", "T3"), ("relates", "T1"), ("blocks", "T9")),
    item(2, ("blocked_by", "T1"), ("duplicated_by", "T3"), ("cloned_by", "T3")),
    item(3, ("relates", "T1"), ("duplicates", "T1")),
]


def test_im2_relations_are_made_once_and_again_not_at_all(project, admin, imported_items, results):
    job = imported_items(admin, project, RELATED)

    assert job["counts"]["relations"] == 8
    assert stored() == [
        ("T1", "blocks", "T2"),
        ("T1", "relates", "T3"),
        ("T1", "duplicates", "T3"),
        ("T3", "duplicates", "T2"),
    ]
    assert [row["warnings"] for row in results(admin, job)] == [
        [
            "A task cannot be related to itself: the relations to “T1” were left out.",
            "There are no such tasks: the relations to “T9” were left out.",
        ],
        ["Relations of a kind that does not exist here are in `metadata.import`."],
        ["Each would be a duplicate of the other: the relations to “T1” were left out."],
    ]
    assert Task.objects.get(external_id="T2").metadata == {"import": {"relations": ["cloned_by T3"]}}
    assert Activity.objects.filter(type="relation.created", batch_id=job["batch_id"]).count() == 4

    delete_relation(actor=admin, task=Task.objects.get(external_id="T1"), relation=Relation.objects.first())
    again = imported_items(admin, project, [*RELATED, item(4, ("blocked_by", "T3"))])
    assert (again["result"]["created"], again["result"]["unchanged"]) == (1, 3)
    assert len(stored()) == 4
    assert stored()[-1] == ("T3", "blocks", "T4")


def test_im2_an_earlier_row_names_a_task_that_is_new(project, admin, imported_items):
    imported_items(admin, project, [item(1)])
    imported_items(admin, project, [item(1, ("blocks", "T2")), item(2)])

    assert stored() == [("T1", "blocks", "T2")]


def test_im2_circles_of_blocks_and_parents_are_cut(project, admin, imported_items, results):
    items = [
        item(1, ("blocks", "T2")),
        item(2, ("blocks", "T3")),
        item(3, ("blocks", "T1"), ("blocks", "T4")),
        item(4, ("blocks", "T5"), parent="T5"),
        item(5, ("blocks", "T4")),
    ]
    tried = imported_items(admin, project, items, dry_run=True)
    warned = [row["warnings"] for row in results(admin, tried)]
    job = imported_items(admin, project, items)

    cycle = "The tasks would have to be finished before one another: the relations to “{}” were left out."
    assert warned == [[], [], [cycle.format("T1")], [], [cycle.format("T4")]]
    assert [row["warnings"] for row in results(admin, job)] == warned
    assert [(first, last) for first, _, last in stored()] == [("T1", "T2"), ("T2", "T3"), ("T3", "T4"), ("T4", "T5")]


def test_im2_a_circle_with_what_is_there_already_is_cut_too(project, admin, imported_items, results):
    imported_items(admin, project, [item(1, ("blocks", "T2")), item(2)])
    job = imported_items(
        admin, project, [item(1, ("blocked_by", "T3")), item(2, ("blocks", "T3")), item(3)], on_existing="update"
    )

    assert stored() == [("T1", "blocks", "T2"), ("T3", "blocks", "T1")]
    assert "before one another" in results(admin, job)[1]["warnings"][0]


def test_im2_a_task_has_at_most_a_hundred_relations(project, admin, imported_items, results):
    items = [item(1, *[("relates", f"T{n}") for n in range(2, 104)]), *map(item, range(2, 104))]

    job = imported_items(admin, project, items)

    assert Relation.objects.count() == 100
    warnings = ["A task has at most 100 relations: the relations to “T102”, “T103” were left out."]
    assert results(admin, job)[0]["warnings"] == warnings


def test_im10_an_undo_takes_related_and_archived_tasks_back(project, admin, imported_items, api):
    comments = [FoundComment("Text")]
    items = [item(1, ("blocks", "T2"), comments=comments), item(2, archived=True), item(3, parent="T2", archived=True)]
    job = imported_items(admin, project, items)

    assert api(admin).post(f"/api/imports/{job['id']}/undo/", {}).status_code == 202
    assert Task.objects.filter(trash=None).count() == 0


def test_im_archived_tasks_stay_archived_with_what_is_below(project, admin, imported_items, results, api):
    items = [
        item(1, parent="T2"),
        item(2, archived=True, archived_at="2026-01-02T03:04:05Z"),
        item(3, archived=True, archived_at="2026-01-02T03:04:05Z", parent="T2"),
        item(4),
    ]
    job = imported_items(admin, project, items)

    first, second, third, fourth = Task.objects.order_by("number")
    assert [task.archived_at and task.archived_at.isoformat() for task in (first, second, third, fourth)] == [
        *["2026-01-02T03:04:05+00:00"] * 3,
        None,
    ]
    assert (first.parent, third.parent, second.subtasks_total) == (second, second, 0)
    assert [row["warnings"] for row in results(admin, job)] == [
        ["The task above it is archived, and so is this one."],
        [],
        [],
        [],
    ]
    project.refresh_from_db()
    assert (project.tasks_count, project.open_tasks_count) == (4, 1)
    assert imported_items(admin, project, items)["result"]["unchanged"] == 4
    api(admin).post(f"/api/tasks/{second.pk}/unarchive/")
    assert Task.objects.filter(archived_at=None).count() == 4


def test_im1_an_update_archives_and_brings_back(project, admin, imported_items):
    imported_items(admin, project, [item(1), item(2, archived=True)])
    job = imported_items(admin, project, [item(1, archived=True), item(2)], on_existing="update")

    assert job["result"]["updated"] == 2
    assert [task.is_archived for task in Task.objects.order_by("number")] == [True, False]


def test_im8_new_labels_get_the_colours_of_the_file(project, admin, imported_items):
    Label.objects.create(project=project, name="there", color="#000000")
    colors = {"bug": "D73A4A", "sign": "#00ff00", "odd": "red", "There": "#123456", "Old name": "#abcdef"}

    imported_items(
        admin,
        project,
        [item(1, labels=[*colors, "plain"])],
        colors=colors.items(),
        mapping={"labels": {"Old name": "New name"}},
    )

    found = dict(Label.objects.values_list("name", "color"))
    assert {name: found[name] for name in ("bug", "sign", "there", "New name")} == {
        "bug": "#d73a4a",
        "sign": "#00ff00",
        "there": "#000000",
        "New name": "#abcdef",
    }
    assert set(found) == {"bug", "sign", "there", "New name", "odd", "plain"}


def test_precedence_takes_no_edge_that_closes_a_circle():
    order = Precedence([(1, 2), (2, 3)])

    assert [order.add(3, 4), order.add(4, 1), order.add(1, 1), order.add(3, 2), order.add(1, 4)] == [
        *(True, False, False, False, True),
    ]
    order = Precedence()
    assert all(order.add(n, n + 1) for n in range(20_000))
    assert not order.add(20_000, 0)
    assert order.steps < 100_000
