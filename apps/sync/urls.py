"""Routes of sync."""

from __future__ import annotations

from django.urls import path

from apps.sync import views

urlpatterns = [
    path("sync/", views.SyncView.as_view(), name="sync"),
    path("sync/state/", views.SyncStateView.as_view(), name="sync-state"),
]
