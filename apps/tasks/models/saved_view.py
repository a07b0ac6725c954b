"""The tables of saved views: filters with a name, and whose favourites they are."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.models import TimestampedModel
from apps.common.sql.conditions import AnyRow
from apps.projects.models import Membership, Project

VIEW_NAME_LENGTH = 80
DEFAULT_ORDERING = "-created_at"


class Layout(models.TextChoices):
    """How a client shows the tasks of a view."""

    LIST = "list", _("List")
    BOARD = "board", _("Board")
    CALENDAR = "calendar", _("Calendar")


class GroupBy(models.TextChoices):
    """What the tasks of a view are grouped by."""

    STATUS = "status", _("Status")
    PRIORITY = "priority", _("Priority")
    ASSIGNEE = "assignee", _("Assignee")
    LABEL = "label", _("Label")
    PROJECT = "project", _("Project")


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Vocabulary of saved views."""

    def visible_to(self, user: Any) -> Self:
        """Return the views that `user` sees, each with their `role` in its project and `is_favourite` (contract VI2).

        Personal ones of their own, unless the project is not visible any more, and shared ones of visible projects.
        """
        # As one array, which an index takes; what OR joins would be asked of every view that there is
        mine = AnyRow("project", Project.objects.visible_to(user).values("pk"))
        in_project = models.Q(mine) & (models.Q(is_shared=True) | models.Q(owner=user))
        role = Membership.objects.of(user).filter(project=models.OuterRef("project")).values("role")
        favourite = ViewFavourite.objects.filter(view=models.OuterRef("pk"), user=user)
        return self.filter(models.Q(project=None, owner=user) | in_project).annotate(
            role=models.Subquery(role), is_favourite=models.Exists(favourite)
        )


class SavedView(TimestampedModel):
    """A filter with a name, an order and a layout. `ast` has people, projects and tasks by id, labels as written."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_views")
    # The database deletes them with their project
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, db_constraint=False, db_index=False, null=True, related_name="saved_views"
    )
    name = models.CharField(max_length=VIEW_NAME_LENGTH)
    filter = models.TextField(blank=True)
    ast = models.JSONField(null=True)
    ordering = models.CharField(max_length=100, default=DEFAULT_ORDERING)
    layout = models.CharField(max_length=10, choices=Layout.choices, default=Layout.LIST)
    group_by = models.CharField(max_length=10, choices=GroupBy.choices, null=True)  # noqa: DJ001 - null is no grouping
    columns = models.JSONField(default=list)
    is_shared = models.BooleanField(default=False)
    version = models.PositiveBigIntegerField(default=1, editable=False)

    objects = SavedViewQuerySet.as_manager()

    role: str | None  # the caller's in the project, from `visible_to`
    is_favourite: bool  # the caller's, from `visible_to`
    shown_filter: str | None = None  # with present names, from `present`
    fault: Any = None  # what is wrong with the filter for its reader, from `present`

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_shared=False) | models.Q(project__isnull=False),
                name="saved_view_shared_in_project",
            ),
            models.CheckConstraint(condition=models.Q(layout__in=Layout.values), name="saved_view_layout_known"),
            models.CheckConstraint(
                condition=models.Q(group_by=None) | models.Q(group_by__in=GroupBy.values), name="saved_view_group_known"
            ),
        ]
        indexes = [
            models.Index(fields=["project"], name="saved_view_by_project"),
            models.Index(fields=["project"], condition=models.Q(is_shared=True), name="saved_view_shared"),
        ]

    def __str__(self) -> str:
        return self.name


class ViewFavourite(models.Model):
    """A view that a person keeps at hand."""

    pk = models.CompositePrimaryKey("view_id", "user_id")
    view = models.ForeignKey(
        SavedView, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="favourites"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourite_views")

    def __str__(self) -> str:
        return f"View {self.view_id} of person {self.user_id}"
