"""Comments on a task: written, corrected, deleted."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from apps.common.errors import ForbiddenError, NotFoundError
from apps.projects.roles import Capability, allows
from apps.tasks.comments.services import create_comment, delete_comment, edit_comment
from apps.tasks.comments.services.locking import NOT_YOURS, NOT_YOURS_TO_DELETE
from apps.tasks.models import Comment, Task
from apps.web.base.access import find_task
from apps.web.base.views import PageView
from apps.web.tasks.forms import CommentForm
from apps.web.tasks.talk import comments_of
from apps.web.tasks.task_views import CHANGED, TaskView


class CommentsPage(TaskView):
    """Adds a comment; a rejected one is shown again below the task."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        task = find_task(self.actor, pk, capability=Capability.COMMENT)
        form = CommentForm(request.POST)
        comment = form.submit(lambda values: create_comment(actor=self.actor, task=task, **values))
        if comment is None:
            return self.shown(task, comment_form=form, status=form.http_status)
        return self.see(place_of(comment))


class CommentPage(PageView):
    """One comment in a form, for its author; a conflict shows both texts."""

    template_name = "web/tasks/comment.html"

    def get(self, request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
        task, comment = self.mine(pk, comment_pk)
        return self.shown(task, comment, CommentForm(initial={"body": comment.body, "version": comment.version}))

    def post(self, request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
        task, comment = self.mine(pk, comment_pk)
        form = CommentForm(request.POST)

        def save(values: dict[str, str]) -> Comment:
            version = form.cleaned_data["version"]
            expected = None if version is None else frozenset({version})
            return edit_comment(actor=self.actor, comment=comment, expected=expected, **values)

        if form.submit(save) is not None:
            return self.see(place_of(comment))
        if form.http_status != CHANGED:
            return self.shown(task, comment, form)
        comment.refresh_from_db()
        again = CommentForm({"body": form.values["body"], "version": comment.version})
        again.say_again(form)
        return self.shown(task, comment, again)

    def mine(self, pk: int, comment_pk: int) -> tuple[Task, Comment]:
        """Return the task and the reader's own comment; ForbiddenError for somebody else's."""
        task = find_task(self.actor, pk, capability=Capability.COMMENT)
        comment = find_comment(self, task, comment_pk)
        if comment.author_id != self.actor.pk:
            raise ForbiddenError(NOT_YOURS)
        return task, comment

    def shown(self, task: Task, comment: Comment, form: CommentForm) -> HttpResponse:
        """Return the page; after a conflict with the stored text beside the form."""
        stored = comment.body if form.http_status == CHANGED else None
        context = {"task": task, "project": task.project, "comment": comment, "form": form, "stored": stored}
        return self.page(**context, status=form.http_status)


class DeleteComment(PageView):
    """Erases a comment's text; its place stays."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
        task = find_task(self.actor, pk, capability=Capability.COMMENT)
        comment = find_comment(self, task, comment_pk)
        if comment.author_id != self.actor.pk and not allows(task.role, Capability.DELETE_ANY_TASK):
            raise ForbiddenError(NOT_YOURS_TO_DELETE)
        delete_comment(actor=self.actor, comment=comment)
        messages.success(request, gettext("The comment is deleted"))
        return self.see(place_of(comment))


def find_comment(view: PageView, task: Task, pk: int) -> Comment:
    """Return a comment of the task; NotFoundError for one of another."""
    comment = comments_of(task, view.actor).filter(pk=pk).first()
    if comment is None:
        raise NotFoundError
    return comment


def place_of(comment: Comment) -> str:
    """Return where a comment stands on its task's page."""
    return f"{reverse('task-page', args=[comment.task_id])}#comment-{comment.pk}"
