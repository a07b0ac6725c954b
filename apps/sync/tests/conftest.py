"""What tests of sync share."""

from apps.tasks.conftest import media

__all__ = ["media"]
