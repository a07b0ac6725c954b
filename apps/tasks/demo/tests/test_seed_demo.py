"""The command `seed_demo`."""

from __future__ import annotations

import io
import time
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Q
from django.utils import timezone

from apps.common.dates.days import zone_named
from apps.notifications.models import Notification
from apps.projects.models import Project, TrashEntry
from apps.tasks.models import Relation, RelationKind, Task, Watch
from apps.tasks.subtasks.tests.tree_helpers import assert_counted
from apps.users.models import User
from apps.users.tests.factories import UserFactory
from scripts.local.slowness import slowness

pytestmark = pytest.mark.django_db


def seed(**options):
    stdout = io.StringIO()
    call_command("seed_demo", stdout=stdout, **options)
    return stdout.getvalue()


def test_it_makes_what_was_asked_for():
    said = seed(users=10, projects=3, tasks=50)

    assert (User.objects.count(), Project.objects.count(), Task.objects.count()) == (10, 3, 50)
    assert "50 of 50 tasks" in said
    assert "Made 10 people, 3 projects, 50 tasks" in said
    for project in Project.objects.annotate(
        found=Count("tasks"),
        kept=Count("tasks", filter=Q(tasks__trash=None)),
        still_open=Count("tasks", filter=Q(tasks__trash=None) & ~Q(tasks__status="done")),
    ):
        assert (project.tasks_count, project.last_task_number) == (project.kept, project.found)
        assert project.open_tasks_count == project.still_open
        assert project.members_count == project.memberships.count() == 10


def test_some_tasks_are_split_into_sub_tasks():
    seed(users=4, projects=2, tasks=70)

    for project in Project.objects.all():
        parents = dict(Task.objects.filter(project=project).values_list("number", "parent__number"))
        assert [parents[number] for number in range(1, 8)] == [None, 1, 1, 1, 2, None, None]
    assert Task.objects.filter(parent__project__isnull=False).exclude(parent__project=F("project")).count() == 0
    assert_counted()


def test_named_people_have_views_of_their_own_and_shared_ones_that_run(api):
    seed(users=4, projects=2, tasks=70)
    client = api(User.objects.get(username="bob"))

    views = client.get("/api/views/").json()["results"]

    assert {view["name"] for view in views if view["is_favourite"]} == {"My week"}
    assert len([view for view in views if view["is_shared"]]) == 6
    counts = client.get("/api/views/counts/", {"ids": [view["id"] for view in views]}).json()["counts"]
    assert None not in counts.values()
    assert sum(counts.values()) > 0


@pytest.mark.parametrize("name", ["alice", "bob", "carol", "admin"])
def test_the_named_people_have_the_demo_password(name):
    seed(users=4, projects=1, tasks=1)

    person = User.objects.get(username=name)
    assert person.check_password("demo-password-1")
    assert person.is_active
    assert person.is_staff == (name == "admin")


def test_a_terminal_gets_a_bar_that_fills(monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    said = seed(users=4, projects=1, tasks=3_000)

    assert "\r[" + "█" * 20 + "·" * 10 + "] 2,000 of 3,000 tasks\r[" + "█" * 30 + "] 3,000 of 3,000 tasks\n" in said


@pytest.mark.parametrize("option", ["users", "projects", "tasks"])
def test_a_number_must_be_positive(option):
    with pytest.raises(CommandError, match=option):
        call_command("seed_demo", f"--{option}=0")


def test_a_second_run_adds_nothing_and_says_so():
    seed(users=5, projects=2, tasks=20)

    said = seed(users=50, projects=20, tasks=200)

    assert said == "The demo data is there already: 5 people, 2 projects, 20 tasks. Nothing added.\n"
    assert (User.objects.count(), Project.objects.count(), Task.objects.count()) == (5, 2, 20)


def test_it_leaves_a_real_alice_alone():
    UserFactory(username="alice", email="alice@company.example")

    with pytest.raises(CommandError, match="alice"):
        seed()

    assert User.objects.count() == 1


def test_production_needs_a_yes_and_gives_nobody_a_password(settings):
    settings.ENVIRONMENT = "production"
    with pytest.raises(CommandError, match="--yes"):
        seed()
    assert not User.objects.exists()

    seed(users=4, projects=1, tasks=1, yes=True)

    assert not any(person.has_usable_password() or person.is_staff for person in User.objects.all())


def test_no_mail_of_demo_data_waits():
    seed(users=4, projects=1, tasks=30)

    assert set(Notification.objects.values_list("mail_state", flat=True)) == {"none"}


def test_the_named_people_have_conversations_and_levels():
    """Real notifications of every kind about comments and watchers, read and unread; levels of tasks and projects."""
    seed(users=6, projects=4, tasks=80)

    kinds = set(Notification.objects.values_list("kind", flat=True))
    assert kinds >= {"task_mentioned", "comment_added", "task_status_changed", "task_assigned"}
    assert set(Notification.objects.values_list("recipient__username", flat=True)) >= {"alice", "bob", "carol"}
    assert {row.read_at is None for row in Notification.objects.all()} == {True, False}
    assert set(Watch.objects.values_list("level", flat=True)) == {"all", "none", "muted", "participating"}
    assert set(Watch.objects.values_list("reason", flat=True)) == {"self", "commented", "mentioned", "added"}
    for task in Task.objects.filter(comments_count__gt=0):
        assert task.comments_count == task.comments.count() == 2


def test_the_named_people_have_a_day_and_a_trash():
    """Due today and in the days behind it, done today, and thrown away: no page of the demo is empty."""
    seed(users=4, projects=3, tasks=120)

    for person in User.objects.filter(username__in=("alice", "bob", "carol")):
        today = timezone.localtime(timezone=zone_named(person.timezone)).date()
        own = Task.objects.filter(assigned_to=person)
        open_days = set(own.exclude(status="done").values_list("due_on", flat=True))
        assert {today + timedelta(days=days) for days in (0, 1, 4, 6)} <= open_days
        assert own.filter(status="done", completed_at__gte=timezone.now() - timedelta(minutes=5)).count() >= 2
    assert TrashEntry.objects.count() == 2
    assert Task.objects.count() == 120


def test_it_has_a_conversation_about_as_many_tasks_as_there_are():
    seed(users=1, projects=1, tasks=1)

    assert Watch.objects.exists()


@pytest.mark.slow
def test_a_hundred_thousand_tasks_take_less_than_90_seconds():
    before, began = slowness(), time.monotonic()
    seed(users=100, projects=20, tasks=100_000)
    took = time.monotonic() - began

    print(f"\nseed_demo: 100,000 tasks in {took:.1f} s")
    assert Task.objects.count() == 100_000
    assert took < 90 * max(before, slowness())


# COMPOSE D10
def test_it_can_leave_a_database_with_people_alone():
    UserFactory(username="alice")

    assert "no demo" in seed(if_empty=True)
    assert (User.objects.count(), Project.objects.count()) == (1, 0)


def test_it_fills_an_empty_database_if_asked_for_empty_ones_only():
    assert "Made 4 people" in seed(users=4, projects=1, tasks=2, if_empty=True)


def test_de5_tasks_have_relations_without_circles_made_by_a_member_of_both_projects():
    seed(users=6, projects=3, tasks=300)

    relations = list(Relation.objects.all())
    assert {relation.kind for relation in relations} == set(RelationKind.values)
    assert all(relation.from_task_id > relation.to_task_id for relation in relations if relation.kind == "blocks")
    assert any(relation.from_project_id != relation.to_project_id for relation in relations)
    for relation in relations:
        for project_id in (relation.from_project_id, relation.to_project_id):
            assert relation.created_by.memberships.filter(project=project_id).exists()
