"""People, sessions and failed logins in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common.admin.base import CarefulAdmin, ReadOnlyAdmin, ServiceAdmin, reason
from apps.common.errors import DomainError
from apps.users import services
from apps.users.admin_forms import NewUserForm, OthersPasswordForm, UserForm
from apps.users.models import SEARCHED, LoginFailure, Session, User

PRIVILEGES = ("is_staff", "is_superuser", "groups", "user_permissions")
EDITABLE = (
    "username",
    "email",
    "nickname",
    "first_name",
    "last_name",
    "timezone",
    "reminder_lead_minutes",
    "single_keys",
    "theme",
    "language",
    "is_active",
)


@admin.register(User)
class UserAdmin(ServiceAdmin, DjangoUserAdmin):  # type: ignore[type-arg]
    """Accounts. Staff that is no superuser changes neither staff nor privileges."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = OthersPasswordForm
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "email", "password1", "password2")}),)
    fieldsets = (
        (None, {"fields": ("username", "password", "email", "pending_email", "email_verified_at")}),
        ("Shown", {"fields": ("nickname", "first_name", "last_name", "avatar")}),
        ("Notifications", {"fields": ("timezone", "reminder_lead_minutes", "notification_preferences")}),
        ("Pages", {"fields": ("single_keys", "theme", "language")}),
        ("May", {"fields": ("is_active", *PRIVILEGES)}),
        ("When", {"fields": ("last_login", "created_at", "updated_at", "deleted_at")}),
    )
    readonly_fields = (
        "pending_email",
        "email_verified_at",
        "avatar",
        "notification_preferences",
        "last_login",
        "created_at",
        "updated_at",
        "deleted_at",
    )
    list_display = ("username", "email", "is_active", "is_staff", "verified", "created_at", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", ("deleted_at", admin.EmptyFieldListFilter), "created_at")
    list_per_page = 50
    search_fields = SEARCHED
    sorted_as_text = ("username", "nickname")
    ordering = ("-id",)
    actions = ("deactivate", "activate", "end_sessions", "close")

    @admin.display(boolean=True, description="verified")
    def verified(self, user: User) -> bool:
        """Return whether the address was verified."""
        return user.is_verified

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if _is_superuser(request) else fields + PRIVILEGES

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        if obj is None or _is_superuser(request):
            return allowed and (obj is None or obj.deleted_at is None)
        return allowed and obj.deleted_at is None and not (obj.is_staff or obj.is_superuser)

    def write(self, request: Any, obj: User, form: forms.ModelForm[User], *, change: bool) -> None:
        fields = form.cleaned_data
        changes = {name: fields[name] for name in form.changed_data if name in EDITABLE}
        if change and changes:
            services.update_profile(actor=request.user, user=User.objects.get(pk=obj.pk), changes=changes)
        elif not change:
            new = services.register(username=obj.username, email=obj.email, password=fields["password1"])
            obj.pk, obj._state.adding = new.pk, False

    def save_related(self, request: Any, form: forms.ModelForm[User], formsets: Any, change: bool) -> None:
        fields = form.cleaned_data
        if set(PRIVILEGES) & set(form.changed_data):
            services.set_privileges(
                actor=request.user,
                user=form.instance,
                is_staff=fields["is_staff"],
                is_superuser=fields["is_superuser"],
                groups=fields["groups"],
                permissions=fields["user_permissions"],
            )

    @admin.action(description="Deactivate", permissions=["change"])
    def deactivate(self, request: Any, queryset: QuerySet[User]) -> None:
        """Switch the accounts off; their sessions end at once."""
        self._each(request, queryset, lambda user: services.set_active(actor=request.user, user=user, is_active=False))

    @admin.action(description="Activate", permissions=["change"])
    def activate(self, request: Any, queryset: QuerySet[User]) -> None:
        """Switch the accounts on again."""
        self._each(request, queryset, lambda user: services.set_active(actor=request.user, user=user, is_active=True))

    @admin.action(description="End all sessions", permissions=["change"])
    def end_sessions(self, request: Any, queryset: QuerySet[User]) -> None:
        """Log the people out everywhere."""
        self._each(request, queryset, lambda user: services.end_all_sessions(actor=request.user, user=user))

    @admin.action(description="Close and anonymise", permissions=["change"])
    def close(self, request: Any, queryset: QuerySet[User]) -> None:
        """End the accounts for good, as their owners could."""
        self._each(request, queryset, lambda user: services.close_for(actor=request.user, user=user))

    def _each(self, request: HttpRequest, users: QuerySet[User], act: Callable[[User], object]) -> None:
        done = 0
        for user in users:
            try:
                act(user)
                done += 1
            except DomainError as error:
                self.message_user(request, f"{user}: {reason(error)}", messages.ERROR)
        self.message_user(request, f"{done} done.")


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(CarefulAdmin, DjangoGroupAdmin):
    """Groups of permissions for the admin."""

    def save_model(self, request: Any, obj: Group, form: forms.ModelForm[Group], change: bool) -> None:
        if not change or form.has_changed():
            super().save_model(request, obj, form, change)


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Logins."""

    list_display = ("id", "user", "device", "ip_address", "created_at", "last_seen_at", "revoked_reason")
    list_filter = ("revoked_reason", ("revoked_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("user",)
    search_fields = ("=ip_address",)
    search_people = ("user",)
    search_help_text = "Username, e-mail address or IP address, in full."
    ordering = ("-id",)
    actions = ("revoke",)

    @admin.action(description="End these sessions", permissions=["revoke"])
    def revoke(self, request: Any, queryset: QuerySet[Session]) -> None:
        """End the chosen sessions: their tokens are worth nothing from the next request on."""
        for session in queryset:
            services.revoke_session(actor=request.user, session=session)
        self.message_user(request, f"{len(queryset)} ended.")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Return whether the administrator may end sessions: who may change them."""
        return bool(request.user.has_perm("users.change_session"))


@admin.register(LoginFailure)
class LoginFailureAdmin(ReadOnlyAdmin):
    """Failed logins in the running window."""

    list_display = ("account", "ip_address", "count", "started_at")
    list_filter = ("started_at",)
    search_fields = ("=account", "=ip_address")
    ordering = ("-id",)
    actions = ("forget",)

    @admin.action(description="Let in again", permissions=["forget"])
    def forget(self, request: Any, queryset: QuerySet[LoginFailure]) -> None:
        """Forget the chosen failures, which ends a lock-out."""
        for failure in queryset:
            services.clear_attempts(account=failure.account, ip_address=failure.ip_address)
        self.message_user(request, "Forgotten.")

    def has_forget_permission(self, request: HttpRequest) -> bool:
        """Return whether the administrator may end a lock-out: who may delete failures."""
        return bool(request.user.has_perm("users.delete_loginfailure"))


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
