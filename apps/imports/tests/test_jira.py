"""Jira's CSV: repeated columns, comments in cells, links and parents by key and by id (contract, table of sources)."""

from __future__ import annotations

from operator import attrgetter

import pytest

from apps.common.errors import ValidationError
from apps.imports.judging.dates import read_date
from apps.imports.reading import items_of
from apps.imports.sources.jira import read_jira
from apps.imports.sources.tables import proposed_columns
from apps.imports.tests.samples import JIRA
from apps.tasks.labels.services import carried_by_each
from apps.tasks.models import Comment, Relation, Task


def found(file):
    content = read_jira(file.encode(), most=99)
    return items_of(content, proposed_columns(content))


def test_im_jira_columns_that_are_repeated_are_kept_whole(project, admin, imported):
    """Property 3: four labels, six comment columns, and texts with `;` (IM3, IM4)."""
    job = imported(admin, JIRA, project)

    assert (job["source"], job["state"], job["result"]["created"]) == ("jira", "done", 3)
    assert job["counts"] | {"tasks": 3, "comments": 6, "labels": 3, "relations": 6} == job["counts"]
    pay = Task.objects.get(external_id="SHOP-1")
    assert [label["name"] for label in carried_by_each([pay.pk])[pay.pk]] == ["money", "q4", "web"]
    assert [(c.author, c.body) for c in Comment.objects.filter(task=pay).order_by("pk")] == [
        (admin, "Ann Lee, 12 May 2026:\n\nWhich bank; and why?\nReally; I ask."),
        (admin, "Ours"),
        (admin, "Nobody said; this"),
        (admin, "No date; and no author; here"),
    ]
    kept = pay.metadata["import"]
    assert (kept["Sprint"], kept["Custom field (Story Points)"]) == (["Sprint 1", "Sprint 2"], "5")
    assert [cell.split(";")[2] for cell in kept["Attachment"]] == ["a.png", "b.png"]
    assert (pay.description, pay.duration, str(pay.due_on)) == ("First line\nsecond; line", 240, "2026-05-14")
    assert (pay.status, pay.priority, pay.created_by, pay.created_at.hour) == ("in_progress", "urgent", admin, 15)


def test_im_jira_parents_and_links_become_those_of_tasks(project, admin, imported, results):
    job = imported(admin, JIRA, project)

    receipt = Task.objects.get(external_id="SHOP-2")
    assert (receipt.parent.external_id, receipt.status, receipt.completed_at.day) == ("SHOP-1", "done", 20)
    kept = receipt.metadata["import"]
    assert kept | {"Resolution": "Won't Do", "Original estimate": "90", "Issue Type": "Sub-task"} == kept
    relations = Relation.objects.values_list("kind", "from_task__external_id", "to_task__external_id")
    assert set(relations) == {
        ("blocks", "SHOP-1", "SHOP-3"),
        ("relates", "SHOP-1", "SHOP-3"),
        ("duplicates", "SHOP-2", "SHOP-3"),
    }
    warnings = " ".join(warning for row in results(admin, job) for warning in row["warnings"])
    assert ("SHOP-9" in warnings, "SHOP-2" in warnings) == (True, True)
    assert Task.objects.get(external_id="SHOP-1").metadata["import"]["Outward issue link (Cloners)"] == "SHOP-3"


@pytest.mark.parametrize(
    ("headers", "parent"),
    [
        ("Parent id", "1"),
        ("Parent", "A-1"),
        ("Parent key", "A-1"),
        ("Custom field (Epic Link)", "A-1"),
        ("Inward issue link (jira_subtask_link)", "A-1"),
        ("Parent id,Custom field (Epic Link)", ",A-1"),
        ("Parent id,Parent key", "77,A-1"),
    ],
)
def test_im_jira_a_parent_is_named_in_many_ways(headers, parent):
    blank = "," * headers.count(",")
    below, above = found(f"Summary,Issue key,Issue id,{headers}\nB,A-2,2,{parent}\nA,A-1,1,{blank}\n")

    assert (below.parent, above.parent) == ("A-1", "")


@pytest.mark.parametrize("headers", ["Sub-Tasks,Sub-Tasks", "Sub-task", "Outward issue link (jira_subtask_link)"])
def test_im_jira_children_are_named_by_their_parent(headers):
    cells = "A-2,3" if "," in headers else '"A-2, 3"'
    above, *below = found(f"Summary,Issue key,Issue id,{headers}\nA,A-1,1,{cells}\nB,A-2,2\nC,A-3,3\n")

    assert [(item.parent, item.relations) for item in (above, *below)] == [("", []), ("A-1", []), ("A-1", [])]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Outward issue link (Blocks)", "blocks"),
        ("Inward issue link (Blocks)", "blocked_by"),
        ("Outward issue link (Duplicate)", "duplicates"),
        ("Inward issue link (Duplicate)", "duplicated_by"),
        ("Inward issue link (Relates)", "relates"),
        ("Outward issue link (Caused (by) us)", "relates"),
    ],
)
def test_im_jira_links_read_from_the_issue(header, kind):
    item = found(f"Summary,Issue id,{header},{header}\nA,1,2,2 3\n")[0]

    assert [(relation.kind, relation.other) for relation in item.relations] == [(kind, "2"), (kind, "3")]
    assert (header in item.extra) is ("Caused" in header)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("12/May/26 3:04 PM", "2026-05-12T15:04"),
        ("12/Mai/26 3:04 PM", "2026-05-12T15:04"),
        ("12/mai/26 3:04 nachm.", "2026-05-12T15:04"),
        ("12/ago./26 3:04 p. m.", "2026-08-12T15:04"),
        ("12/déc./26 15:04", "2026-12-12T15:04"),
        ("12/мая/26 15:04", "2026-05-12T15:04"),
        ("12.05.26 15:04", "2026-05-12T15:04"),
        ("2026-05-12 15:04:33.0", "2026-05-12T15:04"),
        ("12/May/26 12:30 AM", "2026-05-12T00:30"),
    ],
)
def test_im6_dates_of_jira_are_read_in_the_language_of_its_user(text, instant):
    assert read_date(text, order="day_first", zone="UTC").isoformat().startswith(instant)


def test_im6_the_order_of_dates_in_comments_decides_and_is_asked_for(upload, admin, project):
    file = "Summary,Issue key,Created,Comment\nA,A-1,{},{};ann;Hello\n"

    decided = upload(admin, file.format("05/06/26 3:04 PM", "05/13/26 3:04 PM"), project).json()
    open_ = upload(admin, file.format("05/06/26 3:04 PM", "05/07/26 3:04 PM"), project).json()

    assert [job["mapping"]["dates"]["order"] for job in (decided, open_)] == ["month_first", None]


def test_im3_a_date_of_a_comment_that_cannot_be_read_stays_in_front_of_it(project, admin, imported):
    """Nothing that a file says of a comment is lost (IM4)."""
    cells = "12/кві/26 15:04;oksana;Hello; you,12/кві/26 15:05;projectadmin;Hi"
    imported(admin, f"Summary,Issue key,Comment,Comment\nA,A-1,{cells}\n", project)

    assert list(Comment.objects.order_by("pk").values_list("body", flat=True)) == [
        "oksana, 12/кві/26 15:04:\n\nHello; you",
        "projectadmin, 12/кві/26 15:05:\n\nHi",
    ]


@pytest.mark.parametrize("file", ["", "a,b\n1,2\n", "Zusammenfassung;Vorgangsschl\n", "[]", "\0" * 99])
def test_im7_what_is_no_table_of_jira_is_a_clear_error(file):
    with pytest.raises(ValidationError):
        read_jira(file.encode(), most=99)


def test_im7_rows_of_any_length_are_read():
    file = "Summary,Issue key,Parent,Comment,Outward issue link (Blocks)\n,,,;;,\nA\nA,A-1,A-1,;,A-1,more\n"

    assert list(map(attrgetter("title", "parent"), found(file))) == [("", ""), ("A", ""), ("A", "")]
