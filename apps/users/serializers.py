"""The JSON shapes of people."""

from __future__ import annotations

from django.conf import settings
from rest_framework import serializers

from apps.users.models import User


class PersonSerializer(serializers.ModelSerializer[User]):
    """A person inside another object."""

    avatar = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("id", "username", "nickname", "avatar")
        read_only_fields = fields

    def get_avatar(self, user: User) -> str | None:
        """Return the picture's public address."""
        return f"{settings.PUBLIC_URL}{settings.MEDIA_URL}{user.avatar}" if user.avatar else None
