"""Projects and memberships for tests."""

from __future__ import annotations

from typing import Any

import factory
from django.db import transaction
from django.db.models import F

from apps.projects.models import Membership, Project
from apps.projects.roles import Role
from apps.users.tests.factories import UserFactory


class ProjectFactory(factory.django.DjangoModelFactory[Project]):
    """A project with its owner's membership."""

    class Meta:
        model = Project

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"Project {n}")
    key = factory.Sequence(lambda n: "P" + "".join(chr(65 + int(digit)) for digit in str(n)))

    @classmethod
    def _create(cls, model_class: type[Project], *args: Any, **kwargs: Any) -> Project:
        with transaction.atomic():  # the owner's membership is checked at commit
            project = model_class.objects.create(*args, members_count=1, **kwargs)
            Membership.objects.create(project=project, user=project.owner, role=Role.OWNER)
        return project


class MembershipFactory(factory.django.DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    project = factory.SubFactory(ProjectFactory)
    role = Role.MEMBER

    @classmethod
    def _create(cls, model_class: type[Membership], *args: Any, **kwargs: Any) -> Membership:
        membership = model_class.objects.create(*args, **kwargs)
        Project.objects.filter(pk=membership.project_id).update(members_count=F("members_count") + 1)
        membership.project.refresh_from_db(fields=["members_count"])
        return membership
