"""What the list of labels can be narrowed by, and how the list of tasks is narrowed by labels (contract LA6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request

from apps.common.api.serializers import ID_MAX
from apps.common.errors import FieldError, ValidationError
from apps.common.lists.criteria import CompositeFilterValue, Criteria
from apps.common.lists.filters import SearchTextField, SearchTextFilter
from apps.common.sql.statements import AnyOf
from apps.common.text.normal_form import normal_form
from apps.tasks.models import LABEL_NAME_LENGTH, Label, TaskLabel

NAMED = "name:"
MAX_TERMS = 50  # of one parameter
TERM_LENGTH = len(NAMED) + LABEL_NAME_LENGTH

Term = int | str  # a label's id, or the normal form of a name


class LabelFilter(filters.FilterSet):
    """Labels by a part of their name."""

    search = SearchTextFilter(method="filter_search", max_length=100, help_text="A part of the name, ignoring case.")

    class Meta:
        model = Label
        fields: list[str] = []

    def filter_search(self, queryset: QuerySet[Label], name: str, value: str) -> QuerySet[Label]:
        return queryset.filter(normal_name__contains=normal_form(value))


@dataclass(frozen=True)
class Unresolved:
    """What a parameter of a statement is to be made of: the ids of the visible labels that `terms` name."""

    filter: str
    terms: Sequence[Term]


@dataclass(frozen=True)
class LabelSets(CompositeFilterValue):
    """Labels that a task is compared with: parameters that hold a set of ids each."""

    terms: Sequence[Term] = ()
    is_each: bool = False  # a set for each term, instead of one for all of them
    parameters: Sequence[str] = ()

    def as_parameters(self, name: str) -> tuple[Any, dict[str, Any], LabelSets]:
        sets = [[term] for term in self.terms] if self.is_each else [self.terms]
        values = {f"{name}{position}": Unresolved(name, terms) for position, terms in enumerate(sets)}
        return len(values), values, LabelSets(parameters=tuple(values))

    def carried(self) -> list[Exists]:
        """Return for each set the condition that a task carries one of its labels."""
        carried = TaskLabel.objects.filter(task=OuterRef("pk"))
        return [Exists(carried.filter(AnyOf("label_id", name))) for name in self.parameters]


class LabelTermsField(forms.Field):
    """One or more labels, each by its id or as `name:bug`."""

    widget = forms.SelectMultiple

    def __init__(self, *, is_each: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.is_each = is_each

    def clean(self, value: Any) -> LabelSets | None:
        terms = [_term(str(item)) for item in value or []]
        if len(terms) > MAX_TERMS:
            raise forms.ValidationError(f"Name at most {MAX_TERMS} labels.", code="too_many")
        return LabelSets(terms, self.is_each) if terms else None


@extend_schema_field(
    {"type": "array", "items": {"type": "string", "pattern": "^([0-9]{1,19}|name:.+)$", "maxLength": TERM_LENGTH}}
)
class TaskLabelFilter(filters.Filter):
    """Compares the labels of tasks; the filter's method is given a LabelSets."""

    field_class = LabelTermsField


def with_any(tasks: QuerySet[Any], labels: LabelSets | None) -> QuerySet[Any]:
    """Return those of `tasks` that carry a label of every set."""
    return tasks.filter(*labels.carried()) if labels else tasks


def with_none(tasks: QuerySet[Any], labels: LabelSets | None) -> QuerySet[Any]:
    """Return those of `tasks` that carry no label of any set."""
    return tasks.filter(*(~condition for condition in labels.carried())) if labels else tasks


def with_labels(tasks: QuerySet[Any], *, value: bool) -> QuerySet[Any]:
    """Return those of `tasks` that carry a label, or those that carry none."""
    carried = Exists(TaskLabel.objects.filter(task=OuterRef("pk")))
    return tasks.filter(carried if value else ~carried)


class LabelCriteriaMixin:
    """The criteria of a list of tasks, with labels looked up; stands before the mixin that reads them."""

    def criteria(self: Any, request: Request) -> Criteria:
        """Return what the query parameters ask for; ValidationError for a label that the caller does not see."""
        criteria: Criteria = super().criteria(request)  # type: ignore[misc]
        return replace(criteria, values=resolve_labels(criteria.values, user_id=self.actor.pk))


def resolve_labels(values: dict[str, Any], *, user_id: int) -> dict[str, Any]:
    """Return the values of a list's parameters with the ids of labels in place of what names them.

    One statement, none without a label. Raises ValidationError `does_not_exist` at the filter of a label that
    the person does not see.
    """
    open_values = {name: value for name, value in values.items() if isinstance(value, Unresolved)}
    if not open_values:
        return values
    found = _visible({term for value in open_values.values() for term in value.terms}, user_id=user_id)
    missing = {
        value.filter: FieldError(f"/{value.filter}", "does_not_exist", f"There is no label {term!r}.")
        for value in open_values.values()
        for term in value.terms
        if term not in found
    }
    if missing:
        raise ValidationError(*missing.values())
    resolved = {name: sorted({pk for term in value.terms for pk in found[term]}) for name, value in open_values.items()}
    return {**values, **resolved}


def _visible(terms: set[Term], *, user_id: int) -> dict[Term, list[int]]:
    """Return {term: ids} for the terms that name labels visible to the person."""
    names = [term for term in terms if isinstance(term, str)]
    ids = [term for term in terms if isinstance(term, int)]
    labels = Label.objects.visible_to(user_id)
    by_id, by_name = labels.filter(pk__in=ids), labels.filter(normal_name__in=names)
    found: dict[Term, list[int]] = {}
    for pk, name in by_id.values_list("pk", "normal_name").union(by_name.values_list("pk", "normal_name")):
        if name in terms:
            found.setdefault(name, []).append(pk)
        if pk in terms:
            found[pk] = [pk]
    return found


def _term(text: str) -> Term:
    text = text.strip()
    if text.startswith(NAMED):
        name = SearchTextField(required=False).clean(text.removeprefix(NAMED))
        return normal_form(name)
    if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= ID_MAX:
        return int(text)
    raise forms.ValidationError("Give a label's id, or `name:` and a name.", code="invalid")
