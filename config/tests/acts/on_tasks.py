"""What holds after a task was archived, put into the trash, restored, purged or moved."""

from __future__ import annotations

import json

from django.core.files.storage import default_storage

from apps.projects.models import Project
from apps.tasks.models import Attachment, Comment, Relation, Task, TaskLabel, Watch
from apps.webhooks.models import Delivery
from config.tests.acts import acts
from config.tests.acts.scene import Scene, body_of
from config.tests.acts.table import cell, events_of, mentions, relations_of, sent_by_webhooks

IN_TRASH = (404, "in_trash")
ARCHIVED = (409, "task_archived")


@cell(acts.archive_task, "comments")
def comments_of_an_archived_task_stay_and_can_be_written(scene: Scene) -> None:
    assert scene.status(scene.leo, "post", scene.path("root", "comments"), {"body": "One more"}) == (201, "")
    assert len(scene.get(scene.path("root", "comments"))["results"]) == 2


@cell(acts.archive_task, "labels")
def labels_of_an_archived_task_stay(scene: Scene) -> None:
    assert scene.task("root")["labels"] == scene.before["root"]["labels"]


@cell(acts.archive_task, "sub-tasks")
def the_subtree_is_archived_along(scene: Scene) -> None:
    assert scene.task("child")["is_archived"]
    assert scene.task("child")["parent"]["key"] == "AAA-2"


@cell(acts.archive_task, "relations")
def relations_of_an_archived_task_are_hidden_at_the_other_end_and_do_not_block(scene: Scene) -> None:
    assert relations_of(scene, "sibling") == relations_of(scene, "far") == []
    assert not scene.task("sibling")["is_blocked"]
    assert not scene.task("far")["is_blocked"]


@cell(acts.archive_task, "watches")
@cell(acts.archive_project, "watches")
def watches_stay_and_can_change(scene: Scene) -> None:
    assert scene.get(scene.path("root"), scene.leo)["is_watching"]
    assert scene.status(scene.leo, "put", scene.path("root", "watch"), {"level": "muted"}) == (200, "")
    assert scene.status(scene.leo, "put", f"projects/{scene.a.pk}/watch/", {"level": "muted"}) == (200, "")


@cell(acts.archive_task, "rank")
def an_archived_task_keeps_its_place(scene: Scene) -> None:
    assert scene.task("root")["rank"] == scene.before["root"]["rank"]


@cell(acts.archive_task, "files")
def files_of_an_archived_task_are_read_but_not_added(scene: Scene) -> None:
    assert scene.download(scene.leo) == b"twelve bytes"
    assert scene.upload("root", scene.leo)[0] == 409


@cell(acts.archive_task, "views")
def an_archived_task_leaves_views_unless_they_name_archived(scene: Scene) -> None:
    assert scene.keys(f"tasks/?view={scene.ids['shared']}") == []
    named = {"name": "all", "project": scene.a.pk, "filter": "label = bug and archived"}
    view = scene.do("post", "views/", named).json()["id"]
    assert sorted(scene.keys(f"tasks/?view={view}")) == ["AAA-2", "AAA-3"]


@cell(acts.archive_task, "webhooks")
@cell(acts.trash_task, "webhooks")
@cell(acts.restore, "webhooks")
def webhooks_send_each_event(scene: Scene) -> None:
    assert sent_by_webhooks(scene, scene.a) == events_of(scene, scene.a)
    assert len(sent_by_webhooks(scene, scene.a)) >= 2
    assert sent_by_webhooks(scene, scene.b) == events_of(scene, scene.b)


@cell(acts.archive_task, "events")
def each_archived_task_has_its_event(scene: Scene) -> None:
    tasks = [("task.archived", scene.ids["root"]), ("task.archived", scene.ids["child"])]
    assert sorted(events_of(scene, scene.a)) == sorted(tasks)
    assert scene.answer["X-Batch-ID"]


@cell(acts.trash_task, "comments")
def comments_in_the_trash_are_hidden_and_kept(scene: Scene) -> None:
    assert scene.status(scene.owner, "get", scene.path("root", "comments")) == IN_TRASH
    assert Comment.objects.filter(task_id=scene.ids["root"]).count() == 1


@cell(acts.trash_task, "labels")
def labels_in_the_trash_are_kept_and_not_counted(scene: Scene) -> None:
    assert scene.get(f"projects/{scene.a.pk}/labels/{scene.ids['bug']}/")["tasks_count"] == 0
    assert TaskLabel.objects.filter(task_id=scene.ids["root"]).count() == 2


@cell(acts.trash_task, "sub-tasks")
def one_entry_has_the_subtree(scene: Scene) -> None:
    entry = scene.get("trash/")["results"][0]
    assert [task["id"] for task in scene.get(f"trash/{entry['id']}/")["tasks"]] == [
        scene.ids["root"],
        scene.ids["child"],
    ]


@cell(acts.trash_task, "relations")
def relations_in_the_trash_are_hidden_do_not_block_and_still_close_circles(scene: Scene) -> None:
    assert relations_of(scene, "sibling") == relations_of(scene, "far") == []
    assert not scene.task("far")["is_blocked"]
    closing = {"kind": "blocks", "task": scene.ids["early"]}
    assert scene.status(scene.owner, "post", scene.path("sibling", "relations"), closing) == (409, "cycle")


@cell(acts.trash_task, "watches")
def watches_in_the_trash_are_kept(scene: Scene) -> None:
    assert scene.status(scene.leo, "get", scene.path("root", "watch")) == IN_TRASH
    assert Watch.objects.filter(user=scene.leo, task_id=scene.ids["root"]).exists()


@cell(acts.trash_task, "rank")
def a_place_is_kept_in_the_trash(scene: Scene) -> None:
    assert scene.row("root").rank == scene.before["root"]["rank"]


@cell(acts.trash_task, "files")
def files_in_the_trash_are_kept_and_counted(scene: Scene) -> None:
    assert scene.status(scene.owner, "get", scene.path("root", "attachments")) == IN_TRASH
    assert Project.objects.get(pk=scene.a.pk).attachment_bytes == len(scene.file())


@cell(acts.trash_task, "views")
def a_trashed_task_is_in_no_view(scene: Scene) -> None:
    assert scene.keys(f"tasks/?view={scene.ids['shared']}") == []
    assert scene.get(f"views/counts/?ids={scene.ids['shared']}")["counts"] == {str(scene.ids["shared"]): 0}


@cell(acts.trash_task, "events")
def each_trashed_task_has_its_event(scene: Scene) -> None:
    tasks = [("task.deleted", scene.ids["root"]), ("task.deleted", scene.ids["child"])]
    assert sorted(events_of(scene, scene.a)) == sorted(tasks)


@cell(acts.restore, "comments")
def comments_come_back(scene: Scene) -> None:
    assert [comment["id"] for comment in scene.get(scene.path("root", "comments"))["results"]] == [scene.ids["comment"]]


@cell(acts.restore, "labels")
def labels_come_back_except_deleted_ones(scene: Scene) -> None:
    assert [label["id"] for label in scene.task("root")["labels"]] == [scene.ids["bug"]]


@cell(acts.restore, "sub-tasks")
def sub_tasks_come_back(scene: Scene) -> None:
    assert scene.task("child")["parent"]["id"] == scene.ids["root"]
    assert scene.task("root")["subtasks"] == scene.before["root"]["subtasks"]


@cell(acts.restore, "relations")
def relations_come_back(scene: Scene) -> None:
    assert relations_of(scene, "root") == ["AAA-1", "AAA-4", "BBB-1"]
    assert scene.task("far")["is_blocked"]


@cell(acts.restore, "watches")
def watches_come_back_except_of_people_who_left(scene: Scene) -> None:
    assert [watcher["user"]["username"] for watcher in scene.get(scene.path("root", "watchers"))["results"]] == [
        "mia",
        "owner",
    ]
    assert scene.task("child")["assigned_to"] is None


@cell(acts.restore, "rank")
def the_place_is_the_one_before(scene: Scene) -> None:
    assert scene.task("root")["rank"] == scene.before["root"]["rank"]
    assert scene.keys(f"tasks/?project={scene.a.pk}&ordering=rank") == ["AAA-1", "AAA-2", "AAA-3", "AAA-4"]


@cell(acts.restore, "files")
def files_come_back(scene: Scene) -> None:
    assert scene.download(scene.owner) == b"twelve bytes"


@cell(acts.restore, "views")
def views_show_it_again(scene: Scene) -> None:
    assert sorted(scene.keys(f"tasks/?view={scene.ids['shared']}")) == ["AAA-2", "AAA-3"]


@cell(acts.restore, "events")
def each_restored_task_has_its_event(scene: Scene) -> None:
    restored = [object_id for kind, object_id in events_of(scene, scene.a) if kind == "task.restored"]
    assert sorted(restored) == sorted([scene.ids["root"], scene.ids["child"]])


@cell(acts.purge, "comments")
def comments_are_deleted(scene: Scene) -> None:
    assert not Comment.objects.filter(pk=scene.ids["comment"]).exists()


@cell(acts.purge, "labels")
def links_of_labels_are_deleted(scene: Scene) -> None:
    assert not TaskLabel.objects.filter(task_id=scene.ids["root"]).exists()


@cell(acts.purge, "sub-tasks")
def children_of_other_entries_become_roots(scene: Scene) -> None:
    assert scene.row("child").parent_id is None


@cell(acts.purge, "relations")
def relations_are_deleted(scene: Scene) -> None:
    assert not Relation.objects.filter(pk__in=[scene.ids["early-root"], scene.ids["root-far"]]).exists()


@cell(acts.purge, "watches", "rank")
def watches_and_the_place_are_gone(scene: Scene) -> None:
    assert not Watch.objects.filter(task_id=scene.ids["root"]).exists()
    assert not Task.objects.filter(pk=scene.ids["root"]).exists()


@cell(acts.purge, "files")
def bytes_are_freed_and_files_removed(scene: Scene) -> None:
    assert Project.objects.get(pk=scene.a.pk).attachment_bytes == 0
    assert not Attachment.objects.filter(pk=scene.ids["file"]).exists()
    assert default_storage.listdir("attachments")[1] == []


@cell(acts.purge, "webhooks")
def stored_bodies_about_it_are_blanked(scene: Scene) -> None:
    sent = Delivery.objects.filter(state="sent", project=scene.a)
    about = sent.filter(activity__task_id=scene.ids["root"])
    assert {delivery.request_body for delivery in about} == {""}
    assert about.count() >= 3
    assert all(sent.exclude(pk__in=about).values_list("request_body", flat=True))


@cell(acts.purge, "events")
def one_entry_has_one_event(scene: Scene) -> None:
    purged = [object_id for kind, object_id in events_of(scene, scene.a) if kind == "task.purged"]
    assert purged == [scene.ids["root"]]


@cell(acts.move_task, "comments")
def comments_move_along_without_new_mentions(scene: Scene) -> None:
    assert [comment["id"] for comment in scene.get(scene.path("root", "comments"))["results"]] == [scene.ids["comment"]]
    assert mentions(scene) == 1


@cell(acts.move_task, "labels")
def labels_move_by_name_and_are_created(scene: Scene) -> None:
    assert [label["name"] for label in scene.task("root")["labels"]] == ["bug", "old"]
    assert {label["name"] for label in scene.get(f"projects/{scene.b.pk}/labels/")["results"]} == {"bug", "old"}


@cell(acts.move_task, "sub-tasks")
def the_subtree_moves(scene: Scene) -> None:
    assert [scene.task(name)["key"] for name in ("root", "child")] == ["BBB-2", "BBB-3"]
    assert scene.task("child")["assigned_to"] is None


@cell(acts.move_task, "relations")
def relations_are_kept_and_shown_per_reader(scene: Scene) -> None:
    assert relations_of(scene, "root") == ["AAA-1", "AAA-4", "BBB-1"]
    shown = scene.get(scene.path("sibling", "relations"), scene.leo)["results"]
    assert [relation["task"] for relation in shown] == [{"visible": False}]


@cell(acts.move_task, "watches")
def watches_are_kept_for_members_of_the_target(scene: Scene) -> None:
    watching = Watch.objects.filter(task_id=scene.ids["root"])
    assert {watch.user_id for watch in watching} == {scene.mia.pk}


@cell(acts.move_task, "rank")
def a_moved_task_goes_to_the_end_of_the_target(scene: Scene) -> None:
    assert scene.keys(f"tasks/?project={scene.b.pk}&ordering=rank") == ["BBB-1", "BBB-2", "BBB-3"]


@cell(acts.move_task, "files")
def files_move_into_the_quota_of_the_target(scene: Scene) -> None:
    bytes_of = dict(Project.objects.filter(pk__in=[scene.a.pk, scene.b.pk]).values_list("pk", "attachment_bytes"))
    assert bytes_of == {scene.a.pk: 0, scene.b.pk: len(scene.file())}


@cell(acts.move_task, "views")
def a_moved_task_leaves_a_view_of_its_old_project(scene: Scene) -> None:
    assert scene.keys(f"tasks/?view={scene.ids['shared']}") == []


@cell(acts.move_task, "webhooks")
def the_webhook_of_each_side_sends_its_own(scene: Scene) -> None:
    for place, other in ((scene.a, "BBB"), (scene.b, "AAA")):
        assert sent_by_webhooks(scene, place) == events_of(scene, place)
        for delivery in Delivery.objects.filter(state="pending", project=place):
            assert other not in body_of(delivery)


@cell(acts.move_task, "events")
def each_side_has_its_own_event(scene: Scene) -> None:
    tasks = [scene.ids["root"], scene.ids["child"]]
    assert sorted(events_of(scene, scene.a)) == sorted(("task.moved_out", task) for task in tasks)
    arrived = [event for event in events_of(scene, scene.b) if event[0] == "task.moved_in"]
    assert sorted(arrived) == sorted(("task.moved_in", task) for task in tasks)


@cell(acts.bulk, "webhooks")
@cell(acts.undo_bulk, "webhooks")
def webhooks_send_each_event_with_its_batch(scene: Scene) -> None:
    assert sent_by_webhooks(scene, scene.a) == events_of(scene, scene.a)
    bodies = [body_of(delivery) for delivery in Delivery.objects.filter(state="pending")]
    assert bodies
    assert all(json.loads(body)["data"]["batch_id"] for body in bodies)


@cell(acts.bulk, "labels", "sub-tasks", "views", "events")
def bulk_does_what_single_acts_do_to_what_a_filter_finds(scene: Scene) -> None:
    assert [label["name"] for label in scene.task("root")["labels"]] == ["old"]
    assert scene.task("root")["parent"]["key"] == "AAA-4"
    assert scene.keys(f"tasks/?view={scene.ids['shared']}") == ["AAA-3"]
    assert events_of(scene, scene.a) == [("task.updated", scene.ids["root"])]


@cell(acts.undo_bulk, "labels", "sub-tasks", "views", "events")
def undo_restores_what_bulk_changed(scene: Scene) -> None:
    assert scene.task("root")["labels"] == scene.before["root"]["labels"]
    assert scene.task("root")["parent"] is None
    assert sorted(scene.keys(f"tasks/?view={scene.ids['shared']}")) == ["AAA-2", "AAA-3"]
    assert events_of(scene, scene.a) == [("task.updated", scene.ids["root"])] * 2
