"""The matrix is worth something: with the scope taken out of any one view it fails."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import wraps
from unittest.mock import patch

import pytest
from django.db.models import Q, Value

from apps.common.lists import kept
from apps.exports.models import ExportQuerySet
from apps.exports.views import ExportViewSet
from apps.imports.models import ImportQuerySet
from apps.imports.views import ImportViewSet
from apps.notifications.models import NotificationQuerySet
from apps.notifications.views import NotificationViewSet
from apps.projects.models import ProjectQuerySet
from apps.projects.views import MemberViewSet, ProjectActivityViewSet, ProjectViewSet
from apps.reports.models import ReportQuerySet
from apps.reports.views import ReportViewSet
from apps.tasks.attachments.views import AttachmentViewSet
from apps.tasks.models import AttachmentQuerySet, TaskQuerySet
from apps.tasks.views import TaskActivityViewSet, TaskViewSet
from apps.users.models import Session, User
from apps.users.views.accounts import UserViewSet
from apps.users.views.sessions import SessionViewSet
from config.tests.access.matrix import operations, run

SCOPED = (ProjectQuerySet, TaskQuerySet, AttachmentQuerySet, ReportQuerySet, ExportQuerySet, ImportQuerySet)


def everything(self, user):
    """What `visible_to` would be without its filter: all rows, as if the caller owned them."""
    return self.annotate(role=Value("owner"))


@contextmanager
def no_sight():
    """Let everybody see everything."""
    with ExitStack() as stack:
        for kind in SCOPED:
            stack.enter_context(patch.object(kind, "visible_to", everything))
        stack.enter_context(patch.object(NotificationQuerySet, "of", lambda self, user: self))
        stack.enter_context(patch("apps.notifications.views.readable", lambda user: Q()))
        yield


def blind(method):
    """Run a method of a view to whose caller nothing is visible."""

    @wraps(method)
    def wrapper(*args, **kwargs):
        with no_sight():
            return method(*args, **kwargs)

    return wrapper


VIEWS = {
    ProjectViewSet: "getProject",
    ProjectActivityViewSet: "listProjectActivity",
    MemberViewSet: "listProjectMembers",
    ReportViewSet: "getProjectReport",
    ExportViewSet: "getExport",
    ImportViewSet: "getImport",
    TaskViewSet: "getTask",
    TaskActivityViewSet: "listTaskActivity",
    AttachmentViewSet: "getTaskAttachment",
    NotificationViewSet: "getNotification",
    SessionViewSet: "revokeSession",
    UserViewSet: "getUser",
}
REPLACED = {
    SessionViewSet: lambda self: Session.objects.all(),
    UserViewSet: lambda self: User.objects.all(),
}


@pytest.fixture(autouse=True)
def _no_kept_statements():
    kept.forget()
    yield
    kept.forget()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_the_matrix_fails_without_the_scope_of(view, world, monkeypatch):
    monkeypatch.setattr(view, "scope", REPLACED.get(view) or blind(view.scope))
    monkeypatch.setattr(view, "check_permissions", blind(view.check_permissions))
    if hasattr(view, "history"):
        monkeypatch.setattr(view, "history", blind(view.history))

    _, wrong = run(world, [one for one in operations() if one.name == VIEWS[view]], stop_at_first=True)

    print(f"without the scope of {view.__name__}: {wrong[0][:120] if wrong else 'NOTHING NOTICED'}")
    assert wrong
