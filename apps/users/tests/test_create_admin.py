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


# COMPOSE D8
def test_the_password_alone_is_enough(settings):
    import config.settings as shipped

    settings.ADMIN_USERNAME, settings.ADMIN_EMAIL = shipped.ADMIN_USERNAME, shipped.ADMIN_EMAIL

    assert "Created admin" in run()


@pytest.fixture
def terminal(monkeypatch, settings):
    """Answer the questions of a terminal in their order."""

    def prepare(*answers):
        settings.ADMIN_PASSWORD = ""
        rest = iter(answers)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda _: next(rest))
        monkeypatch.setattr("apps.users.management.commands.create_admin.getpass", lambda _: next(rest))

    return prepare


# COMPOSE D8
def test_a_terminal_is_asked_for_what_the_environment_does_not_say(terminal):
    terminal("", " boss@example.org ", "a long secret of mine", "a long secret of mine")

    assert "Created root" in run()
    assert User.objects.get().email == "boss@example.org"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (("", "", "a long secret of mine", "another long secret"), "differ"),
        (("", "", "", ""), "Set ADMIN_PASSWORD"),
        (("", "", "short", "short"), "too short"),
    ],
)
def test_a_bad_answer_makes_nobody(terminal, answers, said):
    terminal(*answers)

    with pytest.raises(CommandError, match=said):
        run()
    assert not User.objects.exists()


@pytest.mark.parametrize("ending", [EOFError, KeyboardInterrupt])
def test_leaving_the_terminal_makes_nobody(terminal, monkeypatch, ending):
    def leave(_):
        raise ending

    terminal()
    monkeypatch.setattr("builtins.input", leave)

    with pytest.raises(CommandError, match="Nothing was made"):
        run()
    assert not User.objects.exists()


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
def test_what_cannot_be_is_rejected_by_name(settings, name, value, said):
    setattr(settings, name, value)

    with pytest.raises(CommandError, match=said):
        run()
    assert not User.objects.exists()


def test_a_taken_address_is_rejected():
    UserFactory(email="ROOT@example.org")

    with pytest.raises(CommandError):
        run()
    assert User.objects.count() == 1
