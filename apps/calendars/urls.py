"""Routes of calendar feeds."""

from __future__ import annotations

from django.urls import include, path, re_path, register_converter
from django.urls.converters import StringConverter
from rest_framework.routers import SimpleRouter

from apps.calendars import views
from apps.common.secret_links import PATTERN


class SecretConverter(StringConverter):
    """The secret of an address."""

    regex = PATTERN


register_converter(SecretConverter, "secret")

router = SimpleRouter()
router.register("calendar-feeds", views.CalendarFeedViewSet, basename="calendar-feed")

urlpatterns = [
    path("ical/<secret:token>.ics", views.CalendarView.as_view(), name="calendar"),
    re_path("^api/", include(router.urls)),
]
