"""Projects, their members and their history."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.models import TimestampedModel
from apps.common.origin import Origin
from apps.projects.reach import of_member, within_reach
from apps.projects.roles import Role

KEY_PATTERN = r"^[A-Z]{2,10}$"


class OnParentDone(models.TextChoices):
    """What setting a task to done does with its open sub-tasks, unless the request says otherwise."""

    LEAVE = "leave", _("Leave them as they are")
    COMPLETE = "complete", _("Set them to done as well")
    REJECT = "reject", _("Reject it while there are any")


class NewTasks(models.TextChoices):
    """The end of a project's manual order to which new tasks go."""

    LAST = "last", _("Last")
    FIRST = "first", _("First")


class BlockedDone(models.TextChoices):
    """Whether a task can be set to done while another one that is open blocks it."""

    ALLOW = "allow", _("Allow it")
    REJECT = "reject", _("Reject it")


class ProjectQuerySet(models.QuerySet["Project"]):
    """Vocabulary of projects."""

    def visible_to(self, user: Any) -> Self:
        """Return the projects `user` is a member of, each with the user's `role`.

        Which projects are within a person's reach, and through an API token, is decided in `apps.projects.reach` alone.
        """
        return self.kept().filter(of_member(user)).annotate(role=models.F("memberships__role"))

    def kept(self) -> Self:
        """Return those that are not in the trash."""
        return self.filter(trash=None)

    def active(self) -> Self:
        """Return those that are not archived."""
        return self.filter(archived_at=None)


class Project(TimestampedModel):
    """A place for tasks with members. `version` rises with every change of what its editors wrote."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="owned_projects")
    key = models.CharField(max_length=10, validators=[RegexValidator(KEY_PATTERN)])
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, max_length=10_000)
    is_inbox = models.BooleanField(default=False, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    trash = models.ForeignKey(
        "TrashEntry", on_delete=models.DO_NOTHING, null=True, editable=False, db_index=False, related_name="+"
    )
    on_parent_done = models.CharField(
        max_length=10, choices=OnParentDone.choices, default=OnParentDone.LEAVE, db_default=OnParentDone.LEAVE
    )
    new_tasks = models.CharField(
        max_length=10, choices=NewTasks.choices, default=NewTasks.LAST, db_default=NewTasks.LAST.value
    )
    blocked_done = models.CharField(
        max_length=10, choices=BlockedDone.choices, default=BlockedDone.ALLOW, db_default=BlockedDone.ALLOW
    )
    version = models.PositiveBigIntegerField(default=1, editable=False)
    # Kept by the services under the row's lock; they do not raise `version`.
    last_task_number = models.PositiveBigIntegerField(default=0, editable=False)
    last_seq = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)  # of the event log
    tasks_count = models.PositiveBigIntegerField(default=0, editable=False)
    open_tasks_count = models.PositiveBigIntegerField(default=0, editable=False)
    members_count = models.PositiveBigIntegerField(default=0, editable=False)
    attachment_bytes = models.PositiveBigIntegerField(default=0, editable=False)
    # Half of the foreign key that ties the owner to a membership with the role `owner`
    owner_role = models.GeneratedField(
        expression=models.Value(Role.OWNER.value), output_field=models.CharField(max_length=10), db_persist=True
    )

    role: str  # the caller's, on rows from `visible_to`

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "key"], condition=models.Q(trash=None), name="project_key_free_for_owner"
            ),
            models.UniqueConstraint(
                fields=["owner"], condition=models.Q(is_inbox=True), name="project_one_inbox_per_owner"
            ),
            models.CheckConstraint(condition=models.Q(key__regex=KEY_PATTERN), name="project_key_2_to_10_capitals"),
            models.CheckConstraint(condition=models.Q(new_tasks__in=NewTasks.values), name="project_new_tasks_known"),
            models.CheckConstraint(
                condition=models.Q(on_parent_done__in=OnParentDone.values), name="project_on_parent_done_known"
            ),
            models.CheckConstraint(
                condition=models.Q(blocked_done__in=BlockedDone.values), name="project_blocked_done_known"
            ),
            models.CheckConstraint(
                condition=models.Q(is_inbox=False) | models.Q(archived_at=None), name="project_inbox_never_archived"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.name}"

    @property
    def is_archived(self) -> bool:
        """Return whether the project is read-only."""
        return self.archived_at is not None


class TrashEntryQuerySet(models.QuerySet["TrashEntry"]):
    """Vocabulary of trash entries."""

    def due(self, *, now: datetime) -> Self:
        """Return those that have expired."""
        return self.filter(purge_at__lte=now)


class TrashEntry(models.Model):
    """What one deletion took away: a task with its sub-tasks, or a project; kept until `purge_at` (contract TR)."""

    class Type(models.TextChoices):
        """What was deleted."""

        TASK = "task", "Task"
        PROJECT = "project", "Project"

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, db_index=False, db_constraint=False, related_name="trash_entries"
    )
    type = models.CharField(max_length=10, choices=Type.choices)
    root_id = models.BigIntegerField()
    batch_id = models.UUIDField(null=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    deleted_at = models.DateTimeField(default=timezone.now)
    purge_at = models.DateTimeField()
    tasks_count = models.PositiveBigIntegerField(default=0)
    attachments_bytes = models.PositiveBigIntegerField(default=0)
    origin = models.CharField(max_length=10)

    objects = TrashEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "trash entries"
        indexes = [
            models.Index(fields=["purge_at"], name="trash_by_purge"),
            models.Index(fields=["project", "deleted_at"], name="trash_by_project"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.root_id}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Vocabulary of memberships."""

    def of(self, user: Any) -> Self:
        """Return those of `user`, as far as an API token of theirs reaches."""
        return self.filter(within_reach(user, "project_id"), user=user)


class Membership(models.Model):
    """A person's role in a project. Exactly one is the owner: constraints in the database say so."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="membership_once_per_person"),
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(role=Role.OWNER), name="membership_one_owner"
            ),
            # The target of the foreign key from the project's owner
            models.UniqueConstraint(fields=["project", "user", "role"], name="membership_person_with_role"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_is_known"),
        ]
        indexes = [
            # visible_to(user): projects of a person with the role, from the index alone
            models.Index(fields=["user", "project"], include=["role"], name="membership_by_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.project_id}: {self.role}"


class Activity(models.Model):
    """An event of the log: who changed what, when (contract E). Plain ids: it stays with the project it happened in.

    Rows are written by `services/events.py` alone. `seq` counts 1, 2, 3 … in a project; `object_ids` names the objects
    of an event about several; `batch_id` joins the events of one act.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False, related_name="activities")
    task_id = models.BigIntegerField(null=True)
    task_key = models.CharField(max_length=40, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    verb = models.CharField(max_length=40)
    changes = models.JSONField(default=dict)
    request_id = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # A trigger fills these three for rows of the former version; the next release drops it.
    seq = models.PositiveBigIntegerField()
    event_id = models.UUIDField()
    type = models.CharField(max_length=40, db_default="")
    object_type = models.CharField(max_length=20, db_default="")
    object_id = models.BigIntegerField(null=True)
    object_ids = ArrayField(models.BigIntegerField(), null=True)
    version = models.PositiveBigIntegerField(null=True)
    origin = models.CharField(max_length=10, db_default=Origin.JOB.value)
    token_id = models.BigIntegerField(null=True)
    batch_id = models.UUIDField(null=True)
    published_at = models.DateTimeField(null=True, help_text="When the sink received it.")

    class Meta:
        verbose_name_plural = "activities"
        constraints = [
            models.UniqueConstraint(fields=["project", "seq"], name="activity_seq_unique_in_project"),
            models.UniqueConstraint(fields=["event_id"], name="activity_event_id_unique"),
        ]
        indexes = [
            # The relay: what a sink was not given yet
            models.Index(fields=["project", "seq"], condition=models.Q(published_at=None), name="activity_unpublished"),
            models.Index(fields=["batch_id"], condition=models.Q(batch_id__isnull=False), name="activity_by_batch"),
            models.Index(fields=["project", "-created_at", "-id"], name="activity_by_project"),  # the project's history
            models.Index(fields=["task_id", "-created_at", "-id"], name="activity_by_task"),  # the task's history
            models.Index(fields=["created_at"], name="activity_by_age"),  # the purge
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.task_key}".strip()
