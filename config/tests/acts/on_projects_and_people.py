"""What holds after a project was archived or deleted, and after a member left, lost a role or deleted the account."""

from __future__ import annotations

from django.utils import timezone

from apps.projects.models import Project
from apps.tasks.models import Comment, SavedView, Task, Watch
from apps.webhooks.models import Delivery
from config.tests.acts import acts
from config.tests.acts.scene import Scene
from config.tests.acts.table import cell, due, events_of, relations_of, sent_by_webhooks

IN_TRASH = (404, "in_trash")
READ_ONLY = (409, "project_archived")
FORBIDDEN = (403, "permission_denied")
DONE = (200, "")


@cell(acts.archive_project, "comments")
def comments_of_an_archived_project_are_read_only(scene: Scene) -> None:
    assert len(scene.get(scene.path("root", "comments"))["results"]) == 1
    assert scene.status(scene.leo, "post", scene.path("root", "comments"), {"body": "More"}) == READ_ONLY


@cell(acts.archive_project, "labels")
def labels_of_an_archived_project_are_read_only(scene: Scene) -> None:
    assert scene.status(scene.owner, "post", f"projects/{scene.a.pk}/labels/", {"name": "new"}) == READ_ONLY
    assert scene.status(scene.leo, "patch", scene.path("root"), {"labels": []}) == READ_ONLY
    assert scene.task("root")["labels"] == scene.before["root"]["labels"]


@cell(acts.archive_project, "sub-tasks", "rank")
def trees_and_order_of_an_archived_project_are_read_only(scene: Scene) -> None:
    assert scene.status(scene.leo, "post", "tasks/", {"title": "x", "parent": scene.ids["root"]}) == READ_ONLY
    assert scene.status(scene.leo, "post", scene.path("root", "move"), {"position": "last"}) == READ_ONLY


@cell(acts.archive_project, "relations")
def relations_of_an_archived_project_only_go_from_an_active_end(scene: Scene) -> None:
    assert not scene.task("far")["is_blocked"]
    new = {"kind": "relates", "task": scene.ids["root"]}
    assert scene.status(scene.owner, "post", scene.path("far", "relations"), new) == READ_ONLY
    assert scene.status(scene.owner, "delete", scene.path("far", "relations", str(scene.ids["root-far"]))) == (204, "")


@cell(acts.archive_project, "files")
def files_of_an_archived_project_are_read_only(scene: Scene) -> None:
    assert scene.download(scene.leo) == b"twelve bytes"
    assert scene.upload("root", scene.leo) == READ_ONLY


@cell(acts.archive_project, "views")
def shared_views_are_read_only_and_personal_ones_free(scene: Scene) -> None:
    assert scene.status(scene.leo, "patch", f"views/{scene.ids['shared']}/", {"name": "x"}) == READ_ONLY
    assert scene.status(scene.leo, "patch", f"views/{scene.ids['personal']}/", {"name": "x"}) == DONE


@cell(acts.archive_project, "webhooks")
def webhooks_of_an_archived_project_are_read_only_and_open_deliveries_go_on(scene: Scene) -> None:
    hook = f"projects/{scene.a.pk}/webhooks/{scene.ids['hook-a']}/"
    assert scene.status(scene.owner, "patch", hook, {"description": "x"}) == READ_ONLY
    assert scene.status(scene.owner, "delete", hook) == READ_ONLY
    assert "project.archived" in due()


@cell(acts.archive_project, "events")
def archiving_a_project_is_one_event(scene: Scene) -> None:
    assert events_of(scene, scene.a) == [("project.archived", scene.a.pk)]


@cell(acts.delete_project, "comments", "labels", "sub-tasks", "rank", "files")
def everything_in_a_deleted_project_is_hidden_and_kept(scene: Scene) -> None:
    for path in ("comments", "tree", "attachments"):
        assert scene.status(scene.leo, "get", scene.path("root", path)) == IN_TRASH
    assert scene.status(scene.leo, "get", f"projects/{scene.a.pk}/labels/") == IN_TRASH
    assert [entry["type"] for entry in scene.get("trash/")["results"]] == ["project"]
    assert Comment.objects.filter(pk=scene.ids["comment"]).exists()
    assert Task.objects.get(pk=scene.ids["child"]).parent_id == scene.ids["root"]
    assert Task.objects.get(pk=scene.ids["root"]).rank == scene.before["root"]["rank"]
    assert Project.objects.get(pk=scene.a.pk).attachment_bytes == len(scene.file())


@cell(acts.delete_project, "relations")
def far_ends_are_hidden(scene: Scene) -> None:
    assert relations_of(scene, "far") == []
    assert not scene.task("far")["is_blocked"]


@cell(acts.delete_project, "watches")
def watches_of_a_deleted_project_are_kept(scene: Scene) -> None:
    assert Watch.objects.filter(user=scene.leo, task_id=scene.ids["root"]).exists()


@cell(acts.delete_project, "views")
def views_of_a_deleted_project_are_hidden(scene: Scene) -> None:
    assert scene.get("views/", scene.leo)["results"] == []
    assert SavedView.objects.filter(owner=scene.leo).count() == 2


@cell(acts.delete_project, "webhooks")
def webhooks_send_the_deletion_and_then_pause(scene: Scene) -> None:
    assert sent_by_webhooks(scene, scene.a) == [("project.deleted", scene.a.pk)]
    Delivery.objects.filter(project=scene.a).update(state="pending", next_attempt_at=timezone.now())
    assert due() == ["project.deleted"]
    assert sent_by_webhooks(scene, scene.b) == []


@cell(acts.delete_project, "events")
def deleting_a_project_is_one_event(scene: Scene) -> None:
    assert events_of(scene, scene.a) == [("project.deleted", scene.a.pk)]


@cell(acts.member_leaves, "comments")
def comments_of_who_left_stay(scene: Scene) -> None:
    (comment,) = scene.get(scene.path("root", "comments"))["results"]
    assert comment["author"]["username"] == "leo"


@cell(acts.member_leaves, "relations")
@cell(acts.delete_account, "relations")
def relations_stay(scene: Scene) -> None:
    assert relations_of(scene, "root") == ["AAA-1", "AAA-4", "BBB-1"]


@cell(acts.member_leaves, "watches")
@cell(acts.delete_account, "watches")
def watches_of_who_left_are_deleted(scene: Scene) -> None:
    assert not Watch.objects.filter(user=scene.leo).exists()
    assert scene.task("child")["assigned_to"] is None


@cell(acts.member_leaves, "files")
@cell(acts.delete_account, "files")
def files_of_who_left_stay(scene: Scene) -> None:
    assert [file["id"] for file in scene.get(scene.path("root", "attachments"))["results"]] == [scene.ids["file"]]


@cell(acts.member_leaves, "views")
def shared_views_stay_and_personal_ones_are_hidden(scene: Scene) -> None:
    assert sorted(scene.keys(f"tasks/?view={scene.ids['shared']}", scene.mia)) == ["AAA-2", "AAA-3"]
    assert scene.get("views/", scene.leo)["results"] == []
    assert SavedView.objects.filter(pk=scene.ids["personal"]).exists()


@cell(acts.member_leaves, "webhooks")
@cell(acts.lower_role, "webhooks")
@cell(acts.delete_account, "webhooks")
def webhooks_stay_and_send_it(scene: Scene) -> None:
    assert sent_by_webhooks(scene, scene.a) == events_of(scene, scene.a)
    assert scene.get(f"projects/{scene.a.pk}/webhooks/")["results"][0]["state"] == "active"


@cell(acts.member_leaves, "events")
@cell(acts.delete_account, "events")
def leaving_is_at_most_two_events(scene: Scene) -> None:
    assert sorted(kind for kind, _object in events_of(scene, scene.a)) == ["member.removed", "task.unassigned"]


@cell(acts.lower_role, "comments")
def own_comments_can_be_edited_from_commenter_on(scene: Scene) -> None:
    comment = scene.path("root", "comments", str(scene.ids["comment"]))
    assert scene.status(scene.leo, "patch", comment, {"body": "Edited"}) == DONE
    scene.do("patch", f"projects/{scene.a.pk}/members/{scene.leo.pk}/", {"role": "viewer"})
    assert scene.status(scene.leo, "patch", comment, {"body": "Again"}) == FORBIDDEN


@cell(acts.lower_role, "labels", "sub-tasks", "relations", "rank", "files")
def what_a_member_may_needs_the_role(scene: Scene) -> None:
    assert scene.status(scene.leo, "patch", scene.path("root"), {"labels": []}) == FORBIDDEN
    assert scene.status(scene.leo, "post", "tasks/", {"title": "x", "parent": scene.ids["root"]}) == FORBIDDEN
    new = {"kind": "relates", "task": scene.ids["sibling"]}
    assert scene.status(scene.leo, "post", scene.path("root", "relations"), new) == FORBIDDEN
    assert scene.status(scene.leo, "post", scene.path("root", "move"), {"position": "last"}) == FORBIDDEN
    assert scene.upload("root", scene.leo) == FORBIDDEN


@cell(acts.lower_role, "watches")
def watches_stay_with_a_lower_role(scene: Scene) -> None:
    assert scene.get(scene.path("root"), scene.leo)["is_watching"]


@cell(acts.lower_role, "views")
def own_shared_views_can_be_edited_from_member_on(scene: Scene) -> None:
    assert scene.status(scene.leo, "patch", f"views/{scene.ids['shared']}/", {"name": "x"}) == FORBIDDEN
    assert scene.status(scene.leo, "patch", f"views/{scene.ids['personal']}/", {"name": "x"}) == DONE


@cell(acts.lower_role, "events")
def a_change_of_role_is_one_event(scene: Scene) -> None:
    assert events_of(scene, scene.a) == [("member.role_changed", scene.leo.pk)]


@cell(acts.delete_account, "comments")
def comments_of_a_deleted_account_stay_without_the_name(scene: Scene) -> None:
    (comment,) = scene.get(scene.path("root", "comments"))["results"]
    assert comment["author"]["username"].startswith("deleted-")


@cell(acts.delete_account, "views")
def personal_views_of_a_deleted_account_are_deleted(scene: Scene) -> None:
    assert list(SavedView.objects.values_list("pk", flat=True)) == [scene.ids["shared"]]
    assert sorted(scene.keys(f"tasks/?view={scene.ids['shared']}", scene.mia)) == ["AAA-2", "AAA-3"]
