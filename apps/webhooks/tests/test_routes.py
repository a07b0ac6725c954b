"""The routes of webhooks: who may, what is kept, what is rejected."""

from __future__ import annotations

import pytest

from apps.common.field_keys import decrypt
from apps.common.models import IdempotencyRecord
from apps.projects.models import Activity
from apps.projects.services import archive_project
from apps.webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db
URL = "https://192.0.43.8/hook"  # example.com's: nothing is resolved


@pytest.fixture
def path(project):
    return f"/api/projects/{project.pk}/webhooks/"


def body(**fields):
    return {"url": URL, "events": ["task.*", "comment.created"]} | fields


def codes(answer):
    return [(error["pointer"], error["code"]) for error in answer.json().get("errors", [])]


def test_wh14_h3_a_webhook_is_made_with_a_secret_that_is_shown_once_and_kept_encrypted(api, owner, path):
    key = {"HTTP_IDEMPOTENCY_KEY": "k1"}
    made = api(owner).post(path, body(description="Channel"), **key)
    again = api(owner).post(path, body(description="Channel"), **key)

    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    assert made["ETag"].startswith('"1.')
    row = Webhook.objects.get()
    assert decrypt(row.secret_encrypted) == secret
    assert secret not in row.secret_encrypted
    assert (again.status_code, again.json()["secret"]) == (201, None)
    assert again.json() | {"secret": secret} == made.json()
    assert secret not in IdempotencyRecord.objects.get().body
    shown = api(owner).get(f"{path}{row.pk}/").json()
    assert shown == {name: value for name, value in made.json().items() if name != "secret"}
    assert (shown["state"], shown["payload"], shown["events"]) == ("active", "full", ["task.*", "comment.created"])
    assert [each["id"] for each in api(owner).get(path).json()["results"]] == [row.pk]
    event = Activity.objects.get(type="webhook.created")
    assert (event.object_id, event.changes) == (row.pk, {})


@pytest.mark.parametrize(
    ("role", "status"), [("viewer", 403), ("commenter", 403), ("member", 403), ("admin", 201), ("outsider", 404)]
)
def test_only_admins_of_the_project_come_to_webhooks(api, path, request, role, status):
    answer = api(request.getfixturevalue(role)).post(path, body())

    assert answer.status_code == status
    assert api(request.getfixturevalue(role)).get(path).status_code == (200 if status == 201 else status)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"events": []}, ("/events", "min_length")),
        ({"events": ["task.exploded"]}, ("/events/0", "invalid_choice")),
        ({"events": ["webhook.created"]}, ("/events/0", "invalid_choice")),
        ({"events": ["*"] * 51}, ("/events", "max_length")),
        ({"payload": "fat"}, ("/payload", "invalid_choice")),
        ({"description": "x" * 201}, ("/description", "max_length")),
        ({"url": "https://192.0.43.8/" + "x" * 2000}, ("/url", "max_length")),
        ({"secret2": 1}, ("/secret2", "unknown_field")),
        ({"filter": 5}, ("/filter", "invalid")),
    ],
)
def test_a_wrong_field_is_rejected_and_nothing_is_written(api, owner, path, fields, fault):
    answer = api(owner).post(path, body(**fields))

    assert answer.status_code == 400
    assert fault in codes(answer)
    assert not Webhook.objects.exists()


def test_h1_a_change_raises_the_version_and_asks_for_the_right_one(api, owner, path):
    made = api(owner).post(path, body())
    mine = f"{path}{made.json()['id']}/"

    changed = api(owner).patch(
        mine, {"description": "New", "url": "https://192.0.43.8/b?token=x"}, HTTP_IF_MATCH=made["ETag"]
    )
    stale = api(owner).patch(mine, {"description": "Newer"}, HTTP_IF_MATCH=made["ETag"])

    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert "secret" not in changed.json()
    assert (stale.status_code, stale["ETag"]) == (412, changed["ETag"])
    for act in ("test/", "rotate-secret/", "enable/", "disable/"):
        assert api(owner).post(f"{mine}{act}", HTTP_IF_MATCH=made["ETag"]).status_code == 412
    event = Activity.objects.get(type="webhook.updated")
    assert event.changes["url"] == {"from": "https://192.0.43.8", "to": "https://192.0.43.8"}
    assert api(owner).delete(mine, HTTP_IF_MATCH=made["ETag"]).status_code == 412
    assert api(owner).delete(mine, HTTP_IF_MATCH=changed["ETag"]).status_code == 204
    assert api(owner).get(mine).status_code == 404


def test_wh14_changing_the_url_keeps_the_secret_and_rotating_changes_it(api, owner, path):
    made = api(owner).post(path, body()).json()
    mine = f"{path}{made['id']}/"
    api(owner).patch(mine, {"url": "https://192.0.43.8/other"})
    assert decrypt(Webhook.objects.get().secret_encrypted) == made["secret"]

    rotated = api(owner).post(f"{mine}rotate-secret/")

    row = Webhook.objects.get()
    assert (rotated.status_code, decrypt(row.secret_encrypted)) == (200, rotated.json()["secret"])
    assert decrypt(row.old_secret_encrypted) == made["secret"]
    assert "secret" not in api(owner).get(mine).json()
    assert made["secret"] not in str(list(Activity.objects.values()))


def test_wh14_a_project_has_at_most_so_many(api, owner, path, settings):
    settings.WEBHOOK_MAX_PER_PROJECT = 2
    assert [api(owner).post(path, body()).status_code for _ in range(2)] == [201, 201]

    answer = api(owner).post(path, body())

    assert (answer.status_code, answer.json()["code"], answer.json()["limit"]) == (409, "too_many_webhooks", 2)


def test_wh11_in_an_archived_project_every_write_is_rejected(api, owner, path, project, hook, run, receiver):
    webhook = hook(events=["project.*"])
    archive_project(actor=owner, project_id=project.pk)
    run()
    assert [got.json["type"] for got in receiver.got] == ["project.archived"]
    mine = f"{path}{webhook.pk}/"
    delivery = Delivery.objects.get()

    answers = [api(owner).post(path, body()), api(owner).patch(mine, {"description": "x"}), api(owner).delete(mine)]
    acts = ("test/", "rotate-secret/", "enable/", "disable/", f"deliveries/{delivery.pk}/redeliver/")
    answers += [api(owner).post(f"{mine}{act}") for act in acts]
    answers.append(api(owner).post(f"{mine}redeliver/", {"since": "2020-01-01T00:00:00Z"}))

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(409, "project_archived")}
    assert api(owner).get(f"{mine}deliveries/").status_code == 200


def test_wh12_a_test_goes_out_at_once_with_an_id_of_its_own_and_is_tried_once(api, owner, path, hook, run, receiver):
    webhook = hook(events=["task.created"])
    mine = f"{path}{webhook.pk}/"
    receiver.answers = [500]

    sent, second = api(owner).post(f"{mine}test/"), api(owner).post(f"{mine}test/")
    run(at_once=False)

    assert (sent.status_code, sent.json()["type"], sent.json()["state"]) == (202, "webhook.test", "pending")
    assert (second.status_code, second.json()["code"]) == (409, "conflict")
    (got,) = receiver.got
    assert got.verified(webhook.secret)["type"] == "webhook.test"
    assert got.headers["webhook-id"] == sent.json()["event_id"]
    shown = api(owner).get(f"{mine}deliveries/{sent.json()['id']}/").json()
    assert (shown["state"], shown["attempts"], shown["response_code"]) == ("failed", 1, 500)
    assert api(owner).post(f"{mine}test/").status_code == 202


def test_the_log_shows_what_was_sent_and_answered_but_no_signature(api, owner, path, hook, run, receiver, task):
    webhook = hook(events=["task.*"])
    mine = f"{path}{webhook.pk}/deliveries/"
    api(owner).patch(f"/api/tasks/{task.pk}/", {"title": "Renamed"})
    run()

    (row,) = api(owner).get(mine).json()["results"]
    detail = api(owner).get(f"{mine}{row['id']}/").json()

    assert (row["state"], row["response_code"], row["next_attempt_at"], row["redelivery_of"]) == (
        "sent",
        204,
        None,
        None,
    )
    assert detail["request_body"] == receiver.got[0].body.decode()
    assert detail["request_headers"]["webhook-id"] == row["event_id"]
    assert "webhook-signature" not in detail["request_headers"]
    for query, count in (("state=sent", 1), ("state=failed", 0), ("type=task.updated", 1), ("type=task.created", 0)):
        assert len(api(owner).get(f"{mine}?{query}").json()["results"]) == count
    assert len(api(owner).get(f"{mine}?event_id={row['event_id']}").json()["results"]) == 1
    assert api(owner).get(f"{mine}?state=lost").status_code == 400
    assert api(owner).get(f"{mine}?event_id=nonsense").status_code == 400


def test_wh7_while_it_is_disabled_nothing_is_sent_again(api, owner, path, hook, run, receiver, task):
    webhook = hook(events=["task.*"])
    mine = f"{path}{webhook.pk}/"
    api(owner).patch(f"/api/tasks/{task.pk}/", {"title": "Renamed"})
    run()
    disabled = api(owner).post(f"{mine}disable/")
    assert (disabled.json()["state"], disabled.json()["disabled_reason"]) == ("disabled", "manual")

    answers = [
        api(owner).post(f"{mine}test/"),
        api(owner).post(f"{mine}deliveries/{Delivery.objects.get().pk}/redeliver/"),
        api(owner).post(f"{mine}redeliver/", {"since": "2020-01-01T00:00:00Z"}),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(409, "webhook_disabled")}
    enabled = api(owner).post(f"{mine}enable/").json()
    assert (enabled["state"], enabled["missed"]) == ("active", 0)
