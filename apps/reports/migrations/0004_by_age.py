"""The purge finds old reports by their age: an index, built beside the traffic."""

from django.db import models

from apps.common.sql.migrations import AddIndexOnline, OnlineMigration


class Migration(OnlineMigration):
    dependencies = [("reports", "0003_lease")]

    operations = [AddIndexOnline("report", models.Index(fields=["created_at"], name="report_by_age"))]
