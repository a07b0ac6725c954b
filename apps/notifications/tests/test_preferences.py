"""Preferences per kind: what is shown, what a patch changes, what it may not hold."""

from __future__ import annotations

import pytest

from apps.common.errors import ValidationError
from apps.notifications.preferences import merge, shown


def test_every_optional_kind_is_shown_with_its_defaults():
    kinds = shown({"poked": {"email": False}, "gone": {"email": True}})

    assert kinds["poked"] == {"email": False, "in_app": True}
    assert kinds["quietly_poked"] == {"email": False, "in_app": True}
    assert "account_poked" not in kinds
    assert "gone" not in kinds


def test_a_patch_touches_only_what_it_names():
    current = {"poked": {"email": False}, "quietly_poked": {"email": True}}

    merged = merge(current, {"poked": {"in_app": False}})

    assert merged == {"poked": {"email": False, "in_app": False}, "quietly_poked": {"email": True}}


@pytest.mark.parametrize(
    "patch", [{"poked": None}, {"poked": {"email": None}}, {"poked": {"email": None, "in_app": None}}]
)
def test_null_restores_the_default(patch):
    assert merge({"poked": {"email": False}}, patch) == {}


@pytest.mark.parametrize(
    ("patch", "pointer", "code"),
    [
        ([], "/notification_preferences", "invalid"),
        ({"nonsense": {}}, "/notification_preferences/nonsense", "unknown_field"),
        ({"account_poked": {"email": False}}, "/notification_preferences/account_poked", "unknown_field"),
        ({"poked": True}, "/notification_preferences/poked", "invalid"),
        ({"poked": {"sms": True}}, "/notification_preferences/poked/sms", "unknown_field"),
        ({"poked": {"email": "no"}}, "/notification_preferences/poked/email", "invalid"),
        ({"poked": {"email": 0}}, "/notification_preferences/poked/email", "invalid"),
    ],
)
def test_a_patch_with_anything_else_is_rejected(patch, pointer, code):
    with pytest.raises(ValidationError) as rejected:
        merge({}, patch)

    assert [(error.pointer, error.code) for error in rejected.value.errors] == [(pointer, code)]
