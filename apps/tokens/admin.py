"""API tokens in the admin: to look at, and to revoke."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.common.admin.base import ReadOnlyAdmin
from apps.tokens import services
from apps.tokens.models import ApiToken


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens of all people, without anything that lets somebody in."""

    list_display = ("id", "user", "name", "hint", "all_projects", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("all_projects", ("revoked_at", admin.EmptyFieldListFilter), "expires_at", "created_at")
    list_select_related = ("user",)
    list_per_page = 50
    search_fields = ("=id", "name", "=hint")
    search_people = ("user",)
    search_help_text = "Words of its name; its id, the last four characters or a username in full."
    sorted_as_text = ("name",)
    ordering = ("-id",)
    actions = ("revoke",)

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """End the chosen tokens."""
        chosen = list(queryset)
        for token in chosen:
            services.revoke_token(token=token)
        self.message_user(request, f"{len(chosen)} revoked.")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Return whether the administrator may end tokens: who may change them."""
        return bool(request.user.has_perm("tokens.change_apitoken"))
