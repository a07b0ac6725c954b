"""What the admin pages of all apps share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from apps.common.errors import DomainError, ValidationError
from apps.common.lists.search import NameSearch
from apps.common.text.sorting import SortKey

SEARCH_LENGTH = 500


class TextChangeList(ChangeList):
    """Sorts the columns in `sorted_as_text` as people expect text."""

    def get_ordering_field(self, field_name: Callable[..., Any] | str) -> Any:
        field = super().get_ordering_field(field_name)
        return SortKey(field) if field in getattr(self.model_admin, "sorted_as_text", ()) else field


class TextMixin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Searches and sorts as the API does: `search_fields` by each word as a part, those with `=` in front in full.

    `search_people` refer to people, who are looked up by username or address in full.
    """

    search_people: tuple[str, ...] = ()
    sorted_as_text: tuple[str, ...] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return TextChangeList

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Return whatever makes the search box appear."""
        return (*self.search_fields, *self.search_people)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.replace("\x00", " ").strip()[:SEARCH_LENGTH]
        if not term:
            return queryset, False
        names = [name for name in self.search_fields if not name.startswith("=")]
        found = NameSearch.parse(term).found_in(*names) if names else Q()
        for name in set(self.search_fields).difference(names):
            found |= Q(**{f"{name.removeprefix('=')}__iexact": term})
        for name in self.search_people:
            found |= Q(**{f"{name}__in": get_user_model()._default_manager.named(term)})
        return queryset.filter(found), False


class ReadOnlyAdmin(TextMixin):
    """To look at; what can be done is an action."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ServiceAdmin(TextMixin):
    """Writes through services: what they refuse is a message above the form, not a 500.

    Nothing is ever deleted by Django's own cascade.
    """

    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as error:
            self.message_user(request, reason(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


def reason(error: DomainError) -> str:
    """Return why a service refused, in one line for a person."""
    errors = error.errors if isinstance(error, ValidationError) else ()
    return " ".join(item.detail for item in errors) or error.detail
