"""Shapes of people and tokens."""

from __future__ import annotations

from rest_framework import serializers

from apps.users.avatars import avatar_url
from apps.users.models import User

# What PersonSerializer reads: for `.only()` and `.values()` of lists.
PERSON_FIELDS = ("id", "username", "nickname", "avatar")


class AvatarField(serializers.CharField):
    """The stored name out as a public URL, or null."""

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        return avatar_url(value)


class PersonSerializer(serializers.ModelSerializer[User]):
    """A person inside another object."""

    avatar = AvatarField(read_only=True, allow_null=True)

    class Meta:
        model = User
        fields = PERSON_FIELDS
        read_only_fields = fields
