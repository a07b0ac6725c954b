"""A retried creation gives the first answer again."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.common.api.idempotency import Scope
from apps.common.models import IdempotencyRecord
from apps.common.tests.races import at_once, statuses
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task

pytestmark = [pytest.mark.urls("apps.common.tests.sample_api"), pytest.mark.django_db]


def create(client, key, *, title="x", path="/api/cards/"):
    return client.post(path, {"title": title}, headers={"Idempotency-Key": key})


def test_the_first_answer_comes_again(api, owner, project):
    first = create(api(owner), "k")
    second = create(api(owner), "k")

    assert (first.status_code, second.status_code) == (201, 201)
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert second.json() == first.json()
    assert second["ETag"] == first["ETag"]
    assert Task.objects.count() == 1


def test_the_order_of_fields_does_not_count(api, owner, project):
    headers = {"Idempotency-Key": "k"}
    api(owner).post("/api/cards/", {"title": "x", "duration": 1}, headers=headers)

    assert api(owner).post("/api/cards/", {"duration": 1, "title": "x"}, headers=headers).status_code == 201
    assert Task.objects.count() == 1


def test_the_key_of_another_request_is_a_422(api, owner, project):
    create(api(owner), "k")

    response = create(api(owner), "k", title="y")

    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert Task.objects.count() == 1


def test_a_key_counts_for_one_user_and_one_path(api, owner, outsider, project):
    create(api(owner), "k")
    create(api(outsider), "k")
    create(api(owner), "k", path="/api/slips/")

    assert Task.objects.count() == 3


def test_a_rejected_request_keeps_no_answer(api, owner, project):
    rejected = [create(api(owner), "k", title=title).status_code for title in ("", "conflict")]

    assert rejected == [400, 409]
    assert IdempotencyRecord.objects.count() == 0
    assert create(api(owner), "k").status_code == 201


def test_the_answer_is_forgotten_after_24_hours(api, owner, project):
    create(api(owner), "k")
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))

    response = create(api(owner), "k", title="another")

    assert response.status_code == 201
    assert "Idempotency-Replayed" not in response
    assert Task.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "é", "\x7f"])
def test_an_unusable_key_is_a_400(api, owner, project, key):
    response = create(api(owner), key)

    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_invalid")
    assert Task.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_while_the_first_runs_the_second_is_a_409(api, owner, project):
    class Asked:
        user, method, path_info, data = owner, "POST", "/api/cards/", {"title": "x"}

    def hold_and_ask():
        with transaction.atomic():
            Scope(Asked(), "k").lock_for_transaction()
            return at_once(lambda: create(api(owner), "k"))[0]

    response = hold_and_ask()

    assert (response.status_code, response.json()["code"]) == (409, "idempotency_key_in_use")
    assert response["Retry-After"] == "1"
    assert create(api(owner), "k").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_a_lock_for_the_session_outlives_transactions_and_is_given_back(api, owner, project):
    class Asked:
        user, method, path_info, data = owner, "POST", "/api/cards/", {"title": "x"}

    scope = Scope(Asked(), "k")
    with scope.held():
        with transaction.atomic():
            Task.objects.count()
        while_held = at_once(lambda: create(api(owner), "k"))[0].status_code

    assert while_held == 409
    assert at_once(lambda: create(api(owner), "k"))[0].status_code == 201


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rounds", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_ten_at_once_with_one_key_make_one_row(api, owner, project, rounds):
    rows, answers = 0, []
    for number in range(rounds):
        results = at_once(*[lambda key=f"k{number}": create(api(owner), key) for _ in range(10)])
        answers += statuses(results)
        rows = Task.objects.count()

    print(f"idempotency: {rounds} rounds of 10, rows {rows}, answers {sorted(set(answers))}")
    assert rows == rounds
    assert set(answers) <= {201, 409}


@pytest.mark.django_db(transaction=True)
def test_the_row_and_the_answer_commit_together(api, owner, project):
    """A failure while the answer is kept takes the row with it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE common_idempotencyrecord ADD CONSTRAINT nothing_kept CHECK (key <> 'doomed')")
    client = api(owner)
    client.raise_request_exception = False
    try:
        response = create(client, "doomed")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE common_idempotencyrecord DROP CONSTRAINT nothing_kept")

    assert response.status_code == 500
    assert Task.objects.count() == 0


def test_a_file_counts_by_its_content():
    from django.core.files.uploadedfile import SimpleUploadedFile

    from apps.common.api.idempotency import fingerprint

    one, same, other = (SimpleUploadedFile("a.txt", content) for content in (b"1", b"1", b"2"))

    assert fingerprint({"file": one}) == fingerprint({"file": same})
    assert fingerprint({"file": one}) != fingerprint({"file": other})
    assert one.read() == b"1"


def test_somebody_elses_project_does_not_matter_here(api, owner):
    """Without a project of one's own the creation fails inside, and nothing is kept."""
    ProjectFactory()
    client = api(owner)
    client.raise_request_exception = False

    assert create(client, "k").status_code == 500
    assert IdempotencyRecord.objects.count() == 0
