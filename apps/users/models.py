"""People, their sessions and their failed logins."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.models import TimestampedModel
from apps.common.sql.conditions import NotWaitingForTheDisk
from apps.common.text.mail_addresses import MAX_LENGTH, AddressField, comparable_address
from apps.common.text.normal_form import IsSame, NormalForm
from apps.common.text.shown_name import shown_name
from apps.common.text.sorting import SortKey
from apps.users.names import validate_shown_name, validate_timezone, validate_username
from apps.users.passwords import forms_to_try, normal_password

SEARCHED = ("username", "email", "nickname", "first_name", "last_name")  # where people are looked for
REMINDER_LEAD_DEFAULT = 1_440  # minutes: a day
REMINDER_LEAD_MAX = 20_160  # minutes: two weeks


class Theme(models.TextChoices):
    """The colours of the pages."""

    SYSTEM = "system", _("As the system says")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Language(models.TextChoices):
    """The language of the pages and mails; those of the settings."""

    BROWSER = "", _("As the browser says")
    ENGLISH = "en", "English"
    GERMAN = "de", "Deutsch"


class UserQuerySet(models.QuerySet["User"]):
    """Vocabulary of people."""

    def active(self) -> Self:
        """Return those who may log in."""
        return self.filter(is_active=True)

    def with_username(self, username: str) -> Self:
        """Return who has this username, in any form of it."""
        return self.filter(models.Q(IsSame("username", username)))

    def with_email(self, email: str) -> Self:
        """Return who has this e-mail address, in any form of it and however its domain is written."""
        return self.filter(models.Q(IsSame("email", comparable_address(email))))

    def named(self, identifier: str) -> Self:
        """Return who has this username or e-mail address, in any form of it."""
        is_email = IsSame("email", comparable_address(identifier))
        return self.filter(models.Q(IsSame("username", identifier)) | models.Q(is_email))


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """What Django's own commands and admin login need."""

    def create_user(self, username: str, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person with a hashed password. The API registers through the services."""
        user: User = self.model(username=username, email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an administrator whose address counts as verified."""
        fields |= {"is_staff": True, "is_superuser": True, "email_verified_at": timezone.now()}
        return self.create_user(username, email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Return by username or e-mail address, in any form of it."""
        user: User = self.named(username or "").get()
        return user


class User(AbstractBaseUser, PermissionsMixin, TimestampedModel):
    """A person. Never deleted: an ended account is anonymised, so that history keeps its shape."""

    username = models.CharField(max_length=150, unique=True, validators=[validate_username])
    email = AddressField(max_length=MAX_LENGTH)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    pending_email = AddressField(max_length=MAX_LENGTH, blank=True, help_text="Becomes the address once verified.")
    nickname = models.CharField(max_length=80, blank=True, validators=[validate_shown_name])
    first_name = models.CharField(max_length=150, blank=True, validators=[validate_shown_name])
    last_name = models.CharField(max_length=150, blank=True, validators=[validate_shown_name])
    avatar = models.CharField(max_length=200, blank=True, help_text="Name in the storage.")
    timezone = models.CharField(max_length=64, default="UTC", help_text="IANA name.", validators=[validate_timezone])
    notification_preferences = models.JSONField(default=dict, blank=True)
    reminder_lead_minutes = models.PositiveIntegerField(
        default=REMINDER_LEAD_DEFAULT, validators=[MaxValueValidator(REMINDER_LEAD_MAX)]
    )
    # Of the pages
    single_keys = models.BooleanField(default=True, db_default=True)
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM, db_default=Theme.SYSTEM.value)
    language = models.CharField(max_length=10, choices=Language.choices, default="", db_default="", blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                NormalForm("username"),
                name="user_username_unique_in_normal_form",
                violation_error_message="This username is taken.",
            ),
            models.UniqueConstraint(
                NormalForm("email"),
                name="user_email_unique_in_normal_form",
                violation_error_message="This e-mail address is taken.",
            ),
            models.CheckConstraint(condition=~models.Q(username__contains="@"), name="user_username_without_at"),
            models.CheckConstraint(
                condition=models.Q(reminder_lead_minutes__lte=REMINDER_LEAD_MAX), name="user_reminder_lead_in_range"
            ),
            models.CheckConstraint(condition=models.Q(theme__in=Theme.values), name="user_theme_known"),
            models.CheckConstraint(condition=models.Q(language__in=Language.values), name="user_language_known"),
        ]
        indexes = [models.Index(SortKey("username"), "id", name="user_by_username")]  # the list of people

    def __str__(self) -> str:
        return self.username

    def set_password(self, raw_password: str | None) -> None:
        """Hash a password in its normal form; None lets nobody in."""
        super().set_password(normal_password(raw_password) if raw_password else raw_password)

    def check_password(self, raw_password: str | None) -> bool:
        """Return whether it is the password, however the keyboard composed it.

        A hash from before passwords were normalised is made again, as Django does after a change of the hasher.
        """
        for text in forms_to_try(raw_password or ""):
            if super().check_password(text):
                if text != normal_password(text):
                    self._hash_again(text)
                return True
        return False

    def _hash_again(self, password: str) -> None:
        old, self.password = self.password, make_password(normal_password(password))
        # Another request may have changed the password meanwhile: then this hash is worth nothing.
        User.objects.filter(pk=self.pk, password=old).update(password=self.password)

    @classmethod
    def normalize_username(cls, username: Any) -> Any:
        """Return it as it is: Django would store another form than was sent."""
        return username

    @property
    def shown_name(self) -> str:
        """Return how the person is called."""
        return shown_name(nickname=self.nickname, username=self.username)

    @property
    def is_verified(self) -> bool:
        """Return whether the address has been verified."""
        return self.email_verified_at is not None


def idle_from(now: datetime) -> datetime:
    """Return when a session must have been refreshed at last, so that it still lives."""
    lifetime: timedelta = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]
    return now - lifetime


class SessionQuerySet(models.QuerySet["Session"]):
    """Vocabulary of sessions."""

    def live(self, *, now: Any, idle_since: Any = None) -> Self:
        """Return those that still let somebody in: not ended, and refreshed while the refresh token lived.

        A statement that is kept gives both instants as parameters.
        """
        since = idle_from(now) if idle_since is None else idle_since
        return self.filter(revoked_at=None, expires_at__gt=now, rotated_at__gt=since)

    def seen(self, *, at: datetime, **others: Any) -> int:
        """Note the last use, without waiting for the disk: no request waits for it. Returns the number of rows."""
        return self.filter(NotWaitingForTheDisk()).update(last_seen_at=at, **others)


class Session(models.Model):
    """One login: a family of refresh tokens, of which only the newest generation counts."""

    class Reason(models.TextChoices):
        LOGOUT = "logout", "Logged out"
        REVOKED = "revoked", "Revoked by the user"
        REUSE = "reuse", "An old refresh token was used"
        PASSWORD = "password", "Password changed"
        DEACTIVATED = "deactivated", "Account deactivated"
        DELETED = "deleted", "Account deleted"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sessions")
    generation = models.PositiveIntegerField(default=1)
    rotated_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(help_text="The end, however often it is refreshed.")
    last_seen_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=20, blank=True, choices=Reason.choices)
    device = models.CharField(max_length=200, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    # A login on the pages: of the cookie's value. Bytes, so that no list or search shows them as text
    cookie_digest = models.BinaryField(null=True, max_length=32, editable=False)

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cookie_digest"], name="session_cookie_digest_unique")]
        indexes = [
            models.Index(
                fields=["user"], condition=models.Q(revoked_at=None), name="session_live_by_user"
            ),  # list, revoke
            models.Index(fields=["expires_at"], name="session_by_expiry"),  # the purge
        ]

    def __str__(self) -> str:
        return f"Session {self.pk}"

    def is_live(self, *, now: datetime) -> bool:
        """Return whether it still lets its user in."""
        return self.revoked_at is None and self.expires_at > now and self.user.is_active


class LoginFailure(models.Model):
    """Failed logins of one account from one address in the running window."""

    account = models.CharField(max_length=64, help_text="Hash of the name that was tried, existing or not.")
    ip_address = models.GenericIPAddressField()
    count = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "ip_address"], name="login_failure_once_per_account_and_address")
        ]
        indexes = [models.Index(fields=["started_at"], name="login_failure_by_age")]  # the purge

    def __str__(self) -> str:
        return f"{self.count} from {self.ip_address}"
