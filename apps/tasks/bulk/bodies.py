"""From the bodies of requests to orders: what is wrong with all is a 400, what is wrong with one its own error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from apps.batches.models import Action
from apps.common.api.problems import field_errors
from apps.common.errors import DomainError, FieldError, ValidationError
from apps.tasks.bulk.orders import NewTask, Order
from apps.tasks.bulk.serializers import CHANGES, NoChangesSerializer
from apps.tasks.serializers import TaskDetailSerializer

EARLIER = re.compile(r"#([0-9]{1,3})")  # a task of the same list, counted from 0


def read_order(body: Mapping[str, Any], context: Mapping[str, Any]) -> Order:
    """Return the order in a checked body; ValidationError at /changes/… for fields that the action does not have."""
    action = Action(body["action"])
    made = CHANGES.get(action, NoChangesSerializer)(
        data=body["changes"], partial=action == Action.UPDATE, context=dict(context)
    )
    fields, fault = _checked(made)
    unknown = [error for error in fault.errors if error.code == "unknown_field"] if fault else []
    if unknown:
        raise ValidationError(*(FieldError(f"/changes{each.pointer}", each.code, each.detail) for each in unknown))
    versions = {int(task_id): version for task_id, version in body["versions"].items()}
    return Order(action=action, changes=fields, fault=fault, versions=versions)


def read_task(body: Mapping[str, Any], position: int, context: Mapping[str, Any]) -> NewTask | DomainError:
    """Return the order for the task at `position` of a list, or what is wrong with it.

    A `parent` of `#0` is the first task of the list; it must be an earlier one (BU7).
    """
    above = EARLIER.fullmatch(body["parent"]) if isinstance(body.get("parent"), str) else None
    if above is not None and int(above[1]) >= position:
        return ValidationError.at("/parent", "does_not_exist", "A parent is an earlier task of the list.")
    data = {name: value for name, value in body.items() if above is None or name != "parent"}
    fields, fault = _checked(TaskDetailSerializer(data=data, context=dict(context)))
    return fault or NewTask(fields, None if above is None else int(above[1]))


def _checked(serializer: serializers.BaseSerializer[Any]) -> tuple[dict[str, Any], ValidationError | None]:
    try:
        serializer.is_valid(raise_exception=True)
    except serializers.ValidationError as error:
        return {}, ValidationError(*field_errors(error.detail))
    return dict(serializer.validated_data), None
