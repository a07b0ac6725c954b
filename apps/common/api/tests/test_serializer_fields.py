"""Fields that are built once per class serve each serializer as if they were its own."""

from __future__ import annotations

import pytest
from rest_framework import serializers

from apps.common.api.serializers import StrictMixin, checked
from apps.tasks.comments.serializers import CommentTextSerializer
from apps.tasks.quick.serializers import QuickSerializer
from apps.tasks.serializers import (
    AssignTaskSerializer,
    MoveTaskSerializer,
    SetTaskStatusSerializer,
    TaskDetailSerializer,
    TaskUpdateSerializer,
)
from apps.users.serializers import UserSerializer


def every_class(kind=StrictMixin):
    for below in kind.__subclasses__():
        yield from every_class(below)
        if issubclass(below, serializers.BaseSerializer) and hasattr(below, "Meta"):
            yield below


def test_no_two_serializers_share_a_field_and_each_field_knows_its_own():
    classes = {kind for kind in every_class() if kind.__module__.startswith("apps.")}
    assert TaskDetailSerializer in classes

    for kind in classes:
        first, second = kind().fields, kind().fields
        assert first.keys() == second.keys()
        for name in first:
            assert first[name] is not second[name]
            assert (first[name].parent.__class__, second[name].parent.__class__) == (kind, kind)
            assert first[name].parent is not second[name].parent
            if child := getattr(second[name], "child", None):
                assert child.parent is second[name]


def test_what_a_serializer_changes_of_a_field_stays_its_own(rf, owner, staff):
    def may_switch(user):
        request = rf.get("/")
        request.user = user
        return not UserSerializer(context={"request": request}).fields["is_active"].read_only

    assert (may_switch(owner), may_switch(staff), may_switch(owner)) == (False, True, False)


KINDS = (
    AssignTaskSerializer,
    CommentTextSerializer,
    MoveTaskSerializer,
    QuickSerializer,
    SetTaskStatusSerializer,
    TaskDetailSerializer,
    TaskUpdateSerializer,
)
BODIES = (
    {"project": 1, "title": " New ", "assigned_to": {"id": 3}, "labels": [1, 2], "metadata": {"a": [1]}},
    {"title": "New", "due_date": "2027-01-01T10:00:00+02:00", "status": "done", "parent": 4},
    {"title": "", "due_on": "no day", "duration": -1, "labels": "none", "colour": "red", "metadata": []},
    {"labels": [1], "labels_add": [2], "labels_remove": [2]},
    {"assigned_to": None},
    {"assigned_to": 1.5},
    {"status": "review", "on_subtasks": "complete"},
    {"after": 3},
    {"after": 3, "position": "first"},
    {"position": "last", "status": "todo"},
    {"body": "Seen **here**"},
    {"body": "  "},
    {"text": "Call Ann tomorrow !high", "project": 7, "tz": "Europe/Paris", "dry_run": True},
    {},
    [],
    None,
    "text",
)


def outcome(check):
    try:
        return dict(check())
    except serializers.ValidationError as error:
        return error.get_full_details()


def as_each_its_own(kind, body, *, partial):
    serializer = kind(data=body, partial=partial)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("partial", [False, True])
def test_a_serializer_that_is_kept_says_of_every_body_what_a_new_one_says(kind, partial):
    expected = [outcome(lambda body=body: as_each_its_own(kind, body, partial=partial)) for body in BODIES]

    for _ in range(2):  # nothing of a body is left in it
        found = [outcome(lambda body=body: checked(kind, body, partial=partial)) for body in BODIES]
        assert found == expected

    assert {"code", "message"} <= expected[-1]["non_field_errors"][0].keys()  # some are rejected


def test_what_was_checked_belongs_to_the_caller():
    body = {"text": "Call", "tz": "UTC"}

    checked(QuickSerializer, body).pop("tz")

    assert checked(QuickSerializer, body)["tz"] == "UTC"
    assert body == {"text": "Call", "tz": "UTC"}
