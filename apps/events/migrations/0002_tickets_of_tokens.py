"""Tickets that stand for an API token instead of a session (contract SR3, SR4)."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

from apps.common.sql.migrations import AddIndexOnline, OnlineMigration

CHECK = "stream_ticket_of_session_or_token"


class Migration(OnlineMigration):
    dependencies = [("events", "0001_initial"), ("tokens", "0001_tokens")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    "streamticket",
                    "token",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tokens.apitoken",
                    ),
                )
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE events_streamticket ADD COLUMN token_id bigint",
                    "ALTER TABLE events_streamticket DROP COLUMN token_id",
                ),
                migrations.RunSQL(
                    "ALTER TABLE events_streamticket ADD CONSTRAINT stream_ticket_token_exists FOREIGN KEY (token_id) "
                    "REFERENCES tokens_apitoken (id) DEFERRABLE INITIALLY DEFERRED NOT VALID",
                    "ALTER TABLE events_streamticket DROP CONSTRAINT stream_ticket_token_exists",
                ),
                migrations.RunSQL(
                    "ALTER TABLE events_streamticket VALIDATE CONSTRAINT stream_ticket_token_exists",
                    migrations.RunSQL.noop,
                ),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "streamticket",
                    "session",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="users.session",
                    ),
                )
            ],
            database_operations=[
                # The former version gives none to API tokens, and looks at a ticket for 30 seconds.
                migrations.RunSQL(
                    [
                        "-- squawk-ignore ban-drop-not-null\n"
                        "ALTER TABLE events_streamticket ALTER COLUMN session_id DROP NOT NULL"
                    ],
                    migrations.RunSQL.noop,
                ),
            ],
        ),
        AddIndexOnline("streamticket", models.Index(fields=["token"], name="stream_ticket_by_token")),
        AddConstraintNotValid(
            "streamticket",
            models.CheckConstraint(
                condition=models.Q(("session__isnull", True), ("token__isnull", True), _connector="XOR"), name=CHECK
            ),
        ),
        ValidateConstraint("streamticket", CHECK),
    ]
