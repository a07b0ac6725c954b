"""What is in the file of an export (contract EX2, EX3)."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.exports import content, services
from apps.exports.tests.conftest import rows
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.attachments.tests.attachment_helpers import attach
from apps.tasks.comments.services import create_comment, delete_comment, edit_comment
from apps.tasks.models import Label, Relation, SavedView, TaskLabel
from apps.tasks.services import delete_task, update_task
from apps.tasks.tests.factories import TaskFactory
from apps.tokens.tests.factories import make_token

TYPES = ("project", "members", "labels", "tasks", "comments", "comment_versions", "relations", "attachments", "views")


@pytest.fixture
def filled(project, owner, member):
    """A project with everything in it, something archived and something in the trash."""
    elsewhere = {"external_source": "jira", "external_id": "PROJ-9"}
    parent = TaskFactory(project=project, title="Parent", assigned_to=member, metadata={"a": 1}, **elsewhere)
    child = TaskFactory(project=project, title="Kind", parent=parent, archived_at=timezone.now())
    gone = TaskFactory(project=project, title="Thrown away")
    label = Label.objects.create(project=project, name="bug", color="#c8473f", description="Broken")
    TaskLabel.objects.create(task=parent, label=label, project=project)
    kept = create_comment(actor=member, task=parent, body="First text")
    edit_comment(actor=member, comment=kept, body="Second text")
    dropped = create_comment(actor=member, task=parent, body="Secret words")
    delete_comment(actor=member, comment=dropped)
    create_comment(actor=owner, task=gone, body="Words in the trash")
    attach(parent, by=member, name="notes.txt", content=b"Of the parent\n")
    attach(gone, by=member, name="gone.txt", content=b"Of the trash\n")
    elsewhere = TaskFactory(project=ProjectFactory(owner=owner, key="FAR"), title="Far away")
    for kind, other in (("blocks", child), ("duplicates", elsewhere), ("duplicates", gone)):
        ends = {"from_task": parent, "from_project": project, "to_task": other, "to_project": other.project}
        Relation.objects.create(kind=kind, created_by=owner, **ends)
    SavedView.objects.create(owner=owner, project=project, name="Late", filter="overdue", is_shared=True)
    SavedView.objects.create(owner=owner, project=project, name="Mine alone", filter="overdue")
    update_task(actor=owner, task=gone, changes={"title": "Thrown far away"})
    delete_task(actor=owner, task=gone)
    return parent, child


def everything(archive):
    return b"".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")


def test_ex2_there_is_a_file_for_each_type_and_a_manifest(export_of, project, owner, filled):
    archive = export_of(owner, scope="project", project=project.pk)

    manifest = json.loads(archive.read("manifest.json"))
    assert set(archive.namelist()) == {"manifest.json", *(f"{name}.ndjson" for name in (*TYPES, "events"))}
    assert (manifest["format"], manifest["scope"], manifest["missing_files"]) == ("taskhouse/1", "project", [])
    assert manifest["installation"]
    assert manifest["created_at"].endswith("Z")
    for name, about in manifest["files"].items():
        raw = archive.read(name)
        assert about == {
            "count": raw.count(b"\n"),
            "size": len(raw),
            "sha256": hashlib.sha256(raw).hexdigest(),
        }
    counts = {name: manifest["files"][f"{name}.ndjson"]["count"] for name in TYPES}
    assert counts == {
        "project": 1,
        "members": 2,
        "labels": 1,
        "tasks": 2,
        "comments": 1,
        "comment_versions": 1,
        "relations": 2,
        "attachments": 1,
        "views": 1,
    }


def test_ex2_archived_things_are_in_and_trashed_ones_are_not(export_of, project, owner, member, filled):
    parent, _ = filled
    archive = export_of(owner, scope="project", project=project.pk)

    first, second = rows(archive, "tasks")
    assert (first["external"], second["external"]) == ({"source": "jira", "id": "PROJ-9"}, None)
    assert (first["id"], first["key"], first["title"], first["metadata"]) == (parent.pk, "WEB-1", "Parent", {"a": 1})
    assert first["assigned_to"] == {"id": member.pk, "username": "member", "nickname": ""}
    assert first["labels"] == [row["id"] for row in rows(archive, "labels")]
    assert (second["parent"], second["archived_at"] is not None, first["archived_at"]) == (parent.pk, True, None)
    text = everything(archive)
    for words in ("Thrown", "Words in the trash", "gone.txt", "Secret words", "Mine alone"):
        assert words not in text


def test_ex3_nothing_is_said_of_other_projects_or_of_addresses(export_of, project, owner, member, filled):
    archive = export_of(owner, scope="project", project=project.pk)

    inside, outside = rows(archive, "relations")
    assert (inside["kind"], inside["from"]["key"], inside["to"]["key"]) == ("blocks", "WEB-1", "WEB-2")
    assert (outside["kind"], outside["from"]["key"], outside["to"]) == ("duplicates", "WEB-1", {"visible": False})
    text = everything(archive)
    for words in ("Far away", "FAR-1", member.email, owner.email, owner.password):
        assert words not in text


@pytest.mark.parametrize("with_files", [True, False])
def test_ex2_files_come_along_when_asked_for(export_of, project, owner, filled, with_files):
    archive = export_of(owner, scope="project", project=project.pk, with_files=with_files)

    (row,) = rows(archive, "attachments")
    place = f"files/{row['id']}/notes.txt"
    assert row["file"] == (place if with_files else None)
    assert (place in archive.namelist()) == with_files
    if with_files:
        raw = archive.read(place)
        assert (raw, hashlib.sha256(raw).hexdigest()) == (b"Of the parent\n", row["sha256"])


def test_ex2_a_file_that_went_meanwhile_is_named(export_of, project, owner, filled, monkeypatch):
    def gone(name):
        raise FileNotFoundError(name)

    monkeypatch.setattr(content, "open_stored", gone)
    archive = export_of(owner, scope="project", project=project.pk, with_files=True)

    (row,) = rows(archive, "attachments")
    assert json.loads(archive.read("manifest.json"))["missing_files"] == [row["file"]]


def test_ex3_an_account_has_its_projects_and_what_is_its_own_elsewhere(export_of, project, owner, member, filled):
    foreign = ProjectFactory(key="YONDER", name="Of somebody else")
    joined = MembershipFactory(project=foreign, user=owner, role="member")
    task = TaskFactory(project=foreign, title="Their task")
    create_comment(actor=owner, task=task, body="Still there")
    left = ProjectFactory(key="LEFT", name="Left behind")
    membership = MembershipFactory(project=left, user=owner, role="member")
    create_comment(actor=owner, task=TaskFactory(project=left), body="Before I left")
    membership.delete()
    assert joined.pk

    token = make_token(owner)
    archive = export_of(owner, scope="account", with_files=True)

    (profile,) = rows(archive, "profile")
    assert (profile["username"], profile["email"]) == ("owner", owner.email)
    folder = f"projects/WEB-{project.pk}/"
    assert [row["title"] for row in rows(archive, f"{folder}tasks")] == ["Parent", "Kind"]
    assert any(name.startswith(f"{folder}files/") for name in archive.namelist())
    assert [row["name"] for row in rows(archive, "views")] == ["Mine alone"]
    seen, unseen = rows(archive, "comments")
    assert (seen["body"], seen["task"]["key"]) == ("Still there", "YONDER-1")
    assert (unseen["body"], unseen["task"]) == ("Before I left", {"visible": False})
    assert {row["kind"] for row in rows(archive, "notifications")} <= {"comment_added", "task_updated"}
    assert [row["name"] for row in rows(archive, "tokens")] == [token.token.name]
    text = everything(archive)
    for words in (token.text, "Their task", "Of somebody else", "LEFT-1", member.email, owner.password, "Thrown"):
        assert words not in text


@pytest.mark.django_db(transaction=True)
def test_ex2_all_tables_are_of_one_moment(project, owner, monkeypatch):
    """A task that is written between two tables is in neither of them."""
    TaskFactory(project=project, title="Before")
    monkeypatch.setattr(services, "write_export", content.write_export)
    export = services.request_export(actor=owner, scope="project", project_id=project.pk, with_files=False)

    with CaptureQueriesContext(connection) as captured:
        services.build_due()

    statements = [query["sql"] for query in captured]
    began = next(place for place, text in enumerate(statements) if "REPEATABLE READ, READ ONLY" in text)
    read = [place for place, text in enumerate(statements) if text.startswith("DECLARE") or "tasks_comment" in text]
    ended = next(place for place, text in enumerate(statements) if text == "COMMIT" and place > began)
    assert export.pk
    assert all(began < place < ended for place in read)
    assert len(read) >= 1
