"""The app's registration."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages; no tables."""

    name = "apps.web"
