"""The only door through which attachments are written."""

from apps.tasks.attachments.services.cleaning import Cleaning, clean_files
from apps.tasks.attachments.services.deleting import delete_attachment
from apps.tasks.attachments.services.detaching import carry_files, detach_files
from apps.tasks.attachments.services.importing import ImportedFile, import_files
from apps.tasks.attachments.services.removing import remove_deleted
from apps.tasks.attachments.services.uploading import Upload, publish

__all__ = [
    "Cleaning",
    "ImportedFile",
    "Upload",
    "carry_files",
    "clean_files",
    "delete_attachment",
    "detach_files",
    "import_files",
    "publish",
    "remove_deleted",
]
