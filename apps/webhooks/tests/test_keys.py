"""FIELD_KEYS: rotation, loss, and what the doctor says (contract WH14)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.utils import timezone

from apps.common.field_keys import UnreadableError, decrypt
from apps.notifications.models import Hold
from apps.tasks.services import update_task
from apps.webhooks.fan_out import fan_out
from apps.webhooks.models import Delivery, Webhook
from apps.webhooks.monitoring import field_keys, oldest_due, webhooks
from apps.webhooks.services import rotate_secret

pytestmark = pytest.mark.django_db


def said(check):
    return [(finding.level.name, finding.text) for finding in check()]


def test_wh14_rotating_the_keys_encrypts_every_secret_anew(hook, owner, settings, capsys):
    webhook = hook()
    old_secret, secret = webhook.secret, rotate_secret(actor=owner, webhook=webhook).secret
    assert said(field_keys) == [("OK", "read everything")]
    new = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, *settings.FIELD_KEYS]
    assert said(field_keys) == [("WARN", "1 secrets are under an old key")]

    call_command("rotate_field_keys")
    settings.FIELD_KEYS = [new]

    row = Webhook.objects.get()
    assert (decrypt(row.secret_encrypted), decrypt(row.old_secret_encrypted)) == (secret, old_secret)
    assert said(field_keys) == [("OK", "read everything")]
    assert "1 webhooks are under the newest key" in capsys.readouterr().out


def test_wh14_without_the_key_nothing_is_signed_and_new_secrets_can_be_made(
    hook, run, receiver, task, owner, settings, capsys
):
    webhook = hook(events=["task.updated"])
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    update_task(actor=owner, task=task, changes={"title": "Renamed"})

    run()

    assert (Delivery.objects.get().state, receiver.got) == ("pending", [])  # the key may come back
    assert said(field_keys) == [("FAIL", "1 secrets of webhooks cannot be read")]
    with pytest.raises(SystemExit):
        call_command("rotate_field_keys")
    with pytest.raises(SystemExit):
        call_command("reset_webhook_secrets")
    with pytest.raises(UnreadableError):
        decrypt(Webhook.objects.get().secret_encrypted)
    call_command("reset_webhook_secrets", "--yes")
    assert decrypt(Webhook.objects.get().secret_encrypted) != webhook.secret


def test_wh14_an_installation_without_keys_has_one_derived_from_its_secret_and_can_set_its_own_later(hook, settings):
    settings.FIELD_KEYS = []
    assert said(field_keys) == [("OK", "read everything")]
    secret = hook().secret
    stored = Webhook.objects.get().secret_encrypted
    assert (decrypt(stored), said(field_keys)[0][0]) == (secret, "WARN")
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert decrypt(stored) == secret

    call_command("rotate_field_keys")

    settings.SECRET_KEY = "changed-" + "x" * 40
    assert decrypt(Webhook.objects.get().secret_encrypted) == secret
    assert said(field_keys) == [("OK", "read everything")]
    with pytest.raises(UnreadableError):
        decrypt(stored)


def test_o4_the_doctor_says_what_is_late_disabled_and_opened(hook, run, receiver, task, owner):
    hook(events=["task.updated"])
    assert ("OK", "events flow") in said(webhooks)
    assert any("127.0.0.0/8" in text for _, text in said(webhooks))
    update_task(actor=owner, task=task, changes={"title": "Renamed"})
    from apps.projects.models import Activity

    Activity.objects.update(created_at="2026-01-01T00:00:00Z")
    assert ("FAIL", "events wait for more than 5 minutes") in said(webhooks)
    receiver.answers = [410]
    run()
    assert ("WARN", "1 are disabled") in said(webhooks)


def test_o3_a_delivery_is_late_when_it_waits_for_us_and_not_for_a_receiver_that_fails(hook, task, owner):
    webhook = hook(events=["task.updated"])
    update_task(actor=owner, task=task, changes={"title": "Renamed"})
    fan_out()
    Delivery.objects.update(next_attempt_at=timezone.now() - timedelta(minutes=10))

    assert 590 < oldest_due()[""] < 900
    assert ("FAIL", "deliveries are due for more than 5 minutes") in said(webhooks)
    hold = Hold.objects.create(reason="restored")
    assert (oldest_due()[""], said(webhooks)[0]) == (0, ("WARN", "held after a restore"))
    hold.delete()
    Webhook.objects.filter(pk=webhook.pk).update(failing_since=timezone.now())
    assert oldest_due()[""] == 0
    assert ("OK", "events flow") in said(webhooks)
