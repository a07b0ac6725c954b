"""What a token leaves behind: its last use, events, limits; and nothing of its text."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from prometheus_client import generate_latest
from rest_framework.utils import json

from apps.batches.models import Batch
from apps.common.monitoring.metrics import registry
from apps.projects.models import Activity
from apps.tasks.bulk.background import run_due
from apps.tokens.models import ApiToken
from apps.tokens.tests.factories import client_with, make_token, stored
from apps.users.tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def test_tk9_the_last_use_is_written_at_most_once_a_minute(owner, time_machine):
    made = make_token(owner)
    client = client_with(made.text)

    client.get("/api/tasks/", REMOTE_ADDR="203.0.113.7")
    first = stored(made)
    assert first.last_used_ip == "203.0.113.7"
    client.get("/api/tasks/", REMOTE_ADDR="203.0.113.8")
    assert stored(made).last_used_at == first.last_used_at
    time_machine.move_to(timezone.now() + timedelta(seconds=61), tick=True)
    client.get("/api/tasks/", REMOTE_ADDR="203.0.113.8")

    assert stored(made).last_used_at > first.last_used_at
    assert stored(made).last_used_ip == "203.0.113.8"


def test_tk9_events_and_histories_name_the_token(api, owner, project, task):
    made = make_token(owner, projects=[project])

    client_with(made.text).patch(f"/api/tasks/{task.pk}/", {"title": "By a script"})
    api(owner).patch(f"/api/tasks/{task.pk}/", {"title": "By hand"})

    by_hand, by_script = Activity.objects.filter(task_id=task.pk, verb="updated").order_by("-seq")
    assert (by_script.origin, by_script.token_id) == ("token", made.token.pk)
    assert (by_hand.origin, by_hand.token_id) == ("api", None)
    for url in (f"/api/projects/{project.pk}/activity/", f"/api/tasks/{task.pk}/activity/"):
        shown = [(row["origin"], row["token"]) for row in api(owner).get(url).json()["results"]][:2]
        assert shown == [("api", None), ("token", {"id": made.token.pk, "name": "script"})]


def test_tk9_work_in_the_background_acts_through_the_token(owner, project, task, settings):
    settings.BULK_INLINE = 0
    made = make_token(owner, projects=[project])
    body = {"ids": [task.pk], "action": "update", "mode": "best_effort", "changes": {"priority": "high"}}

    assert client_with(made.text).post("/api/tasks/bulk/", body).status_code == 202
    settings.BULK_INLINE = 200
    run_due()

    event = Activity.objects.get(verb="updated")
    assert (event.origin, event.token_id, Batch.objects.get().token_id) == ("token", made.token.pk, made.token.pk)


def test_tk9_a_job_for_a_token_that_is_gone_reaches_nothing(owner, project, task, settings):
    settings.BULK_INLINE = 0
    made = make_token(owner)
    body = {"ids": [task.pk], "action": "update", "mode": "best_effort", "changes": {"priority": "high"}}
    assert client_with(made.text).post("/api/tasks/bulk/", body).status_code == 202
    ApiToken.objects.all().delete()

    settings.BULK_INLINE = 200
    run_due()

    assert not Activity.objects.filter(verb="updated").exists()


def test_tk9_each_token_has_a_limit_of_its_own_beside_its_owners(owner, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"api_token": "2/60"}
    first, second = (client_with(make_token(owner).text) for _ in range(2))

    assert [first.get("/api/tasks/").status_code for _ in range(3)] == [200, 200, 429]
    limited = first.get("/api/tasks/")
    assert limited.json()["code"] == "rate_limited"
    assert int(limited["Retry-After"]) > 0
    assert second.get("/api/tasks/").status_code == 200


def test_tk5_no_row_log_metric_or_error_has_a_token(api, owner, project, task, caplog):
    caplog.set_level(logging.DEBUG)
    client = api(owner)
    body = {"name": "ci", "scopes": ["full"], "all_projects": True, "password": PASSWORD}
    made = client.post("/api/auth/tokens/", body, headers={"Idempotency-Key": "once"}).json()
    rotated = client.post(f"/api/auth/tokens/{made['id']}/rotate/", {"password": PASSWORD}).json()
    for text in (made["token"], rotated["token"]):
        script = client_with(text)
        script.patch(f"/api/tasks/{task.pk}/", {"title": "New"})
        script.post("/api/tasks/", {"unknown": 1})
        script.get("/api/auth/sessions/")
        client_with(f"{text}x").get("/api/tasks/")

    rows = [
        json.dumps(list(model.objects.values()), cls=DjangoJSONEncoder, default=repr)
        for model in apps.get_models()
        if model.__module__.startswith("apps.")
    ]
    seen = "\n".join([*rows, caplog.text, generate_latest(registry(with_state=True)).decode()])
    for text in (made["token"], rotated["token"]):
        assert text not in seen
        assert text[10:40] not in seen
