"""The JSON shapes of sync."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.common.api.serializers import IdListField, StrictSerializer, TextField
from apps.sync.parameters import PROJECTS_MAX
from apps.sync.types import SyncType
from apps.users.serializers import PersonSerializer

TYPE_CHOICES = [(sync_type.value, sync_type.value) for sync_type in SyncType]
OP_CHOICES = [(op, op) for op in ("upsert", "delete", "reset")]
LIMIT, LIMIT_MAX = 200, 500
TOKEN_LENGTH = 100_000  # of thousands of projects


class SyncSerializer(StrictSerializer):
    """What of a copy is to be continued."""

    since = TextField(
        max_length=TOKEN_LENGTH,
        required=False,
        allow_null=True,
        default=None,
        trim_whitespace=False,
        help_text="`next` of the page before; without it a new copy begins.",
    )
    types = serializers.ListField(
        child=serializers.ChoiceField(choices=TYPE_CHOICES),
        required=False,
        allow_empty=False,
        help_text="Only objects of these types; all, unless it is sent. The same on each page.",
    )
    projects = IdListField(
        required=False,
        allow_empty=False,
        max_length=PROJECTS_MAX,
        help_text="Only these projects; all that the caller sees, unless it is sent. The same on each page.",
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=LIMIT_MAX, default=LIMIT, help_text="The largest number of changes in the answer."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the fields with types as such."""
        types = frozenset(map(SyncType, attrs.get("types", SyncType)))
        return {"projects": None, **attrs, "types": types}


class SyncChangeSerializer(serializers.Serializer[Any]):
    """What has become of an object."""

    type = serializers.ChoiceField(choices=TYPE_CHOICES)
    op = serializers.ChoiceField(
        choices=OP_CHOICES,
        help_text="`upsert` replaces the object, `delete` drops it with what hangs on it, `reset` all of the project.",
    )
    id = serializers.IntegerField(help_text="Of a member the person's.")
    project = serializers.IntegerField(
        required=False, help_text="Where the object is, or was; not with `delete` and `reset` of a project."
    )
    seq = serializers.IntegerField(required=False, help_text="The event of the project as of which this is.")
    data = serializers.DictField(  # type: ignore[assignment]  # DRF has an attribute of this name
        required=False, help_text="Only with `upsert`: the object as its route shows it, with ids as references."
    )
    replaced_by = serializers.IntegerField(
        required=False, allow_null=True, help_text="Only with the `delete` of a label: the one it was merged into."
    )


class SyncPageSerializer(serializers.Serializer[Any]):
    """What a copy has to hear next."""

    changes = SyncChangeSerializer(many=True, help_text="In the order in which they are to be applied.")
    people = PersonSerializer(many=True, help_text="All whose ids are in the changes.")
    next = serializers.CharField(help_text="The token to ask with next.")
    has_more = serializers.BooleanField(help_text="Whether to ask again at once.")
    me_changed = serializers.BooleanField(
        help_text="Whether profile, unread notifications, personal views or favourites have changed."
    )


class SyncStateSerializer(serializers.Serializer[Any]):
    """What a client compares its copy with."""

    projects = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="By the id of each visible project the number of its last event.",
    )
    me = serializers.CharField(
        help_text=(
            "A digest that is another one once the profile, the number of unread notifications, personal views or "
            "favourites have changed."
        )
    )
