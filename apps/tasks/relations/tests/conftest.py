"""Two projects of one owner, and one of somebody else."""

from __future__ import annotations

import pytest

from apps.projects.models import Project
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory


@pytest.fixture
def second(project: Project) -> Task:
    """Return another task of the project."""
    return TaskFactory(project=project, title="Write the test")


@pytest.fixture
def operations(owner) -> Project:
    """Return another project of the owner, in which nobody else of the cast is a member."""
    return ProjectFactory(owner=owner, name="Operations", key="OPS")


@pytest.fixture
def far(operations: Project) -> Task:
    """Return a task of that project."""
    return TaskFactory(project=operations, title="Renew the certificate")
