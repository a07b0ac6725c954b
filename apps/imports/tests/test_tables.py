"""Tables as Excel, German tools and our own export write them (contract IM1, IM4, IM6, EX1)."""

from __future__ import annotations

import pytest

from apps.imports.sources.tables import proposed_columns, read_table, table_items
from apps.tasks.models import Label, Task

GERMAN = (
    "Vorgangsschlüssel;Titel;Beschreibung;Status;Priorität;Fällig am;Zuständig;Schlagwörter;Kommentar\r\n"
    'V-1;Müll rausbringen;"Zwei\r\nZeilen";Offen;Hoch;24.12.2026;projectadmin;Küche, Bad;Bald\r\n'
    "V-2;Straße fegen;;Erledigt;Niedrig;3.1.2027 14:30;;Straße;\r\n"
    "V-3;Dach decken;;In Arbeit;Dringend;;;;\r\n"
)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_im6_words_of_german_tables_are_proposed(project, admin, imported, encoding):
    job = imported(admin, GERMAN.encode(encoding), project)

    assert job["result"]["created"] == 3
    first, second, third = Task.objects.order_by("number")
    assert (first.title, first.description, first.status, first.priority, str(first.due_on), first.assigned_to) == (
        *("Müll rausbringen", "Zwei\nZeilen", "todo", "high", "2026-12-24", admin),
    )
    assert sorted(Label.objects.values_list("name", flat=True)) == ["Bad", "Küche", "Straße"]
    assert (second.status, second.priority, second.due_date.isoformat()) == (
        *("done", "low", "2027-01-03T14:30:00+00:00"),
    )
    assert (third.status, third.priority, third.metadata) == ("in_progress", "urgent", {})


@pytest.mark.parametrize("line", ["sep=;\r\n", "SEP=;\n", '"sep=;"\n'])
def test_im6_excels_line_that_names_the_delimiter_is_no_row(project, admin, imported, line):
    job = imported(admin, line + "id;title\n1;Salt, pepper, oil\n2;a,b,c\n", project)

    assert job["result"]["created"] == 2
    assert [task.title for task in Task.objects.order_by("number")] == ["Salt, pepper, oil", "a,b,c"]


def test_im6_the_line_of_the_delimiter_does_not_hide_where_a_file_comes_from(project, admin, upload):
    assert upload(admin, "sep=,\nSummary,Issue key,Status\nOne,A-1,Done\n", project).json()["source"] == "jira"


def test_ex1_im4_our_own_export_comes_back_with_its_days_and_texts(project, admin, imported, api):
    api(admin).post("/api/tasks/", {"project": project.pk, "title": "=1+1", "due_on": "2026-12-24"})
    api(admin).post("/api/tasks/", {"project": project.pk, "title": "- timed", "due_date": "2026-12-24T10:00:00Z"})
    table = b"".join(api(admin).get(f"/api/tasks/export/?project={project.pk}&ordering=created_at").streaming_content)
    columns = ("title", "due_on", "due_date")
    before = list(Task.objects.order_by("number").values_list(*columns))

    job = imported(admin, table)

    assert job["result"]["created"] == 2
    assert list(Task.objects.filter(project=job["project"]).order_by("number").values_list(*columns)) == before
    assert "due_on" not in Task.objects.filter(project=job["project"]).first().metadata["import"]


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("due_date,due_on", "2026-12-24T23:59:59Z,2026-12-24", ("2026-12-24", "2026-12-24T23:59:59Z")),
        ("due_on,due_date", "24.12.2026,2026-12-24T23:59:59Z", ("24.12.2026", "2026-12-24T23:59:59Z")),
        ("due_date,due_on", "2026-12-24T10:00:00Z,", ("2026-12-24T10:00:00Z", "")),
    ],
)
def test_ex1_the_day_of_our_own_export_counts_before_the_instant_of_its_end(header, cells, expected):
    content = read_table(f"title,{header}\nOne,{cells}\n".encode(), most=5)

    (item,) = table_items(content, proposed_columns(content))

    assert (item.due, item.due_end, item.extra) == (*expected, {})


def test_im4_a_second_value_of_what_a_task_has_once_is_kept():
    content = read_table(b"title,Summary,due,Frist\nOne,Other,2026-01-01,2026-02-02\n", most=5)

    (item,) = table_items(content, {"0": "title", "1": "title", "2": "due", "3": "due"})

    assert (item.title, item.due) == ("One", "2026-01-01")
    assert item.extra == {"Summary": "Other", "Frist": "2026-02-02"}
