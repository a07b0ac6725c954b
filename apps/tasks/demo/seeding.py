"""Demo data in bulk: the one door beside the services, for databases without real people's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from apps.common.dates.clock import database_now
from apps.common.errors import ConflictError
from apps.projects.models import Membership, Project
from apps.projects.roles import Role
from apps.tasks.days.ending import end_of_day
from apps.tasks.demo import texts
from apps.tasks.demo.conversations import converse
from apps.tasks.demo.days import fill_trash, plan_days
from apps.tasks.demo.relations import relations_among
from apps.tasks.demo.saved import keep_views
from apps.tasks.labels.colors import default_color
from apps.tasks.models import Label, Priority, Relation, Status, Task, TaskLabel
from apps.tasks.order.keys import even_key
from apps.tasks.reminders.scan import note_scan
from apps.tasks.subtasks.counting import recount_subtasks
from apps.users.models import User

PASSWORD = "demo-password-1"  # noqa: S105 - public on purpose; in production nobody gets it
DOMAIN = "demo.example"  # RFC 2606: mail to it reaches nobody
NAMED = ("alice", "bob", "carol", "admin")
MEMBERS = 20  # of a project, with its owner
BATCH = 2_000
SEED = 1815  # the same arguments give the same data

Progress = Callable[[int], None]
Place = tuple[Project, list[User]]  # a project and those of its members who work on tasks

COUNTS = """
UPDATE projects_project p SET
    tasks_count = (SELECT count(*) FROM tasks_task t WHERE t.project_id = p.id),
    open_tasks_count = (SELECT count(*) FROM tasks_task t WHERE t.project_id = p.id AND t.status <> 'done'),
    last_task_number = (SELECT coalesce(max(number), 0) FROM tasks_task t WHERE t.project_id = p.id),
    members_count = (SELECT count(*) FROM projects_membership m WHERE m.project_id = p.id)
WHERE p.id = ANY(%s)
"""


# Of 16 tasks of a project one has three sub-tasks, and the first of these one of its own
TREES = """
UPDATE tasks_task child SET parent_id = parent.id
FROM tasks_task parent
WHERE child.project_id = ANY(%s) AND parent.project_id = child.project_id
    AND parent.number = child.number
        - CASE child.number %% 16 WHEN 2 THEN 1 WHEN 3 THEN 2 WHEN 4 THEN 3 WHEN 5 THEN 3 END
"""


@dataclass(frozen=True)
class Seeded:
    """How much was made; `already` when the demo data had been there before."""

    users: int
    projects: int
    tasks: int
    already: bool = False


def seed(*, users: int, projects: int, tasks: int, progress: Progress = lambda done: None) -> Seeded:
    """Fill the database, all or nothing; `progress` hears how many tasks there are so far.

    Raises ConflictError when a demo name belongs to somebody real. History and notifications are those of a few
    conversations; nothing goes out by mail.
    """
    if User.objects.filter(email=f"{NAMED[0]}@{DOMAIN}").exists():
        return _count()
    taken = User.objects.filter(username__in=NAMED).values_list("username", flat=True)
    if taken:
        raise ConflictError(f"These names belong to somebody already: {', '.join(sorted(taken))}.")
    random = Random(SEED)  # noqa: S311 - demo data
    with transaction.atomic():
        now = database_now()
        people = _make_people(max(users, len(NAMED)), random)
        places = _make_projects(projects, people, random, now=now)
        labels = _make_labels(places)
        made, linking = 0, Random(SEED)  # noqa: S311 - demo data
        remaining = _tasks(places, tasks, random, now=now)
        while batch := list(islice(remaining, BATCH)):
            Task.objects.bulk_create(batch)
            _put_on(batch, labels, random)
            Relation.objects.bulk_create(relations_among(batch, author=people[0], random=linking))
            made += len(batch)
            progress(made)
        _make_trees(places)
        _keep_counts(places)
        made_in = [project for project, _ in places]
        plan_days(made_in, people[:3], now=now)
        fill_trash(made_in)
        converse(made_in, dict(zip(NAMED[:3], people, strict=False)))
        keep_views(made_in, people[:3])
        note_scan(now)
    return Seeded(len(people), len(places), made)


def _count() -> Seeded:
    people = User.objects.filter(email__endswith=f"@{DOMAIN}")
    projects = Project.objects.filter(owner__in=people)
    return Seeded(people.count(), projects.count(), Task.objects.filter(project__in=projects).count(), already=True)


def _make_people(count: int, random: Random) -> list[User]:
    password = make_password(None if settings.ENVIRONMENT == "production" else PASSWORD)
    names = [*NAMED, *(f"demo{number}" for number in range(1, count - len(NAMED) + 1))]
    now = database_now()
    people = [
        User(
            username=name,
            email=f"{name}@{DOMAIN}",
            email_verified_at=now,
            password=password,
            first_name=name.title() if name in NAMED else random.choice(texts.FIRST),
            last_name=random.choice(texts.LAST),
            timezone=texts.ZONES[position % len(texts.ZONES)],
            is_staff=name == "admin" and settings.ENVIRONMENT != "production",
            is_superuser=name == "admin" and settings.ENVIRONMENT != "production",
        )
        for position, name in enumerate(names)
    ]
    for person in people:
        person.nickname = person.first_name
    made: list[User] = User.objects.bulk_create(people, batch_size=BATCH)
    return made


def _make_projects(count: int, people: list[User], random: Random, *, now: datetime) -> list[Place]:
    """Make projects whose first owners are alice, bob and carol, who are also members of each other's."""
    projects = Project.objects.bulk_create(
        Project(
            owner=people[number % min(len(people), 3)] if number < 6 else random.choice(people),
            key=texts.project_key(number),
            name=texts.project_name(number),
            description="A project of the demo.",
            created_at=now - timedelta(days=90),
            updated_at=now - timedelta(days=60),
        )
        for number in range(count)
    )
    places = []
    memberships = []
    for project in projects:
        others = [person for person in people if person != project.owner]
        chosen = [person for person in others if person.username in NAMED[:3]]
        rest = [person for person in others if person not in chosen]
        chosen += random.sample(rest, min(len(rest), MEMBERS - 1 - len(chosen)))
        roles = {person: random.choice((Role.ADMIN, Role.MEMBER, Role.MEMBER, Role.VIEWER)) for person in chosen}
        roles |= {person: Role.MEMBER for person in chosen if person.username in NAMED[:3]}
        roles[project.owner] = Role.OWNER
        memberships += [Membership(project=project, user=person, role=role) for person, role in roles.items()]
        places.append((project, [person for person, role in roles.items() if role != Role.VIEWER]))
    Membership.objects.bulk_create(memberships, batch_size=BATCH)
    return places


def _tasks(places: list[Place], count: int, random: Random, *, now: datetime) -> Iterator[Task]:
    for position in range(count if places else 0):
        project, members = places[position % len(places)]
        created_at = now - timedelta(minutes=random.randrange(5, 60 * 24 * 60))
        status = random.choices(Status.values, (40, 20, 10, 30))[0]
        done = created_at + (now - created_at) * random.random() if status == Status.DONE else None
        due = created_at + timedelta(hours=random.randrange(24, 24 * 75)) if random.random() < 0.75 else None
        assignee, author = random.choice(members) if random.random() < 0.8 else None, random.choice(members)
        day = due.date() if due and random.random() < 0.4 else None
        yield Task(
            project=project,
            number=position // len(places) + 1,
            rank=even_key(position // len(places)),
            title=texts.task_title(random),
            description=random.choice(texts.DETAILS),
            status=status,
            priority=random.choices(Priority.values, (20, 50, 20, 10))[0],
            assigned_to=assignee,
            created_by=author,
            due_date=end_of_day(day, (assignee or author).timezone) if day else due,
            due_on=day,
            duration=random.choice((None, 15, 30, 60, 120, 480)),
            metadata={"sprint": random.randrange(1, 9)} if random.random() < 0.3 else {},
            completed_at=done,
            created_at=created_at,
            updated_at=done or created_at,
        )


def _make_trees(places: list[Place]) -> None:
    """Put some tasks below others of their project."""
    projects = [project.pk for project, _ in places]
    with connection.cursor() as cursor:
        # Nobody has counted the new rows, and the plan for a nearly empty table takes minutes for 100,000 of them
        cursor.execute("ANALYZE tasks_task")
        cursor.execute(TREES, [projects])
    parents = Task.objects.filter(project__in=projects, parent__isnull=False).values_list("parent_id", flat=True)
    recount_subtasks(parents.distinct())


def _make_labels(places: list[Place]) -> dict[int, list[Label]]:
    """Make the labels of each project; return them by the project's id."""
    labels = [
        Label(project=project, name=name, color=default_color(name), description=description)
        for project, _ in places
        for name, description in texts.LABELS.items()
    ]
    made: dict[int, list[Label]] = {}
    for label in Label.objects.bulk_create(labels, batch_size=BATCH):
        made.setdefault(label.project_id, []).append(label)
    return made


def _put_on(tasks: list[Task], labels: dict[int, list[Label]], random: Random) -> None:
    """Give tasks up to three labels of their projects."""
    TaskLabel.objects.bulk_create(
        TaskLabel(task=task, label=label, project_id=task.project_id)
        for task in tasks
        for label in random.sample(labels[task.project_id], random.choices((0, 1, 2, 3), (30, 40, 20, 10))[0])
    )


def _keep_counts(places: list[Place]) -> None:
    """Set the counts that the services keep otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [[project.pk for project, _ in places]])
