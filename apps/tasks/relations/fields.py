"""What a task says of its relations, in Python and in SQL alike."""

from __future__ import annotations

from django.db.models import Exists, F, Func, IntegerField, OuterRef, Subquery
from rest_framework import serializers

from apps.tasks.models import Relation, Task


class IsBlockedField(serializers.BooleanField):
    """Whether an open task blocks it; computed at each read (contract DE6)."""

    def get_attribute(self, instance: Task) -> bool:
        return Relation.objects.open_blockers_of(instance.pk).exists()

    def json_sql(self, path: str) -> Exists:
        """Return the same in SQL, see `apps.common.sql.json`."""
        return Exists(Relation.objects.open_blockers_of(OuterRef(f"{path}pk")))


class RelationsCountField(serializers.IntegerField):
    """How many relations its list shows."""

    def get_attribute(self, instance: Task) -> int:
        return Relation.objects.listed_for(instance.pk).count()

    def json_sql(self, path: str) -> Subquery:
        """Return the same in SQL, see `apps.common.sql.json`."""
        total = Func(F("pk"), function="count", output_field=IntegerField())
        return Subquery(Relation.objects.listed_for(OuterRef(f"{path}pk")).values(total=total))
