"""Fields that are built once per class serve each serializer as if they were its own."""

from __future__ import annotations

from rest_framework import serializers

from apps.common.api.serializers import StrictMixin
from apps.tasks.serializers import TaskDetailSerializer
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
