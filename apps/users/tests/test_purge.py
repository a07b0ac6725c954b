"""The job users.purge."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.common.background import purging
from apps.users import jobs
from apps.users.models import LoginFailure, Session
from apps.users.tests.factories import UserFactory
from apps.users.tests.tokens import session_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_expired_sessions_and_old_failures_go_and_the_rest_stays(monkeypatch):
    monkeypatch.setattr(purging, "BATCH", 2)
    now, user = timezone.now(), UserFactory()
    for _ in range(5):
        session_for(user, expires_at=now - timedelta(seconds=1))
    kept = {session_for(user), session_for(user, revoked_at=now)}
    for number, minutes in enumerate((16, 30, 14)):
        LoginFailure.objects.create(
            account=f"a{number}", ip_address="::1", started_at=now - timedelta(minutes=minutes), count=1
        )

    jobs.purge()

    assert set(Session.objects.all()) == kept
    assert list(LoginFailure.objects.values_list("account", flat=True)) == ["a2"]


def test_purging_an_empty_house_is_fine():
    jobs.purge()

    assert not Session.objects.exists()
