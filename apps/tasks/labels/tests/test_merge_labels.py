"""POST …/labels/{id}/merge/ (contract LA8)."""

import pytest

from apps.projects.models import Activity
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.labels.announcements import label_replacing
from apps.tasks.labels.tests.label_helpers import (
    errors_of,
    events,
    label_url,
    make_labels,
    names_of,
    put_on,
    task_url,
)
from apps.tasks.models import Label, TaskLabel
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def listeners(monkeypatch):
    """Let a test listen without leaving a listener behind."""
    monkeypatch.setattr(label_replacing, "_listeners", [])
    return label_replacing


def merge(client, label, into, **body):
    return client.post(f"{label_url(label)}merge/", {"into": into if isinstance(into, int) else into.pk} | body)


@pytest.fixture
def carriers(project, member, api):
    """Three tasks: with the first label, with both, and with the first in the trash."""
    first, second = make_labels(project, "bug", "defect")
    one, both = TaskFactory(project=project), TaskFactory(project=project)
    trashed = TaskFactory(project=project, created_by=member)
    put_on(one, first)
    put_on(both, first, second)
    put_on(trashed, first)
    api(member).delete(task_url(trashed))
    return first, second, [one, both, trashed]


def test_la8_tasks_with_either_label_carry_the_other_once_and_keep_their_version(api, project, admin, carriers):
    bug, defect, tasks = carriers
    versions = [task.version for task in tasks if task.refresh_from_db() is None]

    response = merge(api(admin), bug, defect)

    assert response.status_code == 200
    assert response.json() == {
        "label": api(admin).get(label_url(defect)).json(),
        "tasks_changed": 3,
        "views_changed": 0,
        "webhooks_changed": 0,
        "dry_run": False,
    }
    assert response.json()["label"]["tasks_count"] == 2
    assert [names_of(task) for task in tasks] == [["defect"]] * 3
    assert [task.version for task in tasks if task.refresh_from_db() is None] == versions
    [event] = events(project, "label.merged")
    assert (event.verb, event.object_id) == ("labels_merged", bug.pk)
    assert event.changes == {
        "label": {"from": {"id": bug.pk, "name": "bug"}, "to": {"id": defect.pk, "name": "defect"}},
        "tasks_count": {"from": None, "to": 3},
    }


def test_la8_a_dry_run_has_the_numbers_of_a_run_and_changes_nothing(api, project, admin, carriers):
    bug, defect, _ = carriers
    before = (list(Label.objects.values()), sorted(TaskLabel.objects.values_list()), Activity.objects.count())

    dry = merge(api(admin), bug, defect, dry_run=True).json()

    assert (list(Label.objects.values()), sorted(TaskLabel.objects.values_list()), Activity.objects.count()) == before
    assert dry == merge(api(admin), bug, defect).json() | {"dry_run": True}


def test_la8_the_merged_label_is_gone_afterwards(api, admin, carriers):
    bug, defect, _ = carriers
    merge(api(admin), bug, defect)

    assert api(admin).get(label_url(bug)).status_code == 404
    assert merge(api(admin), bug, defect).status_code == 404
    answer = merge(api(admin), defect, bug)
    assert errors_of(answer) == [("/into", "does_not_exist")]


def test_la8_into_must_be_another_label_of_the_project(api, project, owner):
    [bug] = make_labels(project, "bug")
    [elsewhere] = make_labels(ProjectFactory(owner=owner), "bug")
    client = api(owner)

    assert errors_of(merge(client, bug, bug)) == [("/into", "invalid")]
    assert errors_of(merge(client, bug, elsewhere)) == [("/into", "does_not_exist")]
    assert errors_of(merge(client, bug, 10**17)) == [("/into", "does_not_exist")]
    for into in ("bug", None, True, 1.5, -1, 2**70, [bug.pk]):
        answer = client.post(f"{label_url(bug)}merge/", {"into": into})
        assert answer.status_code == 400
    assert errors_of(client.post(f"{label_url(bug)}merge/", {})) == [("/into", "required")]
    assert Label.objects.count() == 2


def test_la8_who_keeps_labels_is_given_both_and_counts_what_it_rewrote(api, project, admin, carriers, listeners):
    bug, defect, _ = carriers
    heard = []

    def rewrite(project_id, old, new, rewritten):
        heard.append((project_id, (old.id, old.name), (new.id, new.name)))
        rewritten.views += 2
        rewritten.webhooks += 1

    listeners.listen(rewrite)

    shown = merge(api(admin), bug, defect).json()

    assert (shown["views_changed"], shown["webhooks_changed"]) == (2, 1)
    assert heard == [(project.pk, (bug.pk, "bug"), (defect.pk, "defect"))]


def test_la8_renaming_is_announced_in_the_same_way(api, project, member, listeners):
    [bug] = make_labels(project, "bug")
    heard = []
    listeners.listen(lambda project_id, old, new, rewritten: heard.append((old.id, old.name, new.id, new.name)))

    api(member).patch(label_url(bug), {"color": "#000000"})
    api(member).patch(label_url(bug), {"name": "defect"})

    assert heard == [(bug.pk, "bug", bug.pk, "defect")]
