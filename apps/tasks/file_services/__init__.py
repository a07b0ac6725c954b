"""The only door through which attachments are written."""

from apps.tasks.file_services.detaching import carry_files, detach_files

__all__ = ["carry_files", "detach_files"]
