"""What a task says of its relations, in Python and in SQL alike."""

from __future__ import annotations

from django.db.models import BooleanField, F, Func, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from rest_framework import serializers

from apps.tasks.models import Relation, Task


class IsBlockedField(serializers.BooleanField):
    """Whether an open task blocks it; computed at each read (contract DE6)."""

    def get_attribute(self, instance: Task) -> bool:
        return Relation.objects.open_blockers_of(instance.pk).exists()

    def json_sql(self, path: str) -> Coalesce:
        """Return the same in SQL, see `apps.common.sql.json`.

        Not EXISTS: for a list PostgreSQL would rather hash all open blockers there are than look up those of a page.
        """
        found = Relation.objects.open_blockers_of(OuterRef(f"{path}pk")).values(found=Value(True))[:1]
        return Coalesce(Subquery(found), Value(False), output_field=BooleanField())


class RelationsCountField(serializers.IntegerField):
    """How many relations its list shows."""

    def get_attribute(self, instance: Task) -> int:
        return Relation.objects.listed_for(instance.pk).count()

    def json_sql(self, path: str) -> Subquery:
        """Return the same in SQL, see `apps.common.sql.json`."""
        total = Func(F("pk"), function="count", output_field=IntegerField())
        return Subquery(Relation.objects.listed_for(OuterRef(f"{path}pk")).values(total=total))
