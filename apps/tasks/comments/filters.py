"""What the list of a task's comments can be narrowed by."""

from __future__ import annotations

from enum import Enum
from typing import Any

from django import forms
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from apps.common.api.includes import IncludeFilter
from apps.tasks.models import Comment

ID_MAX = 2**63 - 1


class Who(Enum):
    """The word that stands for a person."""

    ME = "me"


class AuthorField(forms.CharField):
    """An id, or `me`."""

    def clean(self, value: Any) -> int | Who | None:
        text = super().clean(value).lower()
        if not text:
            return None
        if text == Who.ME.value:
            return Who.ME
        if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= ID_MAX:
            return int(text)
        raise forms.ValidationError("Give a user's id or `me`.", code="invalid")


@extend_schema_field({"type": "string", "pattern": "^(me|[0-9]{1,19})$"})
class AuthorFilter(filters.Filter):
    """Compares with a person; `me` is the caller."""

    field_class = AuthorField

    def filter(self, queryset: QuerySet[Any], value: int | Who | None) -> QuerySet[Any]:
        if value is None:
            return queryset
        return queryset.filter(author_id=self.parent.request.user.pk if value is Who.ME else value)


class CommentFilter(filters.FilterSet):
    """Comments by their author."""

    author = AuthorFilter(help_text="A user's id or `me`.")
    include = IncludeFilter(words=["html"], help_text="`html` adds `body_html`.")

    class Meta:
        model = Comment
        fields: list[str] = []
