"""API tokens, and the projects to which they are limited: rows of the latter go with either (contract TK)."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# The tables are new: a check of no rows takes no time.
IGNORE = "-- squawk-ignore adding-foreign-key-constraint,constraint-missing-not-valid\n"


def foreign_key(name: str, column: str, target: str) -> migrations.RunSQL:
    """Return the operation that adds a foreign key which only the database knows."""
    return migrations.RunSQL(
        f"{IGNORE}ALTER TABLE tokens_apitokenproject ADD CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {target}"
        " ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE tokens_apitokenproject DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("projects", "0013_blocked_done"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("digest", models.BinaryField(max_length=32)),
                ("previous_digest", models.BinaryField(max_length=32, null=True)),
                ("previous_until", models.DateTimeField(null=True)),
                ("hint", models.CharField(max_length=4)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), size=None),
                ),
                ("all_projects", models.BooleanField(default=False)),
                ("expires_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("last_used_ip", models.GenericIPAddressField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "API token",
                "indexes": [
                    models.Index(
                        condition=models.Q(("revoked_at", None)), fields=["user"], name="api_token_live_by_user"
                    ),
                    models.Index(fields=["expires_at"], name="api_token_by_expiry"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("digest",), name="api_token_digest_unique"),
                    models.UniqueConstraint(fields=("previous_digest",), name="api_token_previous_digest_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("previous_digest", None), ("previous_until", None)),
                            models.Q(("previous_digest__isnull", False), ("previous_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="api_token_previous_has_an_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiTokenProject",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "token_id", "project_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "token",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="token_projects",
                        to="tokens.apitoken",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["project"], name="api_token_by_project")]},
        ),
        foreign_key("api_token_project_ends_with_token", "token_id", "tokens_apitoken (id)"),
        foreign_key("api_token_project_ends_with_project", "project_id", "projects_project (id)"),
    ]
