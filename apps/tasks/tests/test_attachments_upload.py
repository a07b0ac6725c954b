"""POST tasks/{id}/attachments/: taking a file in."""

from __future__ import annotations

import hashlib

from apps.tasks.models import Attachment, AttachmentState
from apps.tasks.tests import files


def url(task) -> str:
    return f"/api/tasks/{task.pk}/attachments/"


def send(client, task, *parts, **headers):
    return client.post(url(task), {"file": parts or (files.upload(),)}, format="multipart", headers=headers)


def test_a_member_attaches_a_file(api, member, task, project, media):
    response = send(api(member), task)

    body = response.json()
    assert response.status_code == 201
    assert body == {
        "id": body["id"],
        "name": "notes.txt",
        "size": len(files.TEXT),
        "content_type": "text/plain",
        "sha256": hashlib.sha256(files.TEXT).hexdigest(),
        "uploaded_by": {"id": member.pk, "username": "member", "nickname": "", "avatar": None},
        "uploaded_at": body["uploaded_at"],
        "url": f"http://testserver/api/tasks/{task.pk}/attachments/{body['id']}/download/",
    }
    assert body["uploaded_at"].endswith("Z")
    attachment = Attachment.objects.get()
    assert attachment.state == AttachmentState.READY
    assert files.stored(media) == [attachment.storage_name]
    assert (media / attachment.storage_name).read_bytes() == files.TEXT
    task.refresh_from_db()
    project.refresh_from_db()
    assert (task.attachments_count, task.version) == (1, 1)
    assert project.attachment_bytes == len(files.TEXT)
