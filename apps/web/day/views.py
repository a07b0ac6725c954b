"""The start page, and quick add into the Inbox."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from apps.notifications.models import Notification
from apps.notifications.scopes import readable
from apps.notifications.serializers import shown
from apps.tasks.services import create_task
from apps.web.base.views import PageView
from apps.web.day.agenda import agenda_of
from apps.web.tasks.forms import QuickForm
from apps.web.tasks.lists import label_projects

NEWS = 5


class DayPage(PageView):
    """My day; for people who are not signed in, what this is."""

    template_name = "web/day.html"
    public = True

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.session is None:
            return render(request, "web/landing.html")
        return self.shown(QuickForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Add a task to the Inbox."""
        if self.session is None:
            return self.see(reverse("login"))
        form = QuickForm(request.POST)
        task = form.submit(lambda values: create_task(actor=self.actor, **values))
        if task is None:
            return self.shown(form)
        messages.success(request, f"{task.key} is in your Inbox")
        return self.see(reverse("landing"))

    def shown(self, form: QuickForm) -> HttpResponse:
        """Return the person's day."""
        unread = (
            Notification.objects.of(self.actor).filter(readable(self.actor)).unread().order_by("-created_at", "-pk")
        )
        rows = list(unread[:NEWS])
        for row in rows:
            row.recipient = self.actor
        agenda = agenda_of(self.actor, now=timezone.now())
        shown_tasks = [*agenda.overdue, *agenda.due_today, *agenda.coming, *agenda.done]
        context = {"agenda": agenda, "label_projects": label_projects(shown_tasks)}
        return self.page(**context, news=list(shown(rows)), form=form, status=form.http_status)
