"""Asks roles.py whether the caller may do what the route does."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.projects.roles import Capability, allows


class HasCapability(IsAuthenticated):
    """Lets a role do an action that `view.required_capability` names; an unnamed one needs the owner.

    The object carries the caller's `role`: it comes with the row from `visible_to`.
    """

    def has_object_permission(self, request: Request, view: APIView, obj: Any) -> bool:
        return allows(obj.role, needed_capability(view))


def needed_capability(view: Any) -> Capability:
    """Return what the view's running action needs.

    A method that the route does not have needs no more than that the project is visible: the answer is a 405.
    """
    if view.action is None:
        return Capability.VIEW
    capability: Capability = view.required_capability.get(view.action, Capability.OWN_PROJECT)
    return capability
