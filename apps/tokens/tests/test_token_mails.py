"""Whom mails about tokens go to, and what they say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.notifications.kinds import KINDS
from apps.notifications.models import Notification
from apps.tokens import services
from apps.tokens.jobs import token_expiry
from apps.tokens.models import ApiToken
from apps.tokens.tests.factories import make_token

pytestmark = pytest.mark.django_db


def words(row):
    subject = KINDS[row.kind].load([row])[row.pk]
    content = KINDS[row.kind].content(row, subject)
    return "\n".join([content.title, *content.lines])


def test_tk11_making_and_rotating_a_token_is_mailed_to_its_owner(owner):
    made = make_token(owner)
    rotated = services.rotate_token(token=made.token, overlap_hours=1)

    first, second = Notification.objects.filter(kind="token_created").order_by("pk")

    assert first.recipient == second.recipient == owner
    assert "“script”" in words(first).replace("\u2068", "").replace("\u2069", "")
    assert made.token.hint in words(first)
    assert "rotated" in words(second)
    assert rotated.token.hint in words(second)
    for text in (made.text, rotated.text):
        assert text not in words(first) + words(second) + repr(first.data) + repr(second.data)
    assert KINDS["token_created"].mandatory


def test_tk11_the_end_is_announced_7_days_and_1_day_before_once_each(owner, member):
    now = timezone.now()
    made, later = make_token(owner), make_token(member)
    ApiToken.objects.filter(pk=made.token.pk).update(expires_at=now + timedelta(days=30))

    def entered(at):
        services.warn_before_expiry(now=at)
        return Notification.objects.filter(kind="token_expiring").count()

    assert entered(now + timedelta(days=22)) == 0
    assert [entered(now + timedelta(days=23, hours=hour)) for hour in (1, 2)] == [1, 1]
    assert entered(now + timedelta(days=28)) == 1
    assert [entered(now + timedelta(days=29, hours=hour)) for hour in (1, 2)] == [2, 2]
    assert entered(now + timedelta(days=30, hours=1)) == 2
    assert set(Notification.objects.filter(kind="token_expiring").values_list("recipient", flat=True)) == {owner.pk}
    assert later.token.expires_at > now


def test_a_token_that_has_ended_is_not_announced_any_more(owner):
    token = make_token(owner).token
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() + timedelta(days=3))
    token_expiry()
    row = Notification.objects.get(kind="token_expiring")
    kind = KINDS[row.kind]
    assert kind.reason_to_withhold(row, kind.load([row])[row.pk]) == ""
    assert "about to expire" in words(row)

    services.revoke_token(token=token)

    assert kind.reason_to_withhold(row, kind.load([row])[row.pk]) == "the token has ended"
    services.delete_tokens_of(owner)
    assert kind.load([row]) == {}
