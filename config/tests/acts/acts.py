"""The acts of overview section 8, each done through the API as people do them."""

from __future__ import annotations

from collections.abc import Callable

from apps.projects.models import TrashEntry
from apps.tasks.attachments.services import clean_files, remove_deleted
from apps.users.tests.factories import PASSWORD
from config.tests.acts.scene import Scene

Act = Callable[[Scene], None]


def archive_task(scene: Scene) -> None:
    scene.answer = scene.do("post", scene.path("root", "archive"))


def archive_project(scene: Scene) -> None:
    scene.answer = scene.do("post", f"projects/{scene.a.pk}/archive/")


def trash_task(scene: Scene) -> None:
    scene.answer = scene.do("delete", scene.path("root"))


def restore(scene: Scene) -> None:
    """Restore the task after a label was deleted and a watcher left, both while it was in the trash."""
    trash_task(scene)
    scene.do("delete", f"projects/{scene.a.pk}/labels/{scene.ids['old']}/")
    scene.do("delete", f"projects/{scene.a.pk}/members/{scene.leo.pk}/")
    entry = TrashEntry.objects.get(root_id=scene.ids["root"])
    scene.answer = scene.do("post", f"trash/{entry.pk}/restore/")


def purge(scene: Scene) -> None:
    """Purge the task; its child went into the trash before, by an act of its own."""
    scene.do("delete", scene.path("child"))
    trash_task(scene)
    entry = TrashEntry.objects.get(root_id=scene.ids["root"])
    scene.answer = scene.do("delete", f"trash/{entry.pk}/")
    remove_deleted()
    clean_files()


def move_task(scene: Scene) -> None:
    scene.answer = scene.do("patch", scene.path("root"), {"project": scene.b.pk})


def delete_project(scene: Scene) -> None:
    scene.answer = scene.do("delete", f"projects/{scene.a.pk}/")


def member_leaves(scene: Scene) -> None:
    scene.answer = scene.do("delete", f"projects/{scene.a.pk}/members/{scene.leo.pk}/", by=scene.leo)


def lower_role(scene: Scene) -> None:
    """Make Leo a commenter."""
    scene.answer = scene.do("patch", f"projects/{scene.a.pk}/members/{scene.leo.pk}/", {"role": "commenter"})


def delete_account(scene: Scene) -> None:
    scene.answer = scene.do("delete", "auth/profile/", {"password": PASSWORD}, by=scene.leo)


def bulk(scene: Scene) -> None:
    """Change the labels and the parent of what a filter finds, by one request."""
    changes = {"labels_add": [scene.ids["old"]], "labels_remove": [scene.ids["bug"]], "parent": scene.ids["sibling"]}
    body = {"filter": "label = bug and key = AAA-2", "action": "update", "changes": changes}
    scene.answer = scene.do("post", "tasks/bulk/", body)


def undo_bulk(scene: Scene) -> None:
    bulk(scene)
    scene.answer = scene.do("post", f"batches/{scene.answer.json()['batch_id']}/undo/")
