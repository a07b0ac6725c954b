"""Conversations of the demo: who watches what, what people wrote, and what others were notified of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils import timezone

from apps.notifications.models import OPEN_STATES, MailState, Notification
from apps.projects.models import Project
from apps.tasks.comments.services import create_comment
from apps.tasks.models import Status, Task, WatchLevel
from apps.tasks.services import assign_task, change_task_status
from apps.tasks.watching.services import add_watcher, set_project_level, set_task_level, unwatch_task
from apps.users.models import User

PROJECTS = 3  # with conversations
TALKS = (
    ("@{other}, which of the two drafts is the right one?", "The second. @{third} has the figures for it."),
    (
        "I have put it on the **agenda** for Thursday.\n\n- [x] wording\n- [ ] figures",
        "Thank you! @{third}, can you join?",
    ),
    ("Waiting for an answer of the customer.", "They called: we may go on, @{other}."),
)


def converse(projects: Sequence[Project], people: Mapping[str, User]) -> None:
    """Let three named members write, watch and change tasks, through the services; none of it goes out by mail.

    `people` are alice, bob and carol by name, members of all the projects.
    """
    for project in projects[:PROJECTS]:
        tasks = list(Task.objects.filter(project=project).exclude(status=Status.DONE).order_by("number")[: len(TALKS)])
        for number, task in enumerate(tasks):
            _talk(task, *_turned(people, number), words=TALKS[number])
    alice, bob, carol = people["alice"], people["bob"], people["carol"]
    if projects:
        set_project_level(actor=bob, project=projects[0], level=WatchLevel.ALL)
        set_project_level(actor=carol, project=projects[-1], level=WatchLevel.MUTED)
        set_project_level(actor=alice, project=projects[-1], level=WatchLevel.PARTICIPATING)
    rows = Notification.objects.filter(project_id__in=[project.pk for project in projects])
    rows.filter(mail_state__in=OPEN_STATES).update(mail_state=MailState.NONE)
    read = list(rows.order_by("pk").values_list("pk", flat=True)[::2])
    Notification.objects.filter(pk__in=read).update(read_at=timezone.now())


def _turned(people: Mapping[str, User], number: int) -> list[User]:
    """Return the people in their order, each time with another one first."""
    known = list(people.values())
    first = number % len(known)
    return [*known[first:], *known[:first]]


def _talk(task: Task, one: User, other: User, third: User, *, words: tuple[str, str]) -> None:
    question, answer = (text.format(other=other.username, third=third.username) for text in words)
    create_comment(actor=one, task=task, body=question)
    create_comment(actor=other, task=task, body=answer.replace(f"@{other.username}", f"@{one.username}"))
    add_watcher(actor=one, task=task, user=third.pk)
    if task.status == Status.TODO:
        change_task_status(actor=other, task=task, status=Status.IN_PROGRESS)
        assign_task(actor=one, task=task, assigned_to=third.pk)
        unwatch_task(actor=one, task=task)
    else:
        set_task_level(actor=third, task=task, level=WatchLevel.MUTED)
