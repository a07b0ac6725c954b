"""What the admin pages of all apps share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers, widgets
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from apps.common.admin.fields import OVERRIDES, AutocompleteSelect, is_id
from apps.common.errors import DomainError, ValidationError
from apps.common.lists.search import NameSearch
from apps.common.text.sorting import SortKey

SEARCH_LENGTH = 500
LONG_NAME = 60  # characters from which a text gets a wide input
REJECTION = "_rejection"  # attribute of a request: what a service said to its form
# Where the admin's forms have another name for what a service names, or a code that is about one field
FIELDS = {"password": "password1", "new_password": "password1", "key_taken": "key"}


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


class CarefulAdmin(TextMixin):
    """Answers whatever a form or a query string holds, and takes text that nobody touched for unchanged."""

    show_full_result_count = False
    formfield_overrides = OVERRIDES

    class Media:
        css = {"all": ("common/admin.css",)}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if (
            isinstance(field, forms.CharField)
            and isinstance(field.widget, widgets.AdminTextInputWidget)
            and (field.max_length or 0) > LONG_NAME
        ):
            field.widget.attrs["class"] = "vLargeTextField"
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", AutocompleteSelect(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the address pre-fills: texts and references, as only they can be taken unread."""
        taken = {
            name: value
            for name, value in super().get_changeform_initial_data(request).items()
            if name in {field.name for field in self.opts.get_fields()}
        }
        return {name: value for name, value in taken.items() if _can_prefill(self.opts.get_field(name), value)}

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *args: Any) -> HttpResponse | None:
        if all(map(is_id, request.POST.getlist(helpers.ACTION_CHECKBOX_NAME))):
            return super().response_action(request, queryset, *args)
        self.message_user(request, "There are no such rows: nothing was done.", messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write a log entry, unless nothing was changed."""
        return super().log_change(request, obj, message) if message else None


def _can_prefill(field: Any, value: Any) -> bool:
    if isinstance(field, models.ForeignKey):
        return is_id(value)
    return isinstance(field, models.CharField | models.TextField)


class ReadOnlyAdmin(CarefulAdmin):
    """To look at; what can be done is an action."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ServiceAdmin(CarefulAdmin):
    """Writes through services: what they reject is an error of the form, which keeps what was typed.

    Nothing is ever deleted by Django's own cascade.
    """

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        rejection = getattr(request, REJECTION, None)
        return form if rejection is None else type(form.__name__, (RejectedForm, form), {"rejection": rejection})

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
            setattr(request, REJECTION, error)  # what was written is rolled back: the form is shown again
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except DomainError as error:
            self.message_user(request, reason(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Let a service write what has changed; nothing when nothing has."""
        if change and not form.has_changed():
            return
        self.write(request, obj, form, change=change)
        obj.refresh_from_db()

    def write(self, request: Any, obj: Any, form: Any, *, change: bool) -> None:
        """Call the service with the form's fields; a new row's id goes into `obj`."""
        raise NotImplementedError


class RejectedForm(forms.BaseForm):
    """A form whose content a service has rejected: the reasons stand at the fields they are about."""

    rejection: DomainError

    def full_clean(self) -> None:
        super().full_clean()
        error = self.rejection
        for item in error.errors if isinstance(error, ValidationError) else ():
            name = item.pointer.split("/")[1] if item.pointer else ""
            self._add(FIELDS.get(name, name), item.detail)
        if not (isinstance(error, ValidationError) and error.errors):
            self._add(FIELDS.get(error.code, ""), error.detail)

    def _add(self, name: str, detail: str) -> None:
        self.add_error(name if name in self.fields else None, detail)


def reason(error: DomainError) -> str:
    """Return why a service rejected, in one line for a person."""
    errors = error.errors if isinstance(error, ValidationError) else ()
    return " ".join(item.detail for item in errors) or error.detail
