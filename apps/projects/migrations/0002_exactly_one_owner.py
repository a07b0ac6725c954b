"""Tie a project's owner to a membership with the role `owner`, checked at commit."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE projects_project ADD CONSTRAINT project_owner_is_member_as_owner
                FOREIGN KEY (id, owner_id, owner_role)
                REFERENCES projects_membership (project_id, user_id, role)
                DEFERRABLE INITIALLY DEFERRED
            """,
            reverse_sql="ALTER TABLE projects_project DROP CONSTRAINT project_owner_is_member_as_owner",
        )
    ]
