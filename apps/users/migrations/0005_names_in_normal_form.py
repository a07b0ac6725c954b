"""Usernames and addresses are unique in their normal form, which is stricter than ignoring case.

Accounts whose names were two and are one now (`straße` and `STRASSE`) stop the migration before it changes anything: which
of them gets another name is for people to decide. The former version goes on serving meanwhile. It looks people up by the
indexes that go at the end; until it has ended it does so without one.
"""

from django.db import migrations, models

from apps.common.sql.migrations import AddUniqueOnline, OnlineMigration, RemoveUniqueOnline
from apps.common.text.normal_form import NormalForm

SHOWN = 20


def require_unique(state, schema_editor):
    """Raise with the accounts that have one name or address in normal form, if there are any."""
    with schema_editor.connection.cursor() as cursor:
        for column in ("username", "email"):
            cursor.execute(
                f"SELECT string_agg(id || ' ' || {column}, ', ' ORDER BY id) FROM users_user"
                f" GROUP BY normal_form({column}) HAVING count(*) > 1 ORDER BY min(id) LIMIT {SHOWN}"
            )
            if found := [row[0] for row in cursor.fetchall()]:
                raise RuntimeError(
                    f"Accounts that differ only in how their {column} is written (id and {column}): {'; '.join(found)}."
                    " Change all but one of each in the admin, then migrate again."
                )


class Migration(OnlineMigration):

    dependencies = [("common", "0002_text_functions"), ("users", "0004_addresses_in_one_form")]

    operations = [
        migrations.RunPython(require_unique, migrations.RunPython.noop),
        AddUniqueOnline(
            model_name="user",
            constraint=models.UniqueConstraint(
                NormalForm("username"),
                name="user_username_unique_in_normal_form",
                violation_error_message="This username is taken.",
            ),
        ),
        AddUniqueOnline(
            model_name="user",
            constraint=models.UniqueConstraint(
                NormalForm("email"),
                name="user_email_unique_in_normal_form",
                violation_error_message="This e-mail address is taken.",
            ),
        ),
        RemoveUniqueOnline(model_name="user", name="user_username_unique_ignoring_case"),
        RemoveUniqueOnline(model_name="user", name="user_email_unique_ignoring_case"),
    ]
