"""A receiver, a webhook that leads to it, and what makes a pass of the jobs."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.webhooks.delivering import deliver
from apps.webhooks.fan_out import fan_out
from apps.webhooks.models import Delivery
from apps.webhooks.services import create_webhook
from apps.webhooks.tests.receiver import Receiver


@pytest.fixture(autouse=True)
def _loopback_is_open(settings):
    settings.WEBHOOK_ALLOW_HTTP = True
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def hook(project, owner, receiver):
    """Make a webhook that leads to the receiver; it carries its secret."""

    def make(**fields):
        given = {"url": receiver.url, "events": ["*"], "actor": owner, "project_id": project.pk} | fields
        return create_webhook(**given)

    return make


@pytest.fixture
def run():
    """Do what the jobs do: events become deliveries, and those go out, whenever they are due."""

    def work(*, at_once=True):
        fan_out()
        if at_once:
            Delivery.objects.pending().update(next_attempt_at=timezone.now())
        deliver()

    return work
