"""The start page, and quick add, into the Inbox unless the line says otherwise."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from apps.batches.models import Action
from apps.notifications.models import Notification
from apps.notifications.scopes import readable
from apps.notifications.serializers import shown
from apps.users.services import is_registration_open
from apps.web.base.views import PageView
from apps.web.base.words import chosen_word
from apps.web.day.agenda import agenda_of
from apps.web.tasks.bulk_views import run_bulk, say_report
from apps.web.tasks.forms import QuickForm
from apps.web.tasks.lists import label_projects
from apps.web.tasks.quick_views import add_task
from apps.web.templatetags.pages import writable

NEWS = 5
TODAY = "today"


class DayPage(PageView):
    """My day; for people who are not signed in, what this is. POST adds a task, or moves what is overdue to today."""

    template_name = "web/day.html"
    public = True

    def get(self, request: HttpRequest) -> HttpResponse:
        if self.session is None:
            return render(request, "web/landing.html", {"may_register": is_registration_open()})
        return self.shown(QuickForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Add a task: to the Inbox, unless the line names a project. With `overdue=today`, move all that is late."""
        if self.session is None:
            return self.see(reverse("login"))
        if chosen_word(request, "overdue", (TODAY,), default=""):
            return self.move_overdue()
        form = QuickForm(request.POST)
        task = add_task(request, form, actor=self.actor, project=None, said=gettext("{key} is created"))
        if task is None:
            return self.shown(form)
        return self.see(reverse("landing"))

    def limit(self) -> None:
        """Count a change of many tasks as the API's bulk route does."""
        self.throttle_scope = "bulk" if self.request.POST.get("overdue") == TODAY else self.throttle_scope
        super().limit()

    def move_overdue(self) -> HttpResponse:
        """Make today the day of every overdue task that the person may change: one change, which has one undo."""
        agenda = agenda_of(self.actor, now=timezone.now())
        ids = [task.pk for task in agenda.overdue if writable(task)]
        if ids:
            body = {"ids": ids, "action": Action.UPDATE.value, "changes": {"due_on": agenda.today.isoformat()}}
            say_report(self.request, run_bulk(self.request, body, actor=self.actor))
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
        may_move = any(writable(task) for task in agenda.overdue)
        context = {"agenda": agenda, "may_move_overdue": may_move, "label_projects": label_projects(shown_tasks)}
        return self.page(**context, news=list(shown(rows)), form=form, status=form.http_status)
