"""The fixed cast of the suite: an owner, an admin, a member, a commenter, a viewer and an outsider."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, settings
from rest_framework.test import APIClient

from apps.projects.models import Project
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User
from apps.users.tests.factories import UserFactory
from apps.users.tests.tokens import access_token_for

Api = Callable[..., APIClient]

# A machine that is shared may take any time for an example: no test measures it
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave slow tests out of the coverage: tracing doubles their time, and the quick ones cover as much."""
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker("no_cover")


@pytest.fixture(autouse=True)
def _no_counted_requests() -> None:
    """Start each test with no rate limit used up."""
    cache.clear()


@pytest.fixture
def api(db: None) -> Api:
    """Return a client that asks as the given person; without one, anonymously."""

    def client(user: User | None = None) -> APIClient:
        made = APIClient()
        if user is not None:
            made.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token_for(user)}")
        return made

    return client


@pytest.fixture
def owner(db: None) -> User:
    return UserFactory(username="owner")


@pytest.fixture
def project(owner: User) -> Project:
    return ProjectFactory(owner=owner, name="Website", key="WEB")


@pytest.fixture
def admin(project: Project) -> User:
    return MembershipFactory(project=project, user__username="projectadmin", role=Role.ADMIN).user


@pytest.fixture
def member(project: Project) -> User:
    return MembershipFactory(project=project, user__username="member", role=Role.MEMBER).user


@pytest.fixture
def viewer(project: Project) -> User:
    return MembershipFactory(project=project, user__username="viewer", role=Role.VIEWER).user


@pytest.fixture
def commenter(project: Project) -> User:
    return MembershipFactory(project=project, user__username="commenter", role=Role.COMMENTER).user


@pytest.fixture
def outsider(db: None) -> User:
    """Somebody with an account and a project of their own."""
    user = UserFactory(username="outsider")
    ProjectFactory(owner=user, name="Elsewhere", key="ELSE")
    return user


@pytest.fixture
def staff(db: None) -> User:
    return UserFactory(username="staff", is_staff=True)


@pytest.fixture
def administrator(db: None) -> User:
    """Somebody who may do everything in the admin."""
    return UserFactory(username="root", is_staff=True, is_superuser=True)


@pytest.fixture
def desk(client: Client, administrator: User) -> Client:
    """Return a browser in which the administrator is logged in."""
    client.force_login(administrator)
    return client


@pytest.fixture
def task(project: Project) -> Task:
    return TaskFactory(project=project, title="Fix the login page")
