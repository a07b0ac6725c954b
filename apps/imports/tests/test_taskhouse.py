"""The archive of an export comes back as it was (contract, properties 1 and 2)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import reduce

import pytest

from apps.common.errors import ValidationError
from apps.exports.tests.conftest import ask, export_of, rows  # noqa: F401 - fixtures
from apps.imports.models import ImportJob
from apps.imports.reading import read_bytes, read_content, source_of
from apps.imports.tests.test_untrusted import packed
from apps.imports.writing.shared_views import ORDERED_BY
from apps.projects.models import Activity, Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.attachments import storage
from apps.tasks.attachments.tests.attachment_helpers import attach
from apps.tasks.comments.services import create_comment, edit_comment
from apps.tasks.filtering.reader import reader_of
from apps.tasks.models import Attachment, Comment, Label, SavedView, Task
from apps.tasks.relations.services import create_relation
from apps.tasks.saved_views.judging import kept_filter
from apps.tasks.saved_views.services import create_view
from apps.tasks.services import archive_task, create_task, delete_task, update_task
from apps.tasks.views import TaskViewSet

TABLES = ("project", "labels", "tasks", "comments", "comment_versions", "relations", "attachments", "views")
APART = {"id", "number", "key", "version", "updated_at", "rank", "external", "ast"}


def create(actor, project, title, **fields):
    return create_task(actor=actor, project=project.pk, title=title, **fields)


def share(actor, project, name, text, **fields):
    """Share a view as its owner does."""
    kept = kept_filter(text, reader_of(actor))
    create_view(actor=actor, name=name, project_id=project.pk, is_shared=True, **kept, **fields)


@pytest.fixture
def filled(project, owner, admin, member):
    """A project with everything that an archive has."""
    Project.objects.filter(pk=project.pk).update(description="What it is\nfor", blocked_done="reject")
    bug = Label.objects.create(project=project, name="bug", color="#c8473f", description="Broken")
    Label.objects.create(project=project, name="nobody carries it", color="#123456")
    parent = create(
        owner,
        project,
        "Parent  with ☃",
        description="First\n\n    second  \n",
        assigned_to=member.pk,
        due_on=date(2026, 12, 24),
        duration=90,
        labels=[bug.pk],
        metadata={"a": [1, 2.5, None, {"b": "c"}], "import": {"Sprint": "1"}},
    )
    child = create(admin, project, "Child", parent=parent.pk, due_date=datetime(2026, 5, 1, 12, tzinfo=UTC))
    done = create(admin, project, "Done", status="done", priority="urgent")
    old = create(owner, project, "Archived")
    create(owner, project, "Below it", parent=old.pk)
    archive_task(actor=owner, task=old)
    comment = create_comment(actor=member, task=parent, body="One @owner")
    edit_comment(actor=member, comment=comment, body="Two")
    edit_comment(actor=member, comment=Comment.objects.get(), body="Three")
    create_comment(actor=admin, task=old, body="  four\n")
    create_relation(actor=owner, task=child, kind="blocked_by", other=done.pk)
    create_relation(actor=member, task=done, kind="relates", other=old.pk)
    create_relation(
        actor=owner, task=parent, kind="relates", other=create(owner, ProjectFactory(owner=owner), "Far").pk
    )
    attach(parent, by=member, name="notes & more.txt", content=b"Of the parent\n")
    attach(done, by=owner, name="old.csv", content=b"a;b\n")
    archive_task(actor=owner, task=done)
    share(
        owner,
        project,
        "Late",
        'assignee = member and label in (bug, "nobody carries it") or creator = me',
        columns=["title"],
    )
    share(admin, project, "Everything", "", ordering="rank", layout="board", group_by="status")
    share(member, project, "Below", f"parent = {parent.key} and project = {project.key}", ordering="-due_date")
    delete_task(actor=owner, task=create(owner, project, "Thrown away"))
    update_task(actor=admin, task=Task.objects.get(title="Child"), changes={"status": "review"})
    return project


def canonical(archive):
    """Return the tables of an archive without ids, numbers, versions and `updated_at`: tasks by their titles."""
    found = {name: rows(archive, name) for name in TABLES}
    titles = {row["id"]: row["title"] for row in found["tasks"]}
    labels = {row["id"]: row["name"] for row in found["labels"]}
    comments = {row["id"]: row["body"] for row in found["comments"]}
    keys = [(row["key"], row["title"]) for row in found["tasks"]] + [(found["project"][0].pop("key"), "the project")]
    found["project"][0].pop("owner")
    plain = {
        "parent": titles.get,
        "task": titles.get,
        "comment": comments.get,
        "from": lambda end: titles.get(end.get("id")),
        "to": lambda end: titles.get(end.get("id")),
        "labels": lambda ids: sorted(labels[pk] for pk in ids),
        "project": lambda pk: pk and "the project",
        "file": lambda place: place and archive.read(place),
        "filter": lambda text: reduce(lambda found, key: found.replace(*key), keys, text),
    }
    tables = {
        name: [
            {
                column: plain.get(column, lambda each: each)(value)
                for column, value in row.items()
                if column not in APART
            }
            for row in table
        ]
        for name, table in found.items()
    }
    inside = [row for row in tables["relations"] if row["from"] and row["to"]]
    return tables | {"relations": sorted(inside, key=json.dumps)}


def content_of(archive):
    return archive.fp.getvalue()


def test_property_1_an_archive_comes_back_as_it_was(filled, owner, admin, member, export_of, imported, results):  # noqa: F811
    first = export_of(owner, scope="project", project=filled.pk, with_files=True)
    copy = ProjectFactory(owner=owner, key="COPY")
    for person, role in ((admin, "admin"), (member, "member")):
        MembershipFactory(project=copy, user=person, role=role)

    job = imported(admin, content_of(first), copy, name="a.zip")

    assert (job["source"], job["result"]["created"]) == ("taskhouse", 5)
    assert job["counts"] == {"tasks": 5, "comments": 2, "labels": 2, "people": 3, "relations": 2}
    assert [row["warnings"] for row in results(admin, job)] == [[]] * 5
    assert job["warnings"] == ["1 relations lead to tasks of other projects, which the archive does not name."]
    second = canonical(export_of(owner, scope="project", project=copy.pk, with_files=True))
    copy.refresh_from_db()
    assert (copy.attachment_bytes, Task.objects.get(project=copy, title="Done").attachments_count) == (18, 1)
    for name, table in canonical(first).items():
        for before, after in zip(table, second[name], strict=True):
            assert name == "project" or before == after
    again = Activity.objects.count()
    assert imported(admin, content_of(first), copy, name="a.zip")["result"]["unchanged"] == 5
    assert Activity.objects.count() == again


def test_property_1_a_new_project_is_as_the_exported_one(filled, owner, outsider, export_of, imported, api):  # noqa: F811
    first = export_of(owner, scope="project", project=filled.pk)

    tried = imported(outsider, content_of(first), name="a.zip", dry_run=True)
    assert (tried["project"], tried["result"]["created"], Project.objects.count()) == (None, 5, 3)
    job = imported(outsider, content_of(first), name="a.zip")

    second = canonical(export_of(outsider, scope="project", project=job["project"]))
    assert second["project"] == canonical(first)["project"]
    assert second["labels"] == canonical(first)["labels"]
    assert [(view["name"], view["owner"]["username"]) for view in second["views"]] == [
        ("Everything", "outsider"),
        ("Below", "outsider"),
    ]
    lost = "The view “Late” was left out: its filter names something that is not here."
    assert lost in job["warnings"]
    assert api(outsider).post(f"/api/imports/{job['id']}/undo/", {}).status_code == 202
    assert SavedView.objects.filter(project=job["project"]).count() == 0
    assert Project.objects.get(pk=job["project"]).key == "WEB"
    # Nobody else is a member there: authors stand in front of their texts
    author = f"member, {datetime.now(UTC):%-d %B %Y}:\n\n"
    assert [row["body"] for row in second["comment_versions"]] == [f"{author}One @owner", f"{author}Two"]
    assert second["comments"][0]["body"] == f"{author}Three"


def test_ex3_of_an_account_the_one_project_that_is_left_is_read(filled, owner, export_of, upload):  # noqa: F811
    account = export_of(owner, scope="account")
    response = upload(owner, content_of(account), name="account.zip")
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "unsupported_file")
    assert f"WEB-{filled.pk}" in response.json()["errors"][0]["detail"]

    kept = [name for name in account.namelist() if not name.startswith("projects/") or f"WEB-{filled.pk}/" in name]
    response = upload(owner, packed(*((name, account.read(name)) for name in kept)), name="account.zip")
    assert (response.status_code, response.json()["counts"]["tasks"]) == (201, 5)


def test_im_an_empty_project_becomes_one_too(owner, export_of, imported):  # noqa: F811
    empty = ProjectFactory(owner=owner, key="VOID", name="Nothing yet")
    Label.objects.create(project=empty, name="later", color="#123456")
    archive = export_of(owner, scope="project", project=empty.pk)
    imported(owner, content_of(archive), name="a.zip")

    assert Project.objects.filter(name="Nothing yet", labels__name="later").count() == 2


def test_im7_files_keep_the_rules_of_uploads_and_what_is_not_taken_is_named(
    project, admin, imported, results, settings
):
    settings.PROJECT_QUOTA_BYTES, settings.ATTACHMENT_MAX_BYTES = 50, 40
    files = {"fits.txt": b"x" * 30, "page.html": b"<!doctype html>", "over the quota.txt": b"y" * 30, "none.txt": b""}
    files |= {"large.txt": b"z" * 41, "../../up.txt": b"up"}
    attachments = [{"id": n, "task": 1, "name": name, "file": f"files/{n}"} for n, name in enumerate(files)] + [
        {"task": 1, "name": "not there.txt", "file": "files/77"},
        {"task": 1, "name": "x", "file": "tasks.ndjson"},
    ]
    more = [(f"files/{n}", content) for n, content in enumerate(files.values())]

    job = imported(admin, made(attachments=attachments, more=more), project)

    assert list(Attachment.objects.order_by("pk").values_list("name", "size")) == [("fits.txt", 30), ("up.txt", 2)]
    assert len(list(storage.stored_names())) == 2
    warnings = results(admin, job)[0]["warnings"]
    assert [warning.split("”")[0].split("“")[1] for warning in warnings if "“" in warning] == [
        *("not there.txt", "x", "page.html", "over the quota.txt", "none.txt", "large.txt"),
    ]
    assert imported(admin, made(attachments=attachments, more=more), project)["result"]["unchanged"] == 1
    assert Attachment.objects.count() == 2


MANIFEST = json.dumps({"format": "taskhouse/1", "installation": "here"}).encode()
TASK = {"id": 1, "title": "One", "status": "todo", "priority": "medium", "labels": [1], "created_at": "2026-01-02"}


def made(*, manifest=MANIFEST, more=(), **tables):
    """Return an archive with these tables: lists of rows, or bytes."""
    texts = {"tasks": [TASK], **tables}
    lines = {
        f"{name}.ndjson": rows
        if isinstance(rows, bytes)
        else b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        for name, rows in texts.items()
    }
    return packed(("manifest.json", manifest), *lines.items(), *more)


def with_task(**fields):
    return made(tasks=[{**TASK, **fields}])


OTHERS = ("metadata", "due_on", "archived_at", "duration", "parent", "key", "description", "assigned_to")
VIEW = ("id", "name", "ast", "owner", "ordering", "layout", "group_by", "columns", "created_at")
WRONG_TYPES = [5, -1.5, 10**400, True, None, "", "x", "\0", "\ud800", [], [[1]], {}, {"id": {}}, "9" * 3000]
REJECTED = {
    "no manifest": packed(("tasks.ndjson", b"{}")),
    "other format": made(manifest=b'{"format": "taskhouse/2"}'),
    "manifest of a list": made(manifest=b"[1]"),
    "no tables": packed(("manifest.json", MANIFEST)),
    "no json": made(tasks=b'{"id": 1\n'),
    "no objects": made(tasks=b"[1]\n"),
    "nan": made(tasks=b'{"id": NaN}\n'),
    "deep": made(tasks=b'{"id": ' + b"[" * 10_000 + b"]" * 10_000 + b"}\n"),
    "bomb": made(tasks=b'{"title": "' + b"x" * 3_000_000 + b'"}\n'),
    "not utf-8": made(tasks=b'{"title": "\xe4"}\n'),
    "cut": made()[:-30],
    "cut in the middle": made()[:150],
    "parent": made(more=[("../x", b"")]),
    "twice": packed(("manifest.json", MANIFEST), ("tasks.ndjson", b"")).replace(b"tasks.ndjson", b"manifest.json"[:12]),
    "bomb in a file": made(more=[("files/1/x", bytes(3_000_000))]),
    "labels of numbers": made(labels=[1, 2]),
}
READ = {
    "utf-16": made(tasks="\ufeff".encode("utf-16-le") + json.dumps(TASK).encode("utf-16-le")),
    "nul": with_task(title="a\0b", description="\0", metadata={"\0": "\0", "\ud800": ["\ud800"]}),
    "views of nobody": made(
        views=[
            {"name": "a", "ast": {"field": "assignee", "op": "=", "value": {"user": 99}}},
            {"name": "b", "ast": {"field": "label", "op": "in", "value": [5, "x"]}},
            {"name": "c", "ast": {"not": {"field": "parent", "op": "=", "value": {"task": 7}}}, "ordering": "drop"},
            {"name": "d", "ast": {"and": [{"flag": "overdue"}]}, "ordering": "password", "layout": "x"},
        ]
    ),
    "twice the same id": made(tasks=[TASK, TASK]),
    "no members at all": made(tasks=[{}]),
    "metadata too large": with_task(metadata={"a": "x" * 20_000, "b": 1}),
    "a circle": made(tasks=[{**TASK, "parent": 2}, {**TASK, "id": 2, "parent": 1}, {**TASK, "id": 3, "parent": 3}]),
    "of nobody": made(
        comments=[{"id": 1, "task": 99}, {"task": 1, "body": "x"}, {"task": 1}],
        comment_versions=[{"comment": 77, "body": 5}, {}],
        relations=[{"kind": "blocks", "from": {"id": 1}, "to": {"id": 99}}, {"kind": 5, "from": 1, "to": []}],
        labels=[{}, {"id": 1}, {"id": 2, "name": "x" * 99, "color": "#12"}, {"id": 2, "name": "\u200b"}],
        project=[{}, {}],
    ),
    **{
        f"{value!r:.20}": made(
            tasks=[{**TASK, **dict.fromkeys(OTHERS, value)}, {**TASK, **dict.fromkeys(TASK, value)}],
            comments=[dict.fromkeys(("id", "body", "author", "created_at", "edited_at"), value) | {"task": 1}],
            comment_versions=[dict.fromkeys(("comment", "number", "body", "written_at"), value)],
            relations=[dict.fromkeys(("kind", "from", "to", "created_by"), value)],
            labels=[dict.fromkeys(("id", "name", "color", "description", "created_at"), value)],
            views=[value, dict.fromkeys(VIEW, value), {"name": "v", "ast": value}, {"name": "w", "columns": [value]}]
            if isinstance(value, dict)
            else [dict.fromkeys(VIEW, value), {"name": "v", "ast": value}],
            members=[{"user": value}],
            project=[dict.fromkeys(("name", "key", "description", "created_at", "on_parent_done"), value)],
        )
        for value in WRONG_TYPES
    },
}


def test_im7_archives_that_cannot_be_read_are_rejected(upload, admin):
    for name, data in REJECTED.items():
        with pytest.raises(ValidationError) as caught:
            read_content(read_bytes(data), source_of(data))
        assert (name, *((e.pointer, e.code) for e in caught.value.errors)) == (name, ("/file", "unsupported_file"))
    assert upload(admin, REJECTED["bomb"]).status_code == 400
    assert (ImportJob.objects.count(), list(storage.stored_names("imports"))) == (0, [])


@pytest.mark.parametrize("data", READ.values(), ids=READ)
def test_im7_odd_archives_end_with_a_result_per_row(upload, run_anyhow, admin, results, data):
    job = upload(admin, data, name="a.zip").json()

    done = run_anyhow(admin, job)

    assert done["state"] == "done", done
    assert sum(done["result"].values()) == job["counts"]["tasks"]
    assert all(row["errors"] or row["task"] for row in results(admin, job))


def test_views_are_ordered_by_what_lists_of_tasks_are_ordered_by():
    assert set(ORDERED_BY) == set(TaskViewSet.ordering_keys)
