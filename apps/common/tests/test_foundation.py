"""The cast stands on real constraints."""

import pytest
from django.db import IntegrityError, transaction

from apps.projects.models import Membership
from apps.projects.roles import Role


@pytest.mark.django_db(transaction=True)
def test_a_project_without_an_owner_cannot_be_committed(project, owner):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(project=project, user=owner).update(role=Role.ADMIN)

    assert Membership.objects.get(project=project, user=owner).role == Role.OWNER


@pytest.mark.django_db(transaction=True)
def test_a_task_cannot_be_assigned_to_somebody_outside_the_project(task, outsider):
    task.assigned_to = outsider
    with pytest.raises(IntegrityError):
        task.save(update_fields=["assigned_to"])
