"""The purge finds revoked tokens by when they were revoked: an index, built beside the traffic."""

from django.db import models

from apps.common.sql.migrations import AddIndexOnline, OnlineMigration


class Migration(OnlineMigration):
    dependencies = [("tokens", "0001_tokens")]

    operations = [
        AddIndexOnline(
            "apitoken",
            models.Index(
                fields=["revoked_at"], condition=models.Q(revoked_at__isnull=False), name="api_token_by_revocation"
            ),
        )
    ]
