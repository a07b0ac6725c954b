"""`create_admin`."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.users.models import User
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _environment(settings):
    settings.ADMIN_USERNAME, settings.ADMIN_EMAIL = "root", "root@example.org"
    settings.ADMIN_PASSWORD = "a long secret of mine"


def run():
    out = StringIO()
    call_command("create_admin", stdout=out)
    return out.getvalue()


def test_the_first_administrator_is_made_once():
    assert "Created root" in run()
    assert "there already" in run()

    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.is_verified) == (True, True, True)
    assert user.check_password("a long secret of mine")


def test_an_account_of_that_name_is_left_alone():
    user = UserFactory(username="ROOT")

    assert "there already" in run()
    user.refresh_from_db()
    assert (user.is_staff, User.objects.count()) == (False, 1)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ADMIN_PASSWORD", "", "Set ADMIN_PASSWORD"),
        ("ADMIN_PASSWORD", "short", "too short"),
        ("ADMIN_USERNAME", "ro ot", "letters, digits"),
        ("ADMIN_EMAIL", "nowhere", "valid email"),
    ],
)
def test_what_cannot_be_is_refused_by_name(settings, name, value, said):
    setattr(settings, name, value)

    with pytest.raises(CommandError, match=said):
        run()
    assert not User.objects.exists()


def test_a_taken_address_is_refused():
    UserFactory(email="ROOT@example.org")

    with pytest.raises(CommandError):
        run()
    assert User.objects.count() == 1
