"""What holds for every source: recognised by content, tried out truthfully, and the same twice (contract IM1, IM5)."""

from __future__ import annotations

import json

import pytest

from apps.common.errors import ConflictError, ValidationError
from apps.imports import services
from apps.imports.models import ImportSource
from apps.imports.sources.formats import source_of
from apps.imports.tests import samples
from apps.imports.writing import running
from apps.projects.models import Activity
from apps.tasks.models import Comment, Label, Relation, Task

SAMPLES = {
    "todoist": samples.TODOIST,
    "github": samples.GITHUB,
    "trello": samples.TRELLO,
    "jira": samples.JIRA,
}
KINDS = (Task, Comment, Relation, Label, Activity)


@pytest.mark.parametrize(("source", "file"), SAMPLES.items(), ids=SAMPLES)
def test_im1_im5_a_dry_run_is_true_and_a_second_run_changes_nothing(
    project, admin, api, upload, imported, results, source, file
):
    before = [kind.objects.count() for kind in KINDS]
    tried = imported(admin, file, project, dry_run=True)
    assert (tried["source"], [kind.objects.count() for kind in KINDS]) == (source, before)

    done = imported(admin, file, project)
    assert done["result"] == tried["result"]
    assert [(row["row"], row["result"]) for row in results(admin, done)] == [
        (row["row"], row["result"]) for row in results(admin, tried)
    ]
    after = [kind.objects.count() for kind in KINDS]
    assert (after > before, Task.objects.count()) == (True, done["result"]["created"])

    for options in ({}, {"on_existing": "update"}):
        again = imported(admin, file, project, **options)
        assert again["result"] == done["result"] | {"created": 0, "unchanged": done["result"]["created"]}
        assert [kind.objects.count() for kind in KINDS] == after


@pytest.mark.parametrize(("source", "file"), SAMPLES.items(), ids=SAMPLES)
def test_im_auto_knows_a_source_by_its_content(source, file):
    assert source_of(file.encode()) == source
    assert source_of(b"\xff\xfe" + file.lstrip("\ufeff").encode("utf-16-le")) == source


LONE = json.dumps(
    [{"number": 1, "title": "\ud800\0One", "state": "\udfff", "labels": ["\0"], "\ud800": {"\0": ["\0"]}}]
)
HOSTILE = (
    LONE.encode(),
    json.dumps(
        [{"title": [], "number": {}, "labels": 3, "comments": {"nodes": [1, {"body": {}}]}, "user": []}, 5]
    ).encode(),
    b'[{"number": 1, "title": 1, "state": "open"}][{"number": 1, "title": 1e999, "created_at": 20260101}]\n{"title":',
    b"[" * 40 + b"]" * 40,
    b'{"a": NaN}',
    samples.GITHUB.encode("utf-16"),
    samples.JIRA.encode()[:700],
    samples.TODOIST.replace("INDENT", "").encode("utf-16"),
    b"TYPE,CONTENT,INDENT,DATE\n,,,\ntask\ntask,,9999999999,\nnote,x\ntask,Nul\0l,-1,99999999999999999999\n" * 3,
    b"Summary,Issue key,Issue id,Parent id,Comment,Created\nA,A-1,1,1,;;;;,99/99/99 99:99 PM\nB,,2,2\n,A-1,3,1,;;\n",
    b"Summary,Issue key\n" + b"x" * 1_000_000 + b",A-1\n",
    # Patterns that look for an end would take hours
    b"Summary,Issue key,Due date,Comment\nA,A-1,x" + b" " * 300_000 + b"y," + b";" * 300_000 + b"\n",
    b'[{"number": 1, "title": "A", "state": "open", "html_url": "' + b"a" * 300_000 + b'"}]',
)


def test_im_auto_takes_a_table_with_headers_of_todoist_for_what_its_rows_say():
    rows = ("Bug,Fix it,High", "Task,Fix it,1")

    assert [source_of(f"Type,Content,Priority\n{row}\n".encode()) for row in rows] == ["csv", "todoist"]


def outcome(admin, project, data, source):
    """Import a file, and return how that ended."""
    try:
        job = services.begin(actor=admin, data=data, file_name="f", source=source, project_id=project.pk)
        mapping = {"statuses": dict.fromkeys(job.mapping["statuses"], "todo"), "dates": {"order": "iso"}}
        services.change(job=job, mapping=mapping)
        services.run(job=job, dry_run=False)
    except ValidationError as error:
        return f"{error.errors[0].pointer} {error.errors[0].code}"
    except ConflictError as error:
        return error.code
    running.run_due()
    job.refresh_from_db()
    return f"{job.state}{job.error}"


@pytest.mark.parametrize("source", ["auto", *ImportSource.values])
def test_im7_no_file_of_any_source_is_a_fault_of_ours(project, admin, source):
    ends = {outcome(admin, project, data, source) for data in HOSTILE}

    assert ends <= {"/file unsupported_file", "mapping_incomplete", "done"}


def test_im_json_of_another_tool_is_not_taken_for_a_table(upload, project, admin):
    response = upload(admin, '[{"id": 1,\n"name": "Something, else"}]', project)

    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "unsupported_file")
