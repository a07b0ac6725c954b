"""Files under parallel requests, each on a connection of its own. Prints its figures."""

from __future__ import annotations

from collections import Counter

import pytest

from apps.common.tests.races import at_once, statuses
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.attachments.services import remove_deleted
from apps.tasks.attachments.tests import files
from apps.tasks.attachments.tests.attachment_helpers import attach, lost_or_miscounted
from apps.tasks.models import Attachment
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db(transaction=True)

SIZE = len(files.TEXT)


def url(task) -> str:
    return f"/api/tasks/{task.pk}/attachments/"


def send(client, task, **headers):
    return client.post(url(task), {"file": files.upload()}, format="multipart", headers=headers)


def test_parallel_uploads_never_exceed_the_quota(api, member, task, project, media, settings):
    rounds = 3
    for number in range(1, rounds + 1):
        settings.PROJECT_QUOTA_BYTES = number * 3 * SIZE + SIZE // 2
        clients = [api(member) for _ in range(8)]
        answers = statuses(at_once(*[lambda client=client: send(client, task) for client in clients]))
        assert answers == [201] * 3 + [409] * 5
        project.refresh_from_db()
        assert project.attachment_bytes == number * 3 * SIZE
    assert len(files.stored(media)) == Attachment.objects.count() == rounds * 3
    assert lost_or_miscounted(media) == []
    print(f"quota: {rounds} rounds of 8 at once with room for 3: 3 each time, over the quota 0")


def test_one_key_makes_one_file_however_many_ask_at_once(api, member, task, media):
    rounds, seen = 5, Counter()
    for number in range(rounds):
        clients = [api(member) for _ in range(6)]
        key = {"Idempotency-Key": f"k{number}"}
        seen.update(
            statuses(at_once(*[lambda client=client, key=key: send(client, task, **key) for client in clients]))
        )
    assert set(seen) <= {201, 409}
    assert len(files.stored(media)) == Attachment.objects.count() == rounds
    assert lost_or_miscounted(media) == []
    print(f"one key: {rounds} rounds of 6 at once, files {rounds}, answers {dict(seen)}")


def test_a_file_is_deleted_by_one_of_many(api, owner, task, media):
    for _ in range(5):
        place = url(task) + f"{attach(task).pk}/"
        clients = [api(owner) for _ in range(6)]
        answers = statuses(at_once(*[lambda client=client, place=place: client.delete(place) for client in clients]))
        assert answers == [204] + [404] * 5
        assert lost_or_miscounted(media) == []
    print("deleted by 6 at once, 5 rounds: one each time")


def test_an_upload_and_the_erasure_of_its_task_leave_nothing_behind(api, owner, project, media, settings):
    settings.TRASH_DAYS = 0  # a task in the trash keeps the files of uploads that came first
    seen = Counter()
    for _ in range(10):
        task = TaskFactory(project=project)
        uploading, deleting = api(owner), api(owner)
        up, down = at_once(
            lambda client=uploading, task=task: send(client, task),
            lambda client=deleting, task=task: client.delete(f"/api/tasks/{task.pk}/"),
        )
        assert down.status_code == 204
        seen[up.status_code] += 1
        assert lost_or_miscounted(media) == []
    remove_deleted()
    assert set(seen) <= {201, 404}
    assert (Attachment.objects.count(), files.stored(media)) == (0, [])
    print(f"upload against deletion of the task: 10 rounds, uploads {dict(seen)}, left behind 0")


def test_an_upload_and_a_move_of_its_task_agree_on_the_project(api, owner, project, media):
    seen = Counter()
    for _ in range(10):
        task, target = TaskFactory(project=project), ProjectFactory(owner=owner)
        uploading, moving = api(owner), api(owner)
        up, moved = at_once(
            lambda client=uploading, task=task: send(client, task),
            lambda client=moving, task=task, target=target: client.patch(
                f"/api/tasks/{task.pk}/", {"project": target.pk}
            ),
        )
        assert moved.status_code == 200
        seen[up.status_code] += 1
        assert not Attachment.objects.exclude(project=None).exclude(task__project=target).filter(task=task).exists()
        assert lost_or_miscounted(media) == []
    assert set(seen) == {201}
    print(f"upload against a move of the task: 10 rounds, uploads {dict(seen)}, miscounted 0")


def test_many_clean_ups_at_once_do_no_harm(api, owner, task, media):
    kept = attach(task)
    for _ in range(20):
        assert api(owner).delete(url(task) + f"{attach(task).pk}/").status_code == 204

    done = at_once(remove_deleted, remove_deleted, remove_deleted, remove_deleted)

    assert all(isinstance(count, int) for count in done), done
    assert files.stored(media) == [kept.storage_name]
    assert Attachment.objects.get().pk == kept.pk
