"""What the answer of a write says beside the task (contract H4), and the batch of what can be undone (BU8)."""

import pytest

from apps.projects.models import Activity
from apps.projects.tests.factories import ProjectFactory

pytestmark = pytest.mark.django_db


def batches():
    return {str(batch) for batch in Activity.objects.exclude(batch_id=None).values_list("batch_id", flat=True)}


def test_h4_archiving_names_its_batch_in_answer_and_header(api, member, task):
    response = api(member).post(f"/api/tasks/{task.pk}/archive/", {})

    [batch] = batches()
    assert response["X-Batch-ID"] == batch
    assert response.json()["effects"] == {"batch_id": batch}


def test_h4_what_changes_nothing_has_no_batch(api, member, task):
    response = api(member).post(f"/api/tasks/{task.pk}/unarchive/", {})

    assert "X-Batch-ID" not in response
    assert "effects" not in response.json()


def test_h4_both_events_of_a_move_have_the_batch_that_its_answer_names(api, owner, task):
    target = ProjectFactory(owner=owner, key="MOB")

    response = api(owner).patch(f"/api/tasks/{task.pk}/", {"project": target.pk})

    assert batches() == {response["X-Batch-ID"]} == {response.json()["effects"]["batch_id"]}
    assert Activity.objects.filter(batch_id=response["X-Batch-ID"]).count() == 2


def test_bu8_a_single_edit_writes_no_batch(api, member, task):
    response = api(member).patch(f"/api/tasks/{task.pk}/", {"title": "Other"})

    assert "X-Batch-ID" not in response
    assert "effects" not in response.json()
    assert batches() == set()


def test_h1_effects_are_no_part_of_the_etag(api, member, task):
    client = api(member)
    archived = client.post(f"/api/tasks/{task.pk}/archive/", {})

    shown = client.get(f"/api/tasks/{task.pk}/")

    assert shown["ETag"] == archived["ETag"]
    assert "effects" not in shown.json()


def test_h4_effects_sent_back_are_ignored(api, member, task):
    client = api(member)
    archived = client.post(f"/api/tasks/{task.pk}/archive/", {}).json()

    again = client.put(f"/api/tasks/{task.pk}/", archived)

    assert again.status_code == 200
    assert "effects" not in again.json()
