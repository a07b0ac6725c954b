"""API tokens and the projects to which they are limited."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from apps.projects.models import Project

NAME_LENGTH = 80
HINT_LENGTH = 4
DIGEST_BYTES = 32  # of a SHA-256


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Vocabulary of API tokens."""

    def live(self, *, now: datetime) -> Self:
        """Return those that let somebody in."""
        return self.filter(revoked_at=None, expires_at__gt=now)

    def unused_since(self, instant: datetime) -> Self:
        """Return those that were not used since then."""
        return self.filter(models.Q(last_used_at=None) | models.Q(last_used_at__lt=instant))

    def used(self, *, at: datetime, address: str) -> int:
        """Note the last use; return the number of rows."""
        return self.update(last_used_at=at, last_used_ip=address)

    def with_projects(self, user: Any) -> Self:
        """Annotate `listed`: the ids of the token's projects that `user` sees now (contract TK8)."""
        listed = ApiTokenProject.objects.filter(
            token=models.OuterRef("pk"), project__in=Project.objects.visible_to(user).values("pk")
        )
        return self.annotate(listed=ArraySubquery(listed.order_by("project_id").values("project_id")))


class ApiToken(models.Model):
    """A token of a person. Of its text only the SHA-256 is stored, and the last characters, to tell tokens apart.

    After a rotation the former text works until `previous_until`.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="api_tokens"
    )
    name = models.CharField(max_length=NAME_LENGTH)
    digest = models.BinaryField(max_length=DIGEST_BYTES, editable=False)
    previous_digest = models.BinaryField(max_length=DIGEST_BYTES, null=True, editable=False)
    previous_until = models.DateTimeField(null=True)
    hint = models.CharField(max_length=HINT_LENGTH)
    scopes = ArrayField(models.CharField(max_length=30))
    all_projects = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    last_used_ip = models.GenericIPAddressField(null=True)
    revoked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    listed: list[int]  # from `with_projects`

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="api_token_digest_unique"),
            models.UniqueConstraint(fields=["previous_digest"], name="api_token_previous_digest_unique"),
            models.CheckConstraint(
                condition=models.Q(previous_digest=None, previous_until=None)
                | models.Q(previous_digest__isnull=False, previous_until__isnull=False),
                name="api_token_previous_has_an_end",
            ),
        ]
        indexes = [
            models.Index(fields=["user"], condition=models.Q(revoked_at=None), name="api_token_live_by_user"),
            models.Index(fields=["expires_at"], name="api_token_by_expiry"),  # mails before the end, and the purge
            models.Index(
                fields=["revoked_at"], condition=models.Q(revoked_at__isnull=False), name="api_token_by_revocation"
            ),  # the purge
        ]

    def __str__(self) -> str:
        return f"{self.name} …{self.hint}"

    def previous_valid_until(self, *, now: datetime) -> datetime | None:
        """Return until when the text from before the last rotation works, None when it does not."""
        return self.previous_until if self.previous_until is not None and self.previous_until > now else None


class ApiTokenProject(models.Model):
    """A project to which a token is limited. The database deletes the row with either."""

    pk = models.CompositePrimaryKey("token_id", "project_id")
    token = models.ForeignKey(
        ApiToken, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="token_projects"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["project"], name="api_token_by_project")]  # erasing a project

    def __str__(self) -> str:
        return f"{self.token_id}: {self.project_id}"
