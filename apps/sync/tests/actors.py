"""People who do what comes to mind in projects that they share, and what each of them should have a copy of."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from apps.projects import services as projects
from apps.projects.models import Membership, Project, TrashEntry
from apps.projects.roles import GRANTABLE, Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.sync.pages import read_page
from apps.sync.tests.replay import Copy, Key
from apps.sync.types import SyncType
from apps.tasks import services as tasks
from apps.tasks.comments.services import edit_comment
from apps.tasks.counters.tests.test_random_acts import Actor
from apps.tasks.labels.services import create_label, delete_label, merge_label, update_label
from apps.tasks.models import Attachment, Comment, Label, Relation, SavedView, Task
from apps.tasks.relations.services import create_relation, delete_relation
from apps.tasks.saved_views.services import create_view, delete_view, update_view
from apps.tasks.trash.services import restore_entry
from apps.users.models import User
from apps.users.tests.factories import UserFactory

PLACES, PEOPLE = 3, 4


class SyncActor(Actor):
    """Also does what only a copy has to hear of: labels, relations, views, roles."""

    def __init__(self, user: User, places: list[Project], seed: int) -> None:
        super().__init__(user, places, seed)
        self.ways |= {
            self.assign: 3, self.retag: 5, self.label: 3, self.rename: 2, self.merge: 3, self.unlabel: 1,
            self.relate: 5, self.unrelate: 2, self.correct: 2, self.share: 2, self.reshare: 2, self.unshare: 1,
            self.promote: 3, self.leave: 2, self.rejoin: 4, self.transfer: 1, self.shut: 1, self.open: 2,
            self.describe: 1, self.bring_back: 8, self.restore: 8, self.move: 8, self.create: 12, self.comment: 6,
            self.attach: 4, self.invite: 1, self.dismiss: 1,
        }  # fmt: skip

    def task(self) -> Task:
        return self.one_of(Task.objects.visible_to(self.user))

    def place(self) -> Project:
        return self.chance.choice(self.places)

    def person(self) -> int:
        return self.one_of(Membership.objects.filter(project=self.place())).user_id

    def assign(self) -> None:
        self.update(self.task(), assigned_to=self.chance.choice([None, self.person()]))

    def retag(self) -> None:
        task = self.task()
        labels = Label.objects.filter(project=task.project_id).values_list("pk", flat=True)
        self.update(task, labels=[pk for pk in labels if self.chance.random() < 0.5])

    def label(self) -> None:
        name = str(self.chance.randrange(6))
        create_label(actor=self.user, project_id=self.task().project_id, name=name)

    def rename(self) -> None:
        changes = {"name": str(self.chance.randrange(6)), "color": "#00ff00"}
        update_label(actor=self.user, label=self.one_of(Label.objects.visible_to(self.user)), changes=changes)

    def merge(self) -> None:
        label = self.one_of(Label.objects.visible_to(self.user))
        merge_label(actor=self.user, label=label, into=self.one_of(Label.objects.filter(project=label.project_id)).pk)

    def unlabel(self) -> None:
        delete_label(actor=self.user, label=self.one_of(Label.objects.visible_to(self.user)))

    def relate(self) -> None:
        kind = self.chance.choice(["blocks", "relates", "duplicated_by"])
        create_relation(actor=self.user, task=self.task(), kind=kind, other=self.task().pk)

    def unrelate(self) -> None:
        relation = self.one_of(Relation.objects.all())
        delete_relation(actor=self.user, task=relation.from_task, relation=relation)

    def correct(self) -> None:
        comment = self.one_of(Comment.objects.filter(author=self.user))
        edit_comment(actor=self.user, comment=comment, body=str(self.chance.random()))

    def share(self) -> None:
        create_view(actor=self.user, name="shared", project_id=self.place().pk, is_shared=True)

    def reshare(self) -> None:
        changes = {"name": str(self.chance.random()), "is_shared": self.chance.random() < 0.7}
        update_view(actor=self.user, view=self.one_of(SavedView.objects.visible_to(self.user)), changes=changes)

    def unshare(self) -> None:
        delete_view(actor=self.user, view=self.one_of(SavedView.objects.visible_to(self.user)))

    def promote(self) -> None:
        place, role = self.place(), self.chance.choice(GRANTABLE)
        projects.change_role(actor=self.user, project_id=place.pk, user_id=self.person(), role=role)

    def leave(self) -> None:
        projects.remove_member(actor=self.user, project_id=self.place().pk, user_id=self.user.pk)

    def rejoin(self) -> None:
        place = self.place()
        owner = User.objects.get(pk=Project.objects.get(pk=place.pk).owner_id)
        projects.add_member(actor=owner, project_id=place.pk, role=Role.ADMIN, user_id=self.user.pk)

    def transfer(self) -> None:
        projects.transfer_project(actor=self.user, project_id=self.place().pk, user_id=self.person())

    def shut(self) -> None:
        projects.archive_project(actor=self.user, project_id=self.place().pk)

    def open(self) -> None:
        archived = self.one_of(Project.objects.filter(archived_at__isnull=False))
        projects.unarchive_project(actor=self.user, project_id=archived.pk)

    def describe(self) -> None:
        changes = {"description": str(self.chance.random())}
        projects.update_project(actor=self.user, project_id=self.place().pk, changes=changes)

    def trash_project(self) -> None:
        place = Project.objects.get(pk=self.place().pk)
        projects.delete_project(actor=self.user, project_id=place.pk)

    def bring_back(self) -> None:
        entry = self.one_of(TrashEntry.objects.filter(type=TrashEntry.Type.PROJECT))
        owner = User.objects.get(pk=Project.objects.get(pk=entry.root_id).owner_id)
        restore_entry(actor=owner, entry=entry)


class DirectCopy(Copy):
    """A copy that reads pages without HTTP, each of a random size."""

    def __init__(self, user: User, chance: Random | None = None) -> None:
        super().__init__(None)
        self.user, self.chance = user, chance

    def page(self) -> dict[str, Any]:
        limit = self.chance.choice([1, 3, 10, 200]) if self.chance else 500
        types = frozenset(SyncType)
        page = read_page(user=self.user, since=self.since, types=types, projects=None, limit=limit)
        shown: dict[str, Any] = json.loads(page.text)
        assert len(shown["changes"]) <= limit
        for change in shown["changes"]:
            self.apply(change)
        self.people |= {person["id"]: person for person in shown["people"]}
        self.since = shown["next"]
        self.pages += 1
        return shown


def make_people(seed: int) -> list[SyncActor]:
    """Return the people of a seed, with projects that most of them share; each project has a few tasks."""
    people = [UserFactory() for _ in range(PEOPLE)]
    places = [ProjectFactory(owner=people[number]) for number in range(PLACES)]
    for place in places:
        for person in people:
            if person.pk != place.owner_id and (person.pk + seed) % 3:
                MembershipFactory(project=place, user=person, role=Role.ADMIN)
    actors = [SyncActor(person, places, seed * PEOPLE + number) for number, person in enumerate(people)]
    for place in places:
        owner = User.objects.get(pk=place.owner_id)
        for _ in range(2):
            create_label(actor=owner, project_id=place.pk, name=f"first {Label.objects.count()}")
            tasks.create_task(actor=owner, title="made", project=place.pk)
    return actors


def whole(user: User) -> dict[Key, dict[str, Any]]:
    """Return what a new copy has; its ids are those of the rows that the person sees."""
    copy = DirectCopy(user)
    copy.read()
    visible = {
        "project": Project.objects.visible_to(user),
        "task": Task.objects.visible_to(user),
        "comment": Comment.objects.visible_to(user),
        "attachment": Attachment.objects.visible_to(user),
        "label": Label.objects.visible_to(user),
        "view": SavedView.objects.visible_to(user).filter(is_shared=True),
    }
    for type_, rows in visible.items():
        assert set(copy.of(type_)) == set(rows.values_list("pk", flat=True)), type_
    return copy.objects
