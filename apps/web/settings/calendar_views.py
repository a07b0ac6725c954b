"""Calendar feeds: made, given another address, deleted. An address is only on the page that answers the act."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from apps.calendars import services
from apps.calendars.models import NAME_LENGTH, CalendarFeed, Components
from apps.calendars.serializers import CalendarFeedSerializer
from apps.calendars.views import address_of
from apps.common.errors import NotFoundError
from apps.common.text.sorting import SortKey
from apps.tasks.filtering.reader import reader_of
from apps.tasks.models import SavedView
from apps.tasks.saved_views.reading import present
from apps.web.base.forms import ServiceForm, dress
from apps.web.base.names import names_of_views
from apps.web.base.views import PageView


class CalendarFeedForm(ServiceForm):
    """What a feed is called, and what it shows."""

    serializer_class = CalendarFeedSerializer

    name = forms.CharField(max_length=NAME_LENGTH, help_text=gettext_lazy("What the calendar program calls it."))
    view = forms.TypedChoiceField(label=gettext_lazy("Tasks"), coerce=int, empty_value=None, required=False)
    details = forms.BooleanField(label=gettext_lazy("With descriptions"), required=False)

    def __init__(self, data: Any, *, views: Iterable[tuple[int, str]]) -> None:
        super().__init__(data)
        chosen = [("", gettext("My open tasks with a date")), *views]
        self.fields["view"].choices = chosen  # type: ignore[attr-defined]
        # A word of Python, so no attribute
        self.fields["as"] = forms.ChoiceField(
            label=gettext("Shown as"), choices=Components.choices, initial=Components.EVENT
        )
        dress(self.fields["as"].widget)


class CalendarFeedsView(PageView):
    """What the pages of feeds share."""

    template_name = "web/settings/calendars.html"

    @cached_property
    def views(self) -> list[tuple[int, str]]:
        """Return the views that the person sees, as they are called."""
        seen = SavedView.objects.visible_to(self.actor).select_related("project").order_by(SortKey("name"), "pk")
        found = list(seen)
        present(found, reader_of(self.actor))
        return names_of_views(found)

    def form(self, data: Any = None) -> CalendarFeedForm:
        """Return the form of a new feed."""
        return CalendarFeedForm(data, views=self.views)

    def made(self, new: services.NewAddress, *, status: int = HTTPStatus.OK) -> HttpResponse:
        """Return the page with the new address. Not by another request (PG3): it would have to be kept for that one."""
        return self.shown(self.form(), feed=new.feed, address=address_of(new.secret), status=status)

    def shown(self, form: CalendarFeedForm, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
        """Return the list, each feed with the name of its view: none, when that is gone."""
        feeds = list(CalendarFeed.objects.filter(user=self.actor).order_by("-created_at", "-pk"))
        names = dict(self.views)
        rows = [(feed, names.get(feed.view_id or 0, "")) for feed in feeds]
        return self.page(rows=rows, form=form, status=status, **context)

    def found(self, pk: int) -> CalendarFeed:
        """Return one of the person's feeds; NotFoundError."""
        feed = CalendarFeed.objects.filter(user=self.actor, pk=pk).first()
        if feed is None:
            raise NotFoundError
        return feed


class CalendarFeedsPage(CalendarFeedsView):
    """The person's feeds, and the form of a new one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown(self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST)
        made = form.submit(lambda values: services.create_feed(actor=self.actor, **values))
        if made is None:
            return self.shown(form, status=form.http_status)
        return self.made(made, status=HTTPStatus.CREATED)


class RegenerateCalendarFeed(CalendarFeedsView):
    """Gives a feed another address."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.made(services.regenerate_feed(feed=self.found(pk)))


class DeleteCalendarFeed(CalendarFeedsView):
    """Deletes a feed."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        services.delete_feed(feed=self.found(pk))
        messages.success(request, gettext("The feed is gone, and its address with it"))
        return self.see(reverse("settings-calendars"))
