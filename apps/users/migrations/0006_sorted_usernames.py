"""Usernames in the order in which people expect them."""

from django.db import models

from apps.common.sql.migrations import AddIndexOnline, OnlineMigration
from apps.common.text.sorting import SortKey


class Migration(OnlineMigration):

    dependencies = [("common", "0003_sort_key"), ("users", "0005_names_in_normal_form")]

    operations = [
        AddIndexOnline(
            model_name="user", index=models.Index(SortKey("username"), "id", name="user_by_username")
        ),
    ]
