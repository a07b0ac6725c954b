"""The row that names this database, in the admin: to look at."""

from __future__ import annotations

from django.contrib import admin

from apps.common.admin.base import ReadOnlyAdmin
from apps.common.models import Installation


@admin.register(Installation)
class InstallationAdmin(ReadOnlyAdmin):
    """The epoch, which a restore changes."""

    list_display = ("epoch",)
