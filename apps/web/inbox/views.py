"""Notifications: shown, marked as read or unread."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import DateTimeField, F
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import ngettext

from apps.common.errors import NotFoundError
from apps.common.lists.ordering import OrderKey
from apps.notifications import services
from apps.notifications.filters import NotificationFilter
from apps.notifications.models import Notification, NotificationQuerySet
from apps.notifications.scopes import readable
from apps.notifications.serializers import shown
from apps.users.models import User
from apps.web.base.listing import read_list
from apps.web.base.paths import own_path
from apps.web.base.views import PageView

ORDERING_KEYS = {"created_at": OrderKey(F("created_at"), kind=DateTimeField)}


def notifications_of(person: User) -> NotificationQuerySet:
    """Return what the person may read."""
    return Notification.objects.of(person).filter(readable(person))


class NotificationsPage(PageView):
    """Newest first; all, or what is unread."""

    template_name = "web/notifications.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        found = read_list(
            request,
            notifications_of(self.actor),
            ordering_keys=ORDERING_KEYS,
            default_ordering="-created_at",
            filterset_class=NotificationFilter,
        )
        for row in found.rows:
            row.recipient = self.actor
        words = list(shown(found.rows))
        rows = list(zip(found.rows, words, strict=True))
        return self.page(notifications=found, rows=rows, is_unread=request.GET.get("unread") == "true")


class MarkNotification(PageView):
    """Marks one notification as read, or as unread again."""

    http_method_names = ["post"]
    is_read = True

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = notifications_of(self.actor).filter(pk=pk).first()
        if row is None:
            raise NotFoundError
        (services.mark_read if self.is_read else services.mark_unread)(row)
        return self.see(own_path(request.POST.get("next"), default=reverse("notifications")))


class MarkAllRead(PageView):
    """Marks everything as read."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        count = services.mark_all_read(notifications_of(self.actor))
        messages.success(
            request, ngettext("{count} marked as read", "{count} marked as read", count).format(count=count)
        )
        return self.see(reverse("notifications"))
