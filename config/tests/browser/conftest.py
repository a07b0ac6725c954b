"""What tests of the pages in a browser begin with: Mara, signed in on a wide screen, and her project."""

import pytest
from django.contrib.auth.hashers import make_password

from apps.projects.tests.factories import ProjectFactory
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User
from apps.users.tests.factories import PASSWORD, UserFactory
from config.tests.browser.chromium import Chromium


@pytest.fixture
def chromium():
    browser = Chromium()
    yield browser
    browser.close()


@pytest.fixture
def tab(chromium, live_server, transactional_db):
    UserFactory(username="mara", password=make_password(PASSWORD), nickname="Mara")
    page = chromium.tab()
    page.resize(1280, 900)
    page.open(f"{live_server.url}/login/")
    page.fill("#id_username", "mara")
    page.fill("#id_password", PASSWORD)
    page.click("button.primary")
    page.wait_for("#side")
    yield page
    assert page.complaints == []
    page.close()


@pytest.fixture
def tasks(tab):
    """Return tasks a, b, c to do."""
    owner = User.objects.get(username="mara")
    project = ProjectFactory(owner=owner, name="Website", key="WEB")
    return [TaskFactory(project=project, title=title) for title in "abc"]
