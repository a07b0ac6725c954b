"""Contract 8, bad uploads: all faults of a body are notified at once, whatever their kind."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.tasks.models import Attachment, Task
from apps.users.tests.factories import PASSWORD, UserFactory


def faults(response):
    assert response.status_code == 400, response.content
    return {(error["pointer"], error["code"]) for error in response.json()["errors"]}


UNKNOWN = {"color": "red"}
BODIES = {
    "/api/tasks/": ({"due_date": "soon", "priority": "x", "duration": -1} | UNKNOWN, {
        ("/title", "required"), ("/due_date", "invalid"), ("/priority", "invalid_choice"),
        ("/duration", "min_value"), ("/color", "unknown_field"),
    }),
    "/api/projects/": ({"key": "x"} | UNKNOWN, {
        ("/name", "required"), ("/key", "invalid"), ("/color", "unknown_field")
    }),
    "/api/auth/register/": ({"email": "no", "password": "a-Long-one-5512", "password_confirm": "b"} | UNKNOWN, {
        ("/username", "required"), ("/email", "invalid"), ("/password_confirm", "password_mismatch"),
        ("/color", "unknown_field"),
    }),
    "/api/auth/login/": (UNKNOWN, {
        ("/username", "required"), ("/password", "required"), ("/color", "unknown_field")
    }),
    "/api/auth/refresh/": (UNKNOWN, {("/refresh", "required"), ("/color", "unknown_field")}),
    "/api/auth/verify-email/": (UNKNOWN, {("/token", "required"), ("/color", "unknown_field")}),
    "/api/auth/password-reset/": ({"email": ""} | UNKNOWN, {("/email", "blank"), ("/color", "unknown_field")}),
    "/api/auth/password-reset/confirm/": (UNKNOWN, {
        ("/token", "required"), ("/new_password", "required"), ("/color", "unknown_field"),
    }),
    "/api/auth/change-password/": ({"new_password": "a", "new_password_confirm": "b"} | UNKNOWN, {
        ("/old_password", "required"), ("/new_password_confirm", "password_mismatch"), ("/color", "unknown_field"),
    }),
    "/api/projects/{project}/members/": ({"role": "owner"} | UNKNOWN, {
        ("/role", "invalid_choice"), ("", "exactly_one"), ("/color", "unknown_field")
    }),
    "/api/projects/{project}/transfer/": (UNKNOWN, {("/user_id", "required"), ("/color", "unknown_field")}),
    "/api/projects/{project}/reports/": (UNKNOWN, {("/color", "unknown_field")}),
}  # fmt: skip


@pytest.mark.parametrize(("path", "body", "expected"), [(path, *rest) for path, rest in BODIES.items()], ids=BODIES)
def test_contract_8_an_unknown_field_hides_nothing_else(api, owner, project, path, body, expected):
    response = api(owner).post(path.format(project=project.pk), body)

    assert faults(response) == expected


@pytest.mark.parametrize("method", ["put", "patch"])
def test_contract_8_an_edit_tells_all_faults_too(api, owner, task, method):
    body = {"title": "", "status": "x", "metadata": []} | UNKNOWN

    response = getattr(api(owner), method)(f"/api/tasks/{task.pk}/", body)

    assert faults(response) == {
        ("/title", "blank"),
        ("/status", "invalid_choice"),
        ("/metadata", "not_an_object"),
        ("/color", "unknown_field"),
    }
    assert Task.objects.get().title == "Fix the login page"


def file(name="a.txt"):
    return SimpleUploadedFile(name, b"hello")


UPLOADS = {
    "no file and an unknown text": (lambda: {"title": "x"}, {("/file", "required"), ("/title", "unknown_field")}),
    "a file in another field": (lambda: {"doc": file()}, {("/file", "required"), ("/doc", "unknown_field")}),
    "a file too many": (
        lambda: {"file": file(), "doc": file(), "title": "x"},
        {("/doc", "unknown_field"), ("/title", "unknown_field")},
    ),
    "two files, one unknown text": (
        lambda: {"file": [file(), file()], "title": "x"},
        {("/file", "one_file"), ("/title", "unknown_field")},
    ),
    "text instead of a file": (
        lambda: {"file": "x", "title": "x"},
        {("/file", "invalid"), ("/title", "unknown_field")},
    ),
}


@pytest.mark.parametrize(("body", "expected"), UPLOADS.values(), ids=UPLOADS)
def test_contract_8_an_upload_tells_all_faults_and_keeps_nothing(api, owner, task, settings, tmp_path, body, expected):
    settings.MEDIA_ROOT = tmp_path

    response = api(owner).post(f"/api/tasks/{task.pk}/attachments/", body(), format="multipart")

    assert faults(response) == expected
    assert not Attachment.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_contract_8_a_profile_with_a_picture_tells_all_faults(api, owner):
    body = {"nickname": "x" * 81, "avatar": "no file", "picture": file()}

    response = api(owner).patch("/api/auth/profile/", body, format="multipart")

    assert faults(response) == {("/nickname", "max_length"), ("/avatar", "invalid"), ("/picture", "unknown_field")}


def test_contract_8_a_taken_name_does_not_hide_a_weak_password(api, owner):
    body = {"username": owner.username, "email": owner.email, "password": "12345"}

    pointers = {pointer for pointer, _ in faults(api().post("/api/auth/register/", body))}

    assert pointers == {"/username", "/email", "/password"}


def test_contract_8_a_wrong_old_password_does_not_hide_a_weak_new_one(api):
    user = UserFactory()
    body = {"old_password": "wrong", "new_password": "12345"}

    found = faults(api(user).post("/api/auth/change-password/", body))

    assert ("/old_password", "wrong_password") in found
    assert ("/new_password", "password_entirely_numeric") in found
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
