"""Notifying: one row per person and thing."""

from __future__ import annotations

import pytest
from django.db import transaction

from apps.common.monitoring.request_id import request_id_of
from apps.notifications import services
from apps.notifications.models import MailState, Notification
from apps.notifications.tests.kinds_for_tests import AccountPoked, Poked, PokedMyself, QuietlyPoked
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_each_recipient_gets_one_row_with_the_id_of_the_request(owner, outsider):
    with request_id_of("the-request"):
        services.notify(
            Poked, recipient_ids=[owner.pk, outsider.pk, owner.pk], dedupe="poke:1", task_id=7, data={"a": 1}
        )

    rows = Notification.objects.order_by("id")
    assert {row.dedupe_key for row in rows} == {f"poke:1:{owner.pk}", f"poke:1:{outsider.pk}"}
    assert {(r.kind, r.task_id, r.request_id, r.mail_state, r.in_app) for r in rows} == {
        ("poked", 7, "the-request", MailState.PENDING, True)
    }
    assert rows[0].data == {"a": 1}


def test_a_person_is_told_once_however_often_it_is_said(owner):
    for text in ("first", "second"):
        services.notify(Poked, recipient_ids=[owner.pk], dedupe="poke:1", data={"text": text})

    assert Notification.objects.get().data == {"text": "first"}


def test_a_suppressed_row_is_entered_again(owner):
    services.notify(Poked, recipient_ids=[owner.pk], dedupe="poke:1", data={"text": "first"})
    Notification.objects.update(mail_state=MailState.SUPPRESSED, reason="done", attempts=3)

    services.notify(Poked, recipient_ids=[owner.pk], dedupe="poke:1", data={"text": "second"})

    row = Notification.objects.get()
    assert (row.mail_state, row.reason, row.attempts, row.data) == (MailState.PENDING, "", 0, {"text": "second"})


def test_nobody_is_told_of_their_own_act_unless_they_asked_for_it(owner, outsider):
    services.notify(Poked, recipient_ids=[owner.pk, outsider.pk], dedupe="poke:1", actor_id=owner.pk)
    services.notify(PokedMyself, recipient_ids=[owner.pk], dedupe="report:1", actor_id=owner.pk)

    assert list(Notification.objects.order_by("id").values_list("kind", "recipient_id")) == [
        ("poked", outsider.pk),
        ("poked_myself", owner.pk),
    ]


def test_inactive_and_unknown_people_are_not_told():
    gone = UserFactory(is_active=False)

    services.notify(Poked, recipient_ids=[gone.pk, 10**12], dedupe="poke:1")

    assert not Notification.objects.exists()


def test_telling_nobody_is_no_error():
    services.notify(Poked, recipient_ids=[], dedupe="poke:1")

    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    ("kind", "chosen", "in_app", "mail_state"),
    [
        (Poked, {}, True, "pending"),
        (Poked, {"email": False}, True, "none"),
        (Poked, {"in_app": False}, False, "pending"),
        (Poked, {"email": "nonsense"}, True, "pending"),
        (QuietlyPoked, {}, True, "none"),
        (QuietlyPoked, {"email": True}, True, "pending"),
        (AccountPoked, {"email": False, "in_app": True}, False, "pending"),
    ],
)
def test_preferences_decide_where_somebody_is_told(kind, chosen, in_app, mail_state):
    user = UserFactory(notification_preferences={kind.name: chosen})

    services.notify(kind, recipient_ids=[user.pk], dedupe="poke:1")

    row = Notification.objects.get()
    assert (row.in_app, row.mail_state) == (in_app, mail_state)


def test_who_switched_both_off_has_no_row():
    user = UserFactory(notification_preferences={"poked": {"email": False, "in_app": False}})

    services.notify(Poked, recipient_ids=[user.pk], dedupe="poke:1")

    assert not Notification.objects.exists()


def test_telling_many_takes_one_statement_per_thousand(owner, django_assert_num_queries):
    entries = (services.NotificationRequest(Poked, owner.pk, f"poke:{number}") for number in range(2_500))

    with django_assert_num_queries(3):
        count = services.notify_many(entries)

    assert count == Notification.objects.count() == 2_500


def test_a_change_that_is_undone_tells_nobody(owner):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.notify(Poked, recipient_ids=[owner.pk], dedupe="poke:1")
        raise ZeroDivisionError

    assert not Notification.objects.exists()
