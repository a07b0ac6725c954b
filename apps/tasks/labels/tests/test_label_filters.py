"""`label_any`, `label_all`, `label_none` and `has_labels` of the list of tasks (contract LA6)."""

from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.labels.tests.label_helpers import errors_of, make_labels, put_on
from apps.tasks.models import Task, TaskLabel
from apps.tasks.tests.bulk import insert_tasks
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db

NAMES = ("bug", "UI", "legal", "quick", "customer", "blocked")
FILTERS = ("label_any", "label_all", "label_none")


def found(client, query):
    """Return the ids of all tasks of a list, page by page."""
    ids, url = set(), f"/api/tasks/?page_size=100&{query}"
    while url:
        page = client.get(url).json()
        ids |= {row["id"] for row in page["results"]}
        url = page["next"]
    return ids


def matches(carried, filters):
    """Say what the contract says: `filters` are (filter, sets of label ids, one for each term)."""
    for name, terms in filters:
        hits = [bool(carried & term) for term in terms]
        if not {"label_any": any, "label_all": all, "label_none": lambda each: not any(each)}[name](hits):
            return False
    return True


@pytest.fixture
def five_hundred(owner):
    """Tasks of three projects, two of which the owner sees, with random labels; return labels and who carries what."""
    random = Random(4)
    places = [ProjectFactory(owner=owner), ProjectFactory(owner=owner), ProjectFactory()]
    labels = {place.pk: make_labels(place, *NAMES[: 6 - number]) for number, place in enumerate(places)}
    for place, count in zip(places, (300, 200, 50), strict=True):
        insert_tasks(place, count)
    tasks = Task.objects.order_by("pk")
    carried = {task.pk: random.sample(labels[task.project_id], random.choice((0, 0, 1, 1, 2, 3))) for task in tasks}
    TaskLabel.objects.bulk_create(
        TaskLabel(task=task, label=label, project_id=task.project_id) for task in tasks for label in carried[task.pk]
    )
    mine = {task.pk: {label.pk for label in carried[task.pk]} for task in tasks if task.project_id != places[2].pk}
    return [labels[place.pk] for place in places[:2]], mine


def term_of(random, labels):
    """Return how a label is named in a query, and the ids that this means."""
    label = random.choice(random.choice(labels))
    if random.random() < 0.5:
        return str(label.pk), {label.pk}
    same = {one.pk for place in labels for one in place if one.name == label.name}
    return f"name:{random.choice((label.name, label.name.upper()))}", same


def test_la6_the_filters_agree_with_a_model_over_500_tasks(api, owner, five_hundred):
    labels, mine = five_hundred
    random, client, compared = Random(9), api(owner), 0
    for _ in range(60):
        query, filters = [], []
        for name in random.sample(FILTERS, random.choice((1, 1, 2, 3))):
            terms = [term_of(random, labels) for _ in range(random.choice((1, 1, 2, 3)))]
            query += [f"{name}={text}" for text, _ in terms]
            filters.append((name, [ids for _, ids in terms]))

        expected = {pk for pk, carried in mine.items() if matches(carried, filters)}

        assert found(client, "&".join(query)) == expected, query
        compared += len(expected)
    print(f"\n60 queries over {len(mine)} tasks: {compared} hits, differences 0")


@pytest.mark.parametrize("value", ["true", "false"])
def test_la6_has_labels_agrees_with_the_model(api, owner, five_hundred, value):
    _, mine = five_hundred

    assert found(api(owner), f"has_labels={value}") == {
        pk for pk, carried in mine.items() if bool(carried) == (value == "true")
    }


def test_la6_statistics_and_counts_take_the_same_filters(api, owner, five_hundred):
    labels, mine = five_hundred
    client, query = api(owner), f"label_any=name:bug&label_none={labels[0][1].pk}"
    expected = len(found(client, query))

    assert 0 < expected < len(mine)
    assert client.get(f"/api/tasks/statistics/?{query}").json()["total"] == expected
    assert client.get(f"/api/tasks/?count=true&{query}").json()["count"] == expected


def test_la6_filters_go_with_orders_search_and_other_filters(api, project, owner, task):
    [bug] = make_labels(project, "bug")
    put_on(task, bug)
    client = api(owner)

    for query in ("ordering=-title", "ordering=due_date&status=todo", f"search={project.key}-1", "assigned_to=none"):
        for named in (f"label_any={bug.pk}", "label_all=name:BUG"):
            assert found(client, f"{query}&{named}") == {task.pk}, query
        assert found(client, f"{query}&label_none={bug.pk}") == set()


@pytest.mark.parametrize("name", FILTERS)
def test_la6_a_label_that_is_not_visible_is_an_error_and_never_an_empty_list(api, project, owner, name):
    make_labels(project, "bug")
    stranger = ProjectFactory()
    [theirs] = make_labels(stranger, "secret")
    in_trash = ProjectFactory(owner=owner)
    [trashed] = make_labels(in_trash, "gone")
    client = api(owner)
    client.delete(f"/api/projects/{in_trash.pk}/")

    for value in (theirs.pk, "name:secret", trashed.pk, "name:gone", 0, 2**63 - 1, "name:", "name:bu", "name:\u200b"):
        for query in ({name: value}, {name: ["name:bug", value]}):
            for url in ("/api/tasks/", "/api/tasks/statistics/"):
                response = client.get(url, query)
                assert response.status_code == 400, (url, query)
                assert errors_of(response) == [(f"/{name}", "does_not_exist")], value


def test_la6_all_labels_that_are_missing_are_named_at_once(api, owner):
    response = api(owner).get("/api/tasks/?label_any=1&label_none=name:x&label_all=2&status=todo")

    assert errors_of(response) == [(f"/{name}", "does_not_exist") for name in ("label_any", "label_all", "label_none")]


@pytest.mark.parametrize("value", ["bug", "-1", "1.5", "１", "", " ", "name", "9" * 19, "9" * 30, "name:\x00"])
@pytest.mark.parametrize("name", FILTERS)
def test_a_term_is_an_id_or_a_name(api, owner, name, value):
    response = api(owner).get("/api/tasks/", {name: value})

    assert response.status_code == 400
    assert [pointer for pointer, _ in errors_of(response)] == [f"/{name}"]


def test_a_parameter_names_at_most_50_labels(api, project, owner):
    labels = make_labels(project, *(f"label {number}" for number in range(51)))
    client = api(owner)

    assert client.get("/api/tasks/", {"label_all": [label.pk for label in labels[:50]]}).status_code == 200
    response = client.get("/api/tasks/", {"label_any": [label.pk for label in labels]})
    assert errors_of(response) == [("/label_any", "too_many")]


@pytest.mark.parametrize("value", ["yes", "2", "null"])
def test_has_labels_is_true_or_false(api, owner, value):
    assert errors_of(api(owner).get("/api/tasks/", {"has_labels": value})) == [("/has_labels", "invalid")]


def test_l3_a_list_costs_one_statement_more_however_many_labels_are_named_and_carried(api, project, owner):
    labels = make_labels(project, *NAMES)
    client = api(owner)
    query = "/api/tasks/?label_any=name:bug&label_any=name:ui"
    client.get(query)
    for _ in range(10):
        put_on(TaskFactory(project=project, assigned_to=MembershipFactory(project=project).user), *labels)

    with CaptureQueriesContext(connection) as filtered:
        assert len(client.get(query).json()["results"]) == 10
    with CaptureQueriesContext(connection) as plain:
        assert len(client.get("/api/tasks/").json()["results"]) == 10

    assert (len(filtered), len(plain)) == (3, 2)


def test_a_statement_kept_for_one_person_shows_another_only_their_own(api):
    people = []
    for _ in range(2):
        project = ProjectFactory()
        task = TaskFactory(project=project, due_date=timezone.now())
        put_on(task, *make_labels(project, "bug"))
        people.append((project.owner, task.pk))

    for person, task in [*people, people[0]]:
        assert found(api(person), "label_all=name:bug&label_any=name:bug") == {task}
        assert found(api(person), "label_none=name:bug") == set()
