"""What the list of tasks, and the statistics, can be narrowed by."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from apps.common.errors import ValidationError
from apps.common.lists.criteria import Criteria, RawFilter
from apps.common.lists.filters import InstantFilter, SearchTextField, StrictBooleanFilter
from apps.tasks.filtering.binding import Binder, ValueBinder
from apps.tasks.filtering.composing import Composed, compose
from apps.tasks.filtering.conditions import unread_by
from apps.tasks.filtering.errors import FilterError
from apps.tasks.filtering.nodes import Node
from apps.tasks.filtering.parsing import MAX_LENGTH, parse
from apps.tasks.filtering.reader import Reader, reader_of
from apps.tasks.labels.filters import LabelSets, TaskLabelFilter, with_any, with_labels, with_none
from apps.tasks.models import Priority, SavedView, Status, Task, overdue, watched_by
from apps.tasks.relations.filters import RelatedToFilter, filter_blocked, filter_blocking
from apps.tasks.saved_views.running import ComposedView, compose_view, find_view
from apps.tasks.search import Search, search_tasks
from apps.tasks.subtasks.tree import IsBelow
from apps.users.names import validate_timezone

ID_MAX = 2**63 - 1
SEARCH_LENGTH = 500
MAX_PROJECTS = 50


class Who(Enum):
    """Words that stand for a person."""

    ME = "me"
    NOBODY = "none"


class PersonField(forms.CharField):
    """An id, `me` or `none`."""

    def clean(self, value: Any) -> int | Who | None:
        text = super().clean(value).lower()
        if not text:
            return None
        if text in {"me", "none"}:
            return Who(text)
        return _id(text, "Give a user's id, `me` or `none`.")


@extend_schema_field({"type": "string", "pattern": "^(me|none|[0-9]{1,19})$"})
class PersonFilter(filters.Filter):
    """Compares with a person; `me` is the caller, `none` is nobody."""

    field_class = PersonField

    def filter(self, queryset: QuerySet[Any], value: int | Who | None) -> QuerySet[Any]:
        if value is None:
            return queryset
        if value is Who.NOBODY:
            return queryset.filter(**{f"{self.field_name}__isnull": True})
        return queryset.filter(**{self.field_name: self.parent.request.user.pk if value is Who.ME else value})


class SearchField(SearchTextField):
    """Words, or a task's key."""

    def clean(self, value: Any) -> Search | None:  # type: ignore[override]
        text = super().clean(value)
        return Search.parse(text) if text else None


@extend_schema_field({"type": "string", "maxLength": SEARCH_LENGTH})
class SearchFilter(filters.Filter):
    """All words in title or description, or a task's key."""

    field_class = SearchField

    def filter(self, queryset: QuerySet[Any], value: Search | None) -> QuerySet[Any]:
        if not value:
            return queryset
        return search_tasks(queryset, value, projects=self.parent.form.cleaned_data["project"])


class IdsField(forms.Field):
    """One or more ids."""

    widget = forms.SelectMultiple

    def clean(self, value: Any) -> list[int]:
        ids = [_id(str(item), "Give a project's id.") for item in value or []]
        if len(ids) > MAX_PROJECTS:
            raise forms.ValidationError(f"Name at most {MAX_PROJECTS} projects.", code="too_many")
        return ids


@extend_schema_field({"type": "array", "items": {"type": "integer", "format": "int64", "minimum": 0}})
class ProjectFilter(filters.Filter):
    """Tasks of the projects with these ids."""

    field_class = IdsField

    def filter(self, queryset: QuerySet[Any], value: list[int]) -> QuerySet[Any]:
        # Equalities: a single one lets an index that begins with the project give the order too.
        return queryset.filter(reduce(or_, (Q(project=each) for each in value))) if value else queryset


@extend_schema_field({"type": "string", "pattern": "^me$"})
class WatchingFilter(filters.ChoiceFilter):
    """Tasks that somebody watches; people see that of themselves alone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[(Who.ME.value, Who.ME.value)], **options)

    def filter(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(watched_by(self.parent.request.user)) if value else queryset


class ParentField(forms.CharField):
    """An id, or `none`."""

    def clean(self, value: Any) -> int | Who | None:
        text = super().clean(value).lower()
        if not text:
            return None
        return Who.NOBODY if text == Who.NOBODY.value else _id(text, "Give a task's id, or `none`.")


@extend_schema_field({"type": "string", "pattern": "^(none|[0-9]{1,19})$"})
class ParentFilter(filters.Filter):
    """The direct children of a task, or roots."""

    field_class = ParentField

    def filter(self, queryset: QuerySet[Any], value: int | Who | None) -> QuerySet[Any]:
        if value is None:
            return queryset
        return queryset.filter(parent=None) if value is Who.NOBODY else queryset.filter(parent=value)


class IdField(forms.CharField):
    """One id."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        return _id(text, "Give a task's id.") if text else None


@extend_schema_field({"type": "integer", "format": "int64", "minimum": 0})
class SubtreeFilter(filters.Filter):
    """All tasks below a task, without itself."""

    field_class = IdField

    def filter(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return queryset if value is None else queryset.filter(IsBelow(value))


class ZoneField(forms.Field):
    """An IANA time zone."""

    def clean(self, value: Any) -> ZoneInfo | None:
        try:
            return read_zone(value or "")
        except ValidationError as error:
            raise forms.ValidationError(error.errors[0].detail, code="invalid") from None


@extend_schema_field({"type": "string", "maxLength": MAX_LENGTH})
class LanguageFilter(RawFilter):
    """The filter language: its condition, once the filterset has composed it for the caller."""

    field_class: type[forms.Field] = forms.Field

    def filter(self, queryset: QuerySet[Any], value: Composed | ComposedView | None) -> QuerySet[Any]:
        return queryset.filter(value.condition) if value else queryset


class ViewIdField(forms.CharField):
    """A view's id."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        return _id(text, "Give a view's id.") if text else None


@extend_schema_field({"type": "integer", "format": "int64", "minimum": 0})
class ViewFilter(LanguageFilter):
    """A saved view, with its project and its order."""

    field_class = ViewIdField


@extend_schema_field({"type": "string"})
class ZoneFilter(RawFilter):
    """The time zone of the days in a filter; it narrows nothing."""

    field_class = ZoneField

    def filter(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return queryset


class TaskFilter(filters.FilterSet):
    """Tasks that are archived neither themselves nor with their project, unless asked otherwise."""

    project = ProjectFilter(help_text="Project id; repeatable. Shows an archived project's tasks too.")
    status = filters.MultipleChoiceFilter(choices=Status.choices, distinct=False, help_text="Repeatable.")
    priority = filters.MultipleChoiceFilter(choices=Priority.choices, distinct=False, help_text="Repeatable.")
    assigned_to = PersonFilter(help_text="A user's id, `me`, or `none` for unassigned tasks.")
    created_by = PersonFilter(help_text="A user's id, `me` or `none`.")
    due_after = InstantFilter("due_date", "gte", help_text="Due at this instant or later.")
    due_before = InstantFilter("due_date", "lt", help_text="Due before this instant.")
    created_after = InstantFilter("created_at", "gte", help_text="Created at this instant or later.")
    created_before = InstantFilter("created_at", "lt", help_text="Created before this instant.")
    updated_after = InstantFilter("updated_at", "gte", help_text="Changed at this instant or later.")
    overdue = StrictBooleanFilter(method="filter_overdue", help_text="Past the due date and not done.")
    archived = StrictBooleanFilter(
        method="filter_archived",
        help_text=(
            "`true` for what is archived itself or, without `project`, `parent` and `subtree_of`, with its project."
            " Default `false`."
        ),
    )
    parent = ParentFilter(help_text="The sub-tasks of the task with this id, or `none` for tasks without a parent.")
    subtree_of = SubtreeFilter(help_text="Everything below the task with this id, without itself.")
    has_attachments = StrictBooleanFilter(method="filter_attachments", help_text="With or without files.")
    blocked = StrictBooleanFilter(method=filter_blocked, help_text="Open, and blocked by a task that is open.")
    blocking = StrictBooleanFilter(method=filter_blocking, help_text="Open, and blocks a task that is open.")
    related_to = RelatedToFilter(help_text="The id of a task that has a relation to them, of any kind.")
    watching = WatchingFilter(help_text="`me`: tasks that the caller watches.")
    unread = StrictBooleanFilter(
        method="filter_unread", help_text="With or without a notification that the caller has not read in the app."
    )
    label_any = TaskLabelFilter(
        method="filter_label_any",
        help_text="A label's id, or `name:bug` for that name in any project; repeatable. Tasks with one of them.",
    )
    label_all = TaskLabelFilter(
        method="filter_label_any", is_each=True, help_text="Like `label_any`: tasks with all of them."
    )
    label_none = TaskLabelFilter(method="filter_label_none", help_text="Like `label_any`: tasks with none of them.")
    has_labels = StrictBooleanFilter(method="filter_has_labels", help_text="With or without labels.")
    search = SearchFilter(
        max_length=SEARCH_LENGTH,
        help_text="All words in title or description, the last one as a prefix; or a task's key.",
    )

    filter = LanguageFilter(help_text="The filter language, such as `assignee = me and due < today+7d`.")
    view = ViewFilter(required=False, help_text="A saved view; its order holds unless `ordering` is sent.")
    tz = ZoneFilter(help_text="The time zone of the days in `filter`, an IANA name. Default: that of the profile.")

    class Meta:
        model = Task
        fields: list[str] = []

    @classmethod
    def completed(cls, criteria: Criteria, actor: Any) -> Criteria:
        """Return the criteria with the filter composed for the caller; FilterError for what is wrong with it."""
        node = parse(criteria.cleaned["filter"]) if criteria.cleaned["filter"] else None
        if criteria.cleaned["view"] is not None:
            view = find_view(criteria.cleaned["view"], actor)
            criteria = cls.viewed(criteria, view, reader_of(actor, zone=criteria.cleaned["tz"]))
        return cls.narrowed(criteria, node, actor)

    @classmethod
    def viewed(cls, criteria: Criteria, view: SavedView, reader: Reader) -> Criteria:
        """Return the criteria with a view in addition, whose order holds where the request has none."""
        composed = compose_view(view, reader, Binder("view"))
        return replace(
            criteria,
            shape=(*criteria.shape, ("view", composed.shape)),
            values=criteria.values | dict(composed.values),
            cleaned=criteria.cleaned | {"view": composed},
            is_composed=True,
            ordering=view.ordering,
            context=composed.context,
        )

    @classmethod
    def narrowed(cls, criteria: Criteria, node: Node | None, actor: Any) -> Criteria:
        """Return the criteria with the filter `node` in addition."""
        if node is None:
            return replace(criteria, cleaned=criteria.cleaned | {"filter": None})
        composed = compose(node, reader_of(actor, zone=criteria.cleaned["tz"]))
        return replace(
            criteria,
            shape=(*criteria.shape, ("filter", composed.shape)),
            values=criteria.values | dict(composed.values),
            cleaned=criteria.cleaned | {"filter": composed},
            is_composed=True,
        )

    def is_valid(self) -> bool:
        """Return whether the parameters are right; the filter is composed for a queryset that runs once.

        Lists whose statements are kept do not come here: see `completed`.
        """
        if not super().is_valid():
            return False
        cleaned = self.form.cleaned_data
        if isinstance(cleaned["filter"], Composed) or isinstance(cleaned["view"], ComposedView):
            return True
        try:
            node = parse(cleaned["filter"] or "")
            reader = reader_of(self.request.user, zone=cleaned["tz"])
            if cleaned["view"] is not None:
                bind = ValueBinder(reader.user)
                cleaned["view"] = compose_view(find_view(cleaned["view"], reader.user), reader, bind)
            cleaned["filter"] = None if node is None else compose(node, reader, bind=ValueBinder(reader.user))
        except FilterError as error:
            (entry,) = error.errors
            self.form.add_error("filter", forms.ValidationError(entry.detail, code=entry.code))
        return not self.form.errors

    def filter_queryset(self, queryset: QuerySet[Task]) -> QuerySet[Task]:
        filtered: QuerySet[Task] = super().filter_queryset(queryset)
        asked = (self.form.cleaned_data["filter"], self.form.cleaned_data["view"])
        if self.form.cleaned_data["archived"] is None and not any(one and one.names_archived for one in asked):
            filtered = self.filter_archived(filtered, "archived", value=False)
        return filtered

    def filter_archived(self, queryset: QuerySet[Task], name: str, value: bool) -> QuerySet[Task]:
        archived = Q(archived_at__isnull=False)
        if not self.names_a_place():
            archived |= Q(project__archived_at__isnull=False)
        return queryset.filter(archived if value else ~archived)

    def names_a_place(self) -> bool:
        """Return whether the tasks of one project or tree are asked for, archived or not."""
        asked = self.form.cleaned_data
        has_parent = asked["parent"] is not None and asked["parent"] is not Who.NOBODY
        of_view = asked["view"] is not None and asked["view"].project_id is not None
        return of_view or bool(asked["project"]) or has_parent or asked["subtree_of"] is not None

    def filter_overdue(self, queryset: QuerySet[Task], name: str, value: bool) -> QuerySet[Task]:
        return queryset.filter(overdue(now=Now())) if value else queryset.exclude(overdue(now=Now()))

    def filter_unread(self, queryset: QuerySet[Task], name: str, value: bool) -> QuerySet[Task]:
        unread = unread_by(self.request.user)
        return queryset.filter(unread if value else ~unread)

    def filter_label_any(self, queryset: QuerySet[Task], name: str, value: LabelSets) -> QuerySet[Task]:
        return with_any(queryset, value)

    def filter_label_none(self, queryset: QuerySet[Task], name: str, value: LabelSets) -> QuerySet[Task]:
        return with_none(queryset, value)

    def filter_has_labels(self, queryset: QuerySet[Task], name: str, value: bool) -> QuerySet[Task]:
        return with_labels(queryset, value=value)

    def filter_attachments(self, queryset: QuerySet[Task], name: str, value: bool) -> QuerySet[Task]:
        return queryset.filter(attachments_count__gt=0) if value else queryset.filter(attachments_count=0)


def read_zone(text: str) -> ZoneInfo | None:
    """Return a time zone by its IANA name, None for an empty one; ValidationError at /tz for what is none."""
    if not text:
        return None
    try:
        validate_timezone(text)
        return ZoneInfo(text)
    except (DjangoValidationError, ZoneInfoNotFoundError):
        raise ValidationError.at("/tz", "invalid", "Give an IANA time zone, such as Europe/Berlin.") from None


def _id(text: str, message: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= ID_MAX:
        return int(text)
    raise forms.ValidationError(message, code="invalid")
