"""The plain page that mails link to where there is no front end.

It is the same for every number: the server says nothing about the task. Who signs in on it is shown
the task by the API, which asks who they are; the session ends as soon as it is shown.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def task_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Answer a page with a form to sign in, or go to FRONTEND_URL where it is set."""
    if settings.FRONTEND_URL:
        return HttpResponseRedirect(f"{settings.FRONTEND_URL}{request.path_info}")
    page: HttpResponse = render(request, "tasks/task.html", {"pk": pk})
    return page
