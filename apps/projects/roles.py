"""Who may do what in a project. The only module that says so."""

from __future__ import annotations

from enum import StrEnum, auto

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a membership makes of a person, weakest first."""

    VIEWER = "viewer", _("Viewer")
    COMMENTER = "commenter", _("Commenter")
    MEMBER = "member", _("Member")
    ADMIN = "admin", _("Admin")
    OWNER = "owner", _("Owner")


class Capability(StrEnum):
    """What an action may need."""

    VIEW = auto()
    COMMENT = auto()
    WRITE_TASKS = auto()
    DELETE_ANY_TASK = auto()
    MANAGE_PROJECT = auto()
    OWN_PROJECT = auto()


GRANTS: dict[str, frozenset[Capability]] = {
    Role.VIEWER: frozenset({Capability.VIEW}),
    Role.COMMENTER: frozenset({Capability.VIEW, Capability.COMMENT}),
    Role.MEMBER: frozenset({Capability.VIEW, Capability.COMMENT, Capability.WRITE_TASKS}),
    Role.ADMIN: frozenset(Capability) - {Capability.OWN_PROJECT},
    Role.OWNER: frozenset(Capability),
}

# What a role can be given through the API; ownership moves by transfer alone.
GRANTABLE = (Role.VIEWER, Role.COMMENTER, Role.MEMBER, Role.ADMIN)
GRANTABLE_CHOICES = [(role.value, role.label) for role in GRANTABLE]


def allows(role: str | None, capability: Capability) -> bool:
    """Return whether `role` holds `capability`. No role, no capability."""
    return role is not None and capability in GRANTS[role]
