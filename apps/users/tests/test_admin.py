"""The admin's pages for people, sessions and failed logins."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.notifications.tests.assertions import kinds_sent_to
from apps.projects.models import Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.users.models import LoginFailure, Session, User
from apps.users.tests.factories import PASSWORD, UserFactory
from apps.users.tests.helpers import is_in, log_in, send
from apps.users.tests.tokens import session_for

pytestmark = pytest.mark.django_db

NEW = "another long secret"


@pytest.fixture
def root():
    return UserFactory(username="root", is_staff=True, is_superuser=True)


@pytest.fixture
def browser(root):
    client = Client()
    client.force_login(root)
    return client


@pytest.fixture
def user():
    return UserFactory(username="ben", email="ben@example.org")


def try_login(password, username="root", client=None):
    client = client or Client()
    return client.post("/admin/login/?next=/admin/", {"username": username, "password": password})


def act(browser, model, action, *rows):
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    response = browser.post(f"/admin/users/{model}/", data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def form_of(browser, url):
    """The values with which the page's form would be sent."""
    form = browser.get(url).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, False)}


def test_the_login_takes_name_or_address(root):
    assert try_login(PASSWORD).status_code == 302
    assert try_login(PASSWORD, "ROOT@example.org").status_code == 302


def test_the_logins_failures_count_together_with_those_of_the_api(root):
    for _ in range(3):
        assert try_login("wrong").status_code == 200
    for _ in range(2):
        assert send("login/", {"username": "root", "password": "wrong"}).status_code == 401

    locked = try_login(PASSWORD)

    assert locked.status_code == 200
    assert "Too many attempts" in locked.content.decode()
    assert send("login/", {"username": "root", "password": PASSWORD}).status_code == 429


def test_a_good_login_clears_the_failures(root):
    for _ in range(4):
        try_login("wrong")
    assert try_login(PASSWORD).status_code == 302

    assert not LoginFailure.objects.exists()


@pytest.mark.parametrize(("username", "password"), [("nobody", PASSWORD), ("ben", PASSWORD), ("", ""), ("root", "")])
def test_who_is_no_staff_does_not_get_in(root, user, username, password):
    client = Client()

    assert try_login(password, username, client).status_code == 200
    assert "_auth_user_id" not in client.session


def test_logins_of_one_address_are_limited(root, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"login": "1/60"}
    try_login("wrong")

    assert "Too many attempts" in try_login(PASSWORD).content.decode()


def test_the_list_of_people_costs_the_same_however_long(browser, django_assert_max_num_queries):
    UserFactory.create_batch(60)

    with django_assert_max_num_queries(8):
        response = browser.get("/admin/users/user/?q=person")

    assert response.status_code == 200


@pytest.mark.parametrize("model", ["user", "session", "loginfailure"])
def test_every_list_opens_filtered_and_searched(browser, user, model):
    session_for(user)
    LoginFailure.objects.create(account="x", ip_address="203.0.113.7", count=1)

    for query in ("", "?q=ben", "?q=203.0.113.7", "?o=1"):
        assert browser.get(f"/admin/users/{model}/{query}").status_code == 200


def test_a_person_is_changed_through_the_service(browser, user):
    url = f"/admin/users/user/{user.pk}/change/"
    tokens = log_in(user)
    values = form_of(browser, url) | {"nickname": "Benny", "email": "new@example.org"}
    del values["is_active"]

    assert browser.post(url, values).status_code == 302

    user.refresh_from_db()
    assert (user.nickname, user.email, user.pending_email) == ("Benny", "ben@example.org", "new@example.org")
    assert not user.is_active
    assert not is_in(tokens["access"])


def test_privileges_are_given_by_a_superuser(browser, user):
    from django.contrib.auth.models import Group

    group = Group.objects.create(name="support")
    url = f"/admin/users/user/{user.pk}/change/"

    assert browser.post(url, form_of(browser, url) | {"is_staff": "on", "groups": [group.pk]}).status_code == 302

    user.refresh_from_db()
    assert (user.is_staff, list(user.groups.all())) == (True, [group])


@pytest.mark.parametrize(
    "values",
    [{"username": "a b"}, {"username": "ROOT"}, {"timezone": "Mars"}, {"nickname": "a\u202eb"}, {"email": "x"}],
)
def test_a_bad_value_is_shown_in_the_form(browser, user, values):
    url = f"/admin/users/user/{user.pk}/change/"

    response = browser.post(url, form_of(browser, url) | values)

    assert response.status_code == 200
    assert response.context["errors"]
    user.refresh_from_db()
    assert user.username == "ben"


def test_a_taken_address_is_a_message(browser, user):
    UserFactory(email="cy@example.org")
    url = f"/admin/users/user/{user.pk}/change/"

    response = browser.post(url, form_of(browser, url) | {"email": "CY@example.org"}, follow=True)

    assert response.status_code == 200
    assert "This e-mail address is taken." in response.content.decode()
    user.refresh_from_db()
    assert user.pending_email == ""


def test_an_account_is_added_through_the_service(browser):
    body = {"username": "cy", "email": "cy@example.org", "password1": NEW, "password2": NEW}

    assert browser.post("/admin/users/user/add/", body).status_code == 302

    user = User.objects.get(username="cy")
    assert user.check_password(NEW)
    assert kinds_sent_to(user) == ["verification"]
    assert Project.objects.filter(owner=user, is_inbox=True).exists()


@pytest.mark.parametrize("change", [{"username": "ROOT"}, {"password1": "short", "password2": "short"}, {"email": "x"}])
def test_an_account_that_cannot_be_is_not_added(browser, change):
    body = {"username": "cy", "email": "cy@example.org", "password1": NEW, "password2": NEW} | change

    assert browser.post("/admin/users/user/add/", body).status_code == 200
    assert User.objects.count() == 1


def test_somebody_elses_password_set_here_ends_their_sessions(browser, user):
    tokens = log_in(user)

    body = {"password1": NEW, "password2": NEW, "usable_password": "true", "set-password": "1"}
    response = browser.post(f"/admin/users/user/{user.pk}/password/", body)

    assert response.status_code == 302
    assert not is_in(tokens["access"])
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert kinds_sent_to(user) == ["password_changed"]


def test_a_password_can_be_taken_away(browser, user):
    body = {"password1": "", "password2": "", "usable_password": "false", "unset-password": "1"}

    assert browser.post(f"/admin/users/user/{user.pk}/password/", body).status_code == 302
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_the_own_password_is_changed_through_the_service(browser, root):
    tokens = log_in(root)
    body = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}

    assert browser.post("/admin/password_change/", body).status_code == 302

    assert not is_in(tokens["access"])
    assert browser.get("/admin/").status_code == 200  # this one goes on
    assert log_in(root, NEW)


def test_the_own_old_password_cannot_be_guessed(browser, root):
    body = {"old_password": "guess", "new_password1": NEW, "new_password2": NEW}
    for _ in range(5):
        assert "The password is wrong" in browser.post("/admin/password_change/", body).content.decode()

    response = browser.post("/admin/password_change/", body | {"old_password": PASSWORD})

    assert "Too many failed attempts" in response.content.decode()
    root.refresh_from_db()
    assert root.check_password(PASSWORD)


def test_people_are_never_deleted_but_closed(browser, user):
    assert browser.post(f"/admin/users/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403

    act(browser, "user", "close", user)

    user.refresh_from_db()
    assert user.deleted_at is not None
    assert browser.get(f"/admin/users/user/{user.pk}/change/").status_code == 200  # to look at
    assert "nickname" not in form_of(browser, f"/admin/users/user/{user.pk}/change/")


def test_what_a_service_rejects_is_a_message(browser, user):
    MembershipFactory(project=ProjectFactory(owner=user))

    page = act(browser, "user", "close", user)

    assert "0 done." in page
    user.refresh_from_db()
    assert user.deleted_at is None


def test_accounts_are_switched_off_and_on_and_logged_out(browser, user):
    tokens = log_in(user)
    act(browser, "user", "end_sessions", user)
    assert not is_in(tokens["access"])
    tokens = log_in(user)
    act(browser, "user", "deactivate", user)
    assert not is_in(tokens["access"])
    act(browser, "user", "activate", user)
    assert log_in(user)


def test_a_session_is_ended(browser, user):
    tokens = log_in(user)

    act(browser, "session", "revoke", Session.objects.get(user=user))

    assert not is_in(tokens["access"])


def test_a_lock_is_opened(browser, user):
    for _ in range(6):
        send("login/", {"username": "ben", "password": "wrong"})

    act(browser, "loginfailure", "forget", LoginFailure.objects.get())

    assert log_in(user)


@pytest.mark.parametrize("model", ["session", "loginfailure"])
def test_sessions_and_failures_are_read_only(browser, user, model):
    row = session_for(user) if model == "session" else LoginFailure.objects.create(account="x", ip_address="::1")

    assert browser.get(f"/admin/users/{model}/add/").status_code == 403
    assert browser.post(f"/admin/users/{model}/{row.pk}/change/", {}).status_code == 403
    assert browser.post(f"/admin/users/{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.fixture
def helper():
    """Staff that may change people but is no superuser."""
    from django.contrib.auth.models import Permission

    person = UserFactory(username="helper", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user", "add_user"]))
    client = Client()
    client.force_login(person)
    return client


def test_staff_neither_rises_nor_touches_staff(helper, root, user):
    url = f"/admin/users/user/{user.pk}/change/"
    values = form_of(helper, url)
    assert "is_superuser" not in values

    assert helper.post(url, values | {"is_superuser": "on", "is_staff": "on", "nickname": "B"}).status_code == 302
    user.refresh_from_db()
    assert (user.is_superuser, user.is_staff, user.nickname) == (False, False, "B")
    assert helper.post(f"/admin/users/user/{root.pk}/change/", {"nickname": "x"}).status_code == 403
    assert helper.post(f"/admin/users/user/{root.pk}/password/", {}).status_code == 403
    act(helper, "user", "deactivate", root)
    root.refresh_from_db()
    assert root.is_active
