"""GET tasks/{id}/attachments/, …/{id}/ and …/{id}/download/."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.projects.models import Membership
from apps.tasks.attachments.tests import files
from apps.tasks.attachments.tests.attachment_helpers import attach
from apps.tasks.models import AttachmentState
from apps.tasks.tests.factories import TaskFactory

ROUTES = ("", "{id}/", "{id}/download/")


def url(task, attachment=None, route="{id}/") -> str:
    return f"/api/tasks/{task.pk}/attachments/" + route.format(id=attachment.pk if attachment else 0)


def body_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def download(client, task, attachment, **headers):
    """Return the answer to a download with its bytes read, as a client does."""
    response = client.get(url(task, attachment, "{id}/download/"), **headers)
    response.bytes = body_of(response)
    return response


def test_the_list_shows_the_newest_first(api, viewer, task):
    attach(task, name="first.txt")
    attach(task, name="second.txt")
    attach(TaskFactory(project=task.project), name="of another task.txt")

    body = api(viewer).get(url(task, route="")).json()

    assert [row["name"] for row in body["results"]] == ["second.txt", "first.txt"]
    assert (body["next"], body["previous"]) == (None, None)


def test_the_list_is_paged_and_ordered(api, viewer, task):
    for name in ("b.txt", "a.txt", "c.txt"):
        attach(task, name=name)

    first = api(viewer).get(url(task, route=""), {"ordering": "name", "page_size": 2, "count": "true"}).json()
    second = api(viewer).get(first["next"]).json()

    assert first["count"] == 3
    assert [row["name"] for page in (first, second) for row in page["results"]] == ["a.txt", "b.txt", "c.txt"]


def test_names_are_sorted_as_people_read_them_however_they_are_composed(api, viewer, task):
    names = ["Arger.txt", "\u00c4rger.txt", "A\u0308rgern.txt", "beta.txt", "Zebra.txt"]
    for name in reversed(names):
        attach(task, name=name)

    first = api(viewer).get(url(task, route=""), {"ordering": "name", "page_size": 3}).json()
    second = api(viewer).get(first["next"]).json()

    assert [row["name"] for page in (first, second) for row in page["results"]] == names


def test_the_list_rejects_what_it_does_not_know(api, viewer, task):
    assert api(viewer).get(url(task, route=""), {"size": 1}).status_code == 400
    assert api(viewer).get(url(task, route=""), {"ordering": "sha256"}).status_code == 400


def test_the_number_of_queries_does_not_grow_with_the_list(api, viewer, task, member, admin):
    client = api(viewer)
    attach(task)
    with CaptureQueriesContext(connection) as few:
        client.get(url(task, route=""))
    for person in (member, admin, member):
        attach(task, by=person)
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(url(task, route="")).json()["results"]) == 4

    assert len(many) == len(few)


def test_a_file_has_its_page(api, viewer, task):
    attachment = attach(task)

    body = api(viewer).get(url(task, attachment)).json()

    assert (body["id"], body["size"], body["sha256"]) == (attachment.pk, len(files.TEXT), attachment.sha256)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 200), ("viewer", 200), ("outsider", 404), ("staff", 404), (None, 401)],
)
def test_each_role_gets_its_answer(request, api, task, route, who, status):
    attachment = attach(task)

    response = api(request.getfixturevalue(who) if who else None).get(url(task, attachment, route))

    assert response.status_code == status
    assert (files.TEXT in body_of(response)) == (status == 200 and "download" in route)


@pytest.mark.parametrize("route", ROUTES[1:])
def test_a_file_is_found_below_its_own_task_only(api, owner, project, task, route):
    attachment = attach(task)
    other = TaskFactory(project=project)

    assert api(owner).get(url(other, attachment, route)).status_code == 404
    assert api(owner).get(f"/api/tasks/{10**17}/attachments/{attachment.pk}/").status_code == 404
    assert api(owner).get(f"/api/tasks/{task.pk}/attachments/{10**17}/").status_code == 404
    assert api(owner).get(f"/api/tasks/{task.pk}/attachments/{10**30}/").status_code == 404


@pytest.mark.parametrize("state", [AttachmentState.UPLOADING, AttachmentState.DELETING])
@pytest.mark.parametrize("route", ROUTES[1:])
def test_only_ready_files_are_served(api, owner, task, state, route):
    attachment = attach(task)
    attachment.state = state
    attachment.save()

    assert api(owner).get(url(task, attachment, route)).status_code == 404
    assert api(owner).get(url(task, route="")).json()["results"] == []


@pytest.mark.parametrize("route", ROUTES)
def test_files_of_archived_tasks_and_projects_can_be_read(api, viewer, task, project, route):
    attachment = attach(task)
    task.archived_at = project.archived_at = timezone.now()
    task.save()
    project.save()

    response = api(viewer).get(url(task, attachment, route))

    assert (response.status_code, bool(body_of(response))) == (200, True)


def test_a_download_is_always_a_download(api, viewer, task):
    attachment = attach(task, name="a.png", content=files.image("PNG"))

    response = download(api(viewer), task, attachment)

    assert response.bytes == files.image("PNG")
    assert response["Content-Type"] == "image/png"
    assert response["Content-Length"] == str(attachment.size)
    assert response["Content-Disposition"] == "attachment; filename=\"a.png\"; filename*=UTF-8''a.png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"
    assert response["ETag"] == f'"{attachment.sha256}"'


def test_a_name_is_given_twice_for_old_clients_and_as_it_is(api, viewer, task):
    attachment = attach(task, name="naïve €.txt")

    assert download(api(viewer), task, attachment)["Content-Disposition"] == (
        "attachment; filename=\"naive _.txt\"; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt"
    )


@pytest.mark.parametrize(
    "accept", ["*/*", "image/png", "application/octet-stream", "text/html,application/xhtml+xml", "nonsense"]
)
def test_a_download_has_its_type_whatever_the_client_accepts(api, viewer, task, accept):
    attachment = attach(task)

    response = download(api(viewer), task, attachment, HTTP_ACCEPT=accept)

    assert (response.status_code, response["Content-Type"]) == (200, "text/plain")


def test_head_says_the_same_without_the_bytes(api, viewer, task):
    attachment = attach(task)

    head = api(viewer).head(url(task, attachment, "{id}/download/"))
    get = download(api(viewer), task, attachment)

    same = ("Content-Type", "Content-Length", "Content-Disposition", "Content-Security-Policy", "ETag", "Cache-Control")
    assert head.status_code == 200
    assert {name: head[name] for name in same} == {name: get[name] for name in same}
    assert body_of(head) == b""


def test_who_has_the_file_gets_a_304(api, viewer, task):
    attachment = attach(task)

    again = download(api(viewer), task, attachment, HTTP_IF_NONE_MATCH=f'"{attachment.sha256}"')
    other = download(api(viewer), task, attachment, HTTP_IF_NONE_MATCH='"another"')

    assert (again.status_code, again.bytes) == (304, b"")
    assert other.status_code == 200


def test_who_was_removed_cannot_download_any_more_not_even_a_304(api, viewer, task):
    attachment = attach(task)
    client = api(viewer)
    assert download(client, task, attachment).status_code == 200
    Membership.objects.filter(user=viewer).delete()

    place = url(task, attachment, "{id}/download/")
    assert client.get(place).status_code == 404
    assert client.get(place, HTTP_IF_NONE_MATCH=f'"{attachment.sha256}"').status_code == 404


def test_behind_a_proxy_the_proxy_is_told_which_file_to_send(api, viewer, task, settings):
    settings.X_ACCEL_REDIRECT = True
    attachment = attach(task)

    response = api(viewer).get(url(task, attachment, "{id}/download/"))

    assert response["X-Accel-Redirect"] == f"/protected/{attachment.storage_name}"
    assert (response.content, response["Content-Type"]) == (b"", "text/plain")
    assert response["Content-Disposition"] == "attachment; filename=\"notes.txt\"; filename*=UTF-8''notes.txt"


def test_a_file_that_is_lost_is_a_404_and_an_error_in_the_log(api, viewer, task, media, caplog):
    attachment = attach(task)
    (media / attachment.storage_name).unlink()

    response = api(viewer).get(url(task, attachment, "{id}/download/"))

    assert (response.status_code, response.json()["code"]) == (404, "file_missing")
    assert f"The file of attachment {attachment.pk} is not in the storage" in caplog.text


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_file_cannot_be_changed(api, owner, task, method):
    attachment = attach(task)

    assert getattr(api(owner), method)(url(task, attachment), {"name": "x"}).status_code == 405
    assert getattr(api(owner), method)(url(task, attachment, "{id}/download/"), {}).status_code == 405
