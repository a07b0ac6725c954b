"""Whatever eight people do at once, every kept number is what it counts. Prints its figures."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from random import Random

import pytest

from apps.common.errors import DomainError
from apps.common.tests.races import in_lanes
from apps.projects import services as projects
from apps.projects.models import Project, TrashEntry
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks import services as tasks
from apps.tasks.attachments.services import delete_attachment
from apps.tasks.attachments.tests.attachment_helpers import attach
from apps.tasks.comments.services import create_comment, delete_comment
from apps.tasks.counters.recounting import differences
from apps.tasks.models import Attachment, Comment, Status, Task
from apps.tasks.order.services import Place
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.trash.services import purge_entry, restore_entry
from apps.users.models import User
from apps.users.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]
PEOPLE = 8


class Actor:
    """One of the people: does what comes to mind, and lives with being rejected."""

    def __init__(self, user: User, places: list[Project], seed: int) -> None:
        self.user, self.places = user, places
        self.chance = Random(seed)
        self.guests = [UserFactory() for _ in range(5)]
        self.done: Counter[str] = Counter()
        self.ways = {
            self.create: 8, self.edit: 6, self.reparent: 5, self.close: 5, self.reopen: 2, self.move: 4, self.put: 2,
            self.archive: 3, self.unarchive: 3, self.delete: 4, self.restore: 4, self.purge: 1, self.comment: 3,
            self.uncomment: 2, self.attach: 2, self.detach: 2, self.invite: 2, self.dismiss: 2, self.trash_project: 1,
        }  # fmt: skip

    def act(self) -> None:
        [way] = self.chance.choices(list(self.ways), list(self.ways.values()))
        try:
            way()
        except DomainError as error:
            self.done[f"rejected: {error.code}"] += 1
        except IndexError:
            self.done["nothing to act on"] += 1
        else:
            self.done[way.__name__] += 1

    def one_of(self, rows):
        return self.chance.choice(list(rows.order_by("-pk")[:40]))

    def task(self) -> Task:
        return self.one_of(Task.objects.kept())

    def create(self) -> None:
        parent = self.task().pk if self.chance.random() < 0.5 else None
        place = None if parent else self.chance.choice(self.places).pk
        status = self.chance.choice(Status.values)
        tasks.create_task(actor=self.user, title="made", project=place, parent=parent, status=status)

    def update(self, task: Task, **changes) -> None:
        tasks.update_task(actor=self.user, task=task, changes=changes)

    def edit(self) -> None:
        self.update(self.task(), title=str(self.chance.random()), status=self.chance.choice(Status.values))

    def reparent(self) -> None:
        self.update(self.task(), parent=self.chance.choice([None, self.task().pk, self.task().pk]))

    def close(self) -> None:
        tasks.change_task_status(actor=self.user, task=self.task(), status="done", on_subtasks="complete")

    def reopen(self) -> None:
        self.update(self.one_of(Task.objects.kept().filter(status="done")), status="todo")

    def move(self) -> None:
        self.update(self.task(), project=self.chance.choice(self.places).pk)

    def put(self) -> None:
        task, changes = self.task(), {"status": self.chance.choice(Status.values)}
        tasks.move_task(actor=self.user, task=task, place=Place("first"), changes=changes)

    def archive(self) -> None:
        tasks.archive_task(actor=self.user, task=self.task())

    def unarchive(self) -> None:
        archived = Task.objects.kept().filter(archived_at__isnull=False)
        tasks.unarchive_task(actor=self.user, task=self.one_of(archived))

    def delete(self) -> None:
        tasks.delete_task(actor=self.user, task=self.task())

    def restore(self) -> None:
        restore_entry(actor=self.user, entry=self.one_of(TrashEntry.objects.all()))

    def purge(self) -> None:
        purge_entry(actor=self.user, entry=self.one_of(TrashEntry.objects.filter(type=TrashEntry.Type.TASK)))

    def comment(self) -> None:
        create_comment(actor=self.user, task=self.task(), body="said")

    def uncomment(self) -> None:
        delete_comment(actor=self.user, comment=self.one_of(Comment.objects.filter(author=self.user)))

    def attach(self) -> None:
        with suppress(Attachment.DoesNotExist):  # somebody else has deleted it again
            attach(self.task(), by=self.user)

    def detach(self) -> None:
        delete_attachment(actor=self.user, attachment=self.one_of(Attachment.objects.ready()))

    def invite(self) -> None:
        place, guest = self.chance.choice(self.places), self.chance.choice(self.guests)
        projects.add_member(actor=self.user, project_id=place.pk, role=Role.VIEWER, user_id=guest.pk)

    def dismiss(self) -> None:
        place = self.chance.choice(self.places)
        viewer = self.chance.choice(list(place.memberships.filter(role=Role.VIEWER)))
        projects.remove_member(actor=self.user, project_id=place.pk, user_id=viewer.user_id)

    def trash_project(self) -> None:
        projects.delete_project(actor=self.user, project_id=self.places[-1].pk)


@pytest.mark.parametrize("acts", [20, pytest.param(250, marks=pytest.mark.slow)])
def test_o2_after_random_acts_of_eight_people_at_once_every_counter_equals_a_recount(acts):
    owner = UserFactory()
    places = [ProjectFactory(owner=owner) for _ in range(3)]
    people = [owner, *(UserFactory() for _ in range(PEOPLE - 1))]
    for place in places:
        for _ in range(5):
            TaskFactory(project=place)
        for number, person in enumerate(people[1:]):
            MembershipFactory(project=place, user=person, role=(Role.ADMIN, Role.MEMBER)[number % 2])
    actors = [Actor(person, places, seed) for seed, person in enumerate(people)]

    in_lanes(*[[actor.act] * acts for actor in actors])

    done = sum((actor.done for actor in actors), Counter())
    wrong = [str(difference) for difference in differences(Project.objects.values_list("pk", flat=True))]
    print(
        f"random acts: {done.total()} of {PEOPLE} people at once, {len(wrong)} counters of {Project.objects.count()} "
        f"projects and {Task.objects.count()} tasks differ from a recount; {dict(done.most_common())}"
    )
    assert done.total() == PEOPLE * acts
    assert wrong == []
