"""Labels written at the same instant, each on a connection of its own. Prints its figures."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction

from apps.common.tests.races import at_once, statuses
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.labels.tests.label_helpers import label_url, labels_url, make_labels, names_of, put_on, task_url
from apps.tasks.models import Label, TaskLabel
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 10


def test_la3_labels_added_by_eight_at_once_are_all_there(api, project, member):
    lost = 0
    for number in range(ROUNDS):
        task = TaskFactory(project=project)
        labels = make_labels(project, *(f"{number} {position}" for position in range(8)))

        answers = at_once(*[partial(api(member).patch, task_url(task), {"labels_add": [label.pk]}) for label in labels])

        assert statuses(answers) == [200] * 8
        lost += 8 - len(names_of(task))
        task.refresh_from_db()
        assert task.version == 9
    print(f"\nlabels added by 8 connections at once, {ROUNDS} rounds: lost {lost}")
    assert lost == 0


def test_la1_of_names_that_differ_in_case_one_is_created(api, project, member):
    for number in range(ROUNDS):
        names = [f"bug {number}", f"BUG {number}", f"Bug {number}", f"bUG {number}"]
        made = at_once(*[partial(api(member).post, labels_url(project), {"name": name}) for name in names])

        assert statuses(made) == [201, 409, 409, 409]
        [winner] = [answer.json()["id"] for answer in made if answer.status_code == 201]
        assert {answer.json()["existing"]["id"] for answer in made if answer.status_code == 409} == {winner}


def test_la1_the_limit_holds_when_many_are_created_at_once(api, project, member, settings):
    settings.LABELS_MAX_PER_PROJECT = 3

    made = at_once(*[partial(api(member).post, labels_url(project), {"name": f"n{n}"}) for n in range(8)])

    assert statuses(made) == [201] * 3 + [409] * 5
    assert Label.objects.count() == 3


def test_la8_merging_while_tasks_are_labelled_leaves_no_task_without(api, project, admin, member):
    for number in range(ROUNDS):
        old, new = make_labels(project, f"old {number}", f"new {number}")
        tasks = [TaskFactory(project=project) for _ in range(3)]

        merged, *tagged = at_once(
            partial(api(admin).post, f"{label_url(old)}merge/", {"into": new.pk}),
            *[partial(api(member).patch, task_url(task), {"labels_add": [old.pk]}) for task in tasks],
        )

        assert merged.status_code == 200
        assert not Label.objects.filter(pk=old.pk).exists()
        for task, answer in zip(tasks, tagged, strict=True):
            assert answer.status_code in (200, 400)
            assert names_of(task) == ([f"new {number}"] if answer.status_code == 200 else [])


def test_la9_two_moves_at_once_create_a_label_once(api, project, owner):
    for number in range(ROUNDS):
        target = ProjectFactory(owner=owner)
        labels = make_labels(project, f"a {number}", f"b {number}")
        tasks = [TaskFactory(project=project) for _ in range(4)]
        for task in tasks:
            put_on(task, *labels)

        moved = at_once(*[partial(api(owner).patch, task_url(task), {"project": target.pk}) for task in tasks])

        assert statuses(moved) == [200] * 4
        assert Label.objects.filter(project=target).count() == 2
        assert {len(names_of(task)) for task in tasks} == {2}


def test_a_label_of_another_project_is_impossible_at_commit(project, task):
    [foreign] = make_labels(ProjectFactory(), "bug")

    for project_id in (project.pk, foreign.project_id):
        with pytest.raises(IntegrityError), transaction.atomic():
            TaskLabel.objects.create(task=task, label=foreign, project_id=project_id)
