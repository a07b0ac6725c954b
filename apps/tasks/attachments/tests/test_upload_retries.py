"""An upload sent again with the same Idempotency-Key."""

from __future__ import annotations

import pytest

from apps.projects.models import Membership
from apps.tasks.attachments.tests import files
from apps.tasks.attachments.tests.attachment_helpers import send
from apps.tasks.models import Attachment


def test_a_retry_with_the_same_key_gets_the_same_answer_and_makes_one_file(api, member, task, media):
    first, second = (send(api(member), task, **{"Idempotency-Key": "k"}) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert len(files.stored(media)) == Attachment.objects.count() == 1


@pytest.mark.parametrize("other", [files.upload(content=b"something else"), files.upload(name="other.txt")])
def test_the_same_key_with_another_file_is_a_422(api, member, task, media, other):
    send(api(member), task, **{"Idempotency-Key": "k"})

    response = send(api(member), task, other, **{"Idempotency-Key": "k"})

    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert len(files.stored(media)) == Attachment.objects.count() == 1


def test_access_is_decided_anew_before_a_replay(api, member, task):
    send(api(member), task, **{"Idempotency-Key": "k"})
    Membership.objects.filter(user=member).delete()

    assert send(api(member), task, **{"Idempotency-Key": "k"}).status_code == 404


def test_a_rejection_is_not_kept(api, member, task):
    bad = send(api(member), task, files.upload("page.html", b"<html>"), **{"Idempotency-Key": "k"})

    assert bad.status_code == 400
    assert send(api(member), task, **{"Idempotency-Key": "k"}).status_code == 201
