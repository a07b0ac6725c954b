"""Titles in the order in which people expect them."""

from django.db import models

from apps.common.sql.migrations import AddIndexOnline, OnlineMigration
from apps.common.text.sorting import SortKey


class Migration(OnlineMigration):

    dependencies = [("common", "0003_sort_key"), ("tasks", "0004_comments")]

    operations = [
        AddIndexOnline(
            model_name="task",
            index=models.Index("project", SortKey("title"), "id", name="task_by_project_title"),
        ),
    ]
