"""Tie an assignee to a membership of the task's project, and a file to its task's project."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_initial"), ("projects", "0002_exactly_one_owner")]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE tasks_task ADD CONSTRAINT task_assignee_is_member
                FOREIGN KEY (project_id, assigned_to_id)
                REFERENCES projects_membership (project_id, user_id)
                DEFERRABLE INITIALLY DEFERRED
            """,
            reverse_sql="ALTER TABLE tasks_task DROP CONSTRAINT task_assignee_is_member",
        ),
        migrations.RunSQL(
            sql="""
                ALTER TABLE tasks_attachment ADD CONSTRAINT attachment_in_its_tasks_project
                FOREIGN KEY (task_id, project_id)
                REFERENCES tasks_task (id, project_id)
                DEFERRABLE INITIALLY DEFERRED
            """,
            reverse_sql="ALTER TABLE tasks_attachment DROP CONSTRAINT attachment_in_its_tasks_project",
        ),
    ]
