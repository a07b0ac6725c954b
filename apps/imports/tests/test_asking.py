"""Uploads: who may, and what of a file can be read (contract IM7)."""

from __future__ import annotations

import pytest

from apps.imports.models import ImportJob
from apps.projects.tests.cast import answers
from apps.tasks.attachments import storage
from apps.tasks.models import Task
from apps.tokens.tests.factories import script

FILE = "Title,Größe\nÜber,1\n"


@answers(owner=201, admin=201, member=403, commenter=403, viewer=403, outsider=400, staff=400)
def test_im_admins_import_into_their_project(upload, project, request, who, status):
    response = upload(request.getfixturevalue(who), FILE, project)

    assert response.status_code == status
    assert ImportJob.objects.count() == (status == 201)
    assert len(list(storage.stored_names("imports"))) == (status == 201)


def test_im_others_do_not_see_an_import(upload, api, project, owner, admin):
    job = upload(admin, FILE, project).json()

    for path in ("", "results/"):
        assert api(owner).get(f"/api/imports/{job['id']}/{path}").status_code == 404
    assert api(owner).get("/api/imports/").json()["results"] == []
    assert [each["id"] for each in api(admin).get("/api/imports/").json()["results"]] == [job["id"]]


def test_im_a_token_needs_its_scope_and_its_project(project, admin, api):
    from django.core.files.uploadedfile import SimpleUploadedFile

    def send(client, to):
        body = {"file": SimpleUploadedFile("tasks.csv", FILE.encode()), "project": to}
        return client.post("/api/imports/", body, format="multipart")

    assert send(script(admin, scopes=["projects:read"], projects=[project]), project.pk).status_code == 403
    narrowed = script(admin, scopes=["projects:admin"], projects=[project])
    assert send(narrowed, project.pk).status_code == 201
    assert send(narrowed, "").json()["code"] == "not_for_tokens"


@pytest.mark.parametrize("path", ["", "{id}/", "{id}/results/"])
def test_tk_every_route_of_imports_needs_projects_admin(upload, project, admin, path):
    path = "/api/imports/" + path.format(id=upload(admin, FILE, project).json()["id"])

    refused = script(admin, scopes=["projects:read"], projects=[project]).get(path)

    assert (refused.status_code, refused.json()["required_scopes"]) == (403, ["projects:admin"])
    assert script(admin, scopes=["projects:admin"], projects=[project]).get(path).status_code == 200


ENCODED = {
    "utf-8": FILE.encode(),
    "with a mark": b"\xef\xbb\xbf" + FILE.encode(),
    "utf-16 little": b"\xff\xfe" + FILE.encode("utf-16-le"),
    "utf-16 big": b"\xfe\xff" + FILE.encode("utf-16-be"),
    "utf-32 little": b"\xff\xfe\0\0" + FILE.encode("utf-32-le"),
    "utf-32 big": b"\0\0\xfe\xff" + FILE.encode("utf-32-be"),
    "windows": FILE.encode("cp1252"),
    "semicolons": FILE.replace(",", ";").encode(),
    "tabs": FILE.replace(",", "\t").encode(),
    "bars": FILE.replace(",", "|").encode(),
    "old line ends": FILE.replace("\n", "\r").encode(),
    "dos line ends": FILE.replace("\n", "\r\n").encode(),
    "blank lines": b"\n\n" + FILE.replace("\n", "\n\n").encode(),
}


@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED)
def test_im7_texts_of_many_kinds_are_read(upload, project, admin, data):
    job = upload(admin, data, project).json()

    assert [column["header"] for column in job["columns"]] == ["Title", "Größe"]
    assert [sample["title"] for sample in job["samples"]] == ["Über"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_im7_characters_beyond_the_first_plane_are_read(upload, project, admin, encoding):
    job = upload(admin, "title,status\n🚀 Launch,todo\n".encode(encoding), project).json()

    assert [sample["title"] for sample in job["samples"]] == ["🚀 Launch"]


HOSTILE = {
    "empty": b"",
    "blank": b"  \n\n",
    "no text": bytes(range(256)) * 8,
    "cut utf-16": b"\xff\xfe" + FILE.encode("utf-16-le")[:-1],
    "picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64),
    "zip": b"PK\x03\x04" + bytes(200),
    "columns": ",".join(["x"] * 1001).encode(),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_im7_what_cannot_be_read_is_a_clear_error(upload, project, admin, data):
    response = upload(admin, data, project)

    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (400, "/file")
    assert response.json()["errors"][0]["code"] == "unsupported_file"
    assert (ImportJob.objects.count(), list(storage.stored_names("imports"))) == (0, [])


def test_im7_files_that_are_too_large_are_rejected(upload, project, admin, settings):
    settings.IMPORT_MAX_TASKS = 2
    response = upload(admin, "Title\n1\n2\n3\n", project)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "too_many")

    settings.IMPORT_MAX_BYTES = 1000
    assert upload(admin, "Title\n" + "x" * 100_000, project).status_code == 413


def test_im7_odd_rows_are_imported_or_fail_alone(imported, results, project, admin):
    file = 'id,title,title,note\n1,One\n2,Nul\0l,Second title,a,b,c\n2,Twice\n"3","Multi\nline title"\n'

    job = imported(admin, file, project)

    assert job["result"] | {"created": 3, "failed": 1} == job["result"]
    assert [task.title for task in Task.objects.order_by("rank")] == ["One", "Null", "Multi line title"]
    second = Task.objects.get(external_id="2")
    assert second.metadata["import"] == {"title": "Second title", "note": "a", "column 5": "b", "column 6": "c"}
    assert results(admin, job)[2]["errors"][0]["code"] == "duplicate"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"mapping": {"columns": {"x": "title"}}}, "/mapping/columns"),
        ({"mapping": {"columns": {"0": "titel"}}}, "/mapping/columns/0"),
        ({"mapping": {"columns": {"0": "title", "1": "title"}}}, "/mapping/columns"),
        ({"mapping": {"people": {"bob": 99999999}}}, "/mapping/people"),
        ({"mapping": {"dates": {"timezone": "Mars/Base"}}}, "/mapping/dates/timezone"),
        ({"mapping": {"statuses": {"Doing": "almost"}}}, "/mapping/statuses/Doing"),
        ({"on_existing": "replace"}, "/on_existing"),
        ({"state": "done", "colour": 1}, "/colour"),
    ],
)
def test_im_a_wrong_mapping_is_rejected(upload, api, project, admin, body, pointer):
    job = upload(admin, FILE, project).json()

    response = api(admin).patch(f"/api/imports/{job['id']}/", body)

    assert response.status_code == 400
    assert pointer in {error["pointer"] for error in response.json()["errors"]}


def test_im_the_same_idempotency_key_uploads_once(api, project, admin):
    from django.core.files.uploadedfile import SimpleUploadedFile

    def send():
        body = {"file": SimpleUploadedFile("tasks.csv", FILE.encode()), "project": project.pk}
        return api(admin).post("/api/imports/", body, format="multipart", headers={"Idempotency-Key": "k1"})

    first, second = send(), send()

    assert (first.status_code, second.json()) == (201, first.json())
    assert ImportJob.objects.count() == 1


@pytest.mark.parametrize(("size", "status"), [(1000, 201), (1001, 413)])
def test_im7_the_limit_of_a_file_is_that_of_its_own_bytes(upload, project, admin, settings, size, status):
    settings.IMPORT_MAX_BYTES = 1000

    assert upload(admin, b"title\n" + b"x\n" * 497 + b"y" * (size - 1000), project).status_code == status
    assert ImportJob.objects.count() == (status == 201)
