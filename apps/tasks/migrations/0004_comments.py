"""Comments, their former texts, and who is named in them; rows go with their task and follow it to another project.

The database deletes and moves them (contract O7): a task with 100,000 comments is one statement of the application.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# The tables are new: a check of no rows takes no time.
IGNORE = "-- squawk-ignore adding-foreign-key-constraint,constraint-missing-not-valid\n"


def foreign_key(table: str, name: str, columns: str, target: str) -> migrations.RunSQL:
    """Return the operation that adds a foreign key which only the database knows."""
    return migrations.RunSQL(
        f"{IGNORE}ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {target}",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def reference(to: str, **options) -> models.ForeignKey:
    """Return a reference whose constraint is made by `foreign_key`."""
    options = {"on_delete": django.db.models.deletion.DO_NOTHING, "db_index": False} | options
    return models.ForeignKey(db_constraint=False, to=to, **options)


def person(**options) -> models.ForeignKey:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, **options
    )


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0003_search_in_every_script"),
        ("projects", "0006_commenter"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="comments_count",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("body", models.TextField(help_text="Markdown as it was sent; null once deleted.", null=True)),
                ("version", models.PositiveBigIntegerField(default=1)),
                ("edits_count", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("edited_at", models.DateTimeField(null=True)),
                ("deleted_at", models.DateTimeField(null=True)),
                ("author", person(null=True)),
                ("deleted_by", person(null=True, db_index=False)),
                (
                    "project",
                    reference(
                        "projects.project", on_delete=django.db.models.deletion.CASCADE, related_name="comments"
                    ),
                ),
                ("task", reference("tasks.task", related_name="comments")),
            ],
            options={
                "indexes": [models.Index(fields=["task", "created_at", "id"], name="comment_by_task_created")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(deleted_at=None, body__isnull=False)
                        | models.Q(deleted_at__isnull=False, body__isnull=True),
                        name="comment_has_a_text_unless_deleted",
                    )
                ],
            },
        ),
        foreign_key(
            "tasks_comment",
            "comment_in_its_tasks_project",
            "task_id, project_id",
            "tasks_task (id, project_id) ON UPDATE CASCADE ON DELETE CASCADE",
        ),
        migrations.CreateModel(
            name="CommentVersion",
            fields=[
                ("comment", reference("tasks.comment", related_name="former_versions")),
                ("number", models.PositiveBigIntegerField()),
                ("body", models.TextField(help_text="Null once erased.", null=True)),
                ("written_at", models.DateTimeField()),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "comment_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(erased_at=None, body__isnull=False)
                        | models.Q(erased_at__isnull=False, body__isnull=True),
                        name="comment_version_has_a_text_unless_erased",
                    )
                ],
            },
        ),
        foreign_key(
            "tasks_commentversion",
            "comment_version_of_a_comment",
            "comment_id",
            "tasks_comment (id) ON DELETE CASCADE",
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name_as_written",
                    models.CharField(help_text="Empty once it is no longer in the text.", max_length=1_000),
                ),
                ("is_current", models.BooleanField(default=True)),
                (
                    "position",
                    models.PositiveIntegerField(default=0, help_text="Of the first occurrence among the people named."),
                ),
                ("comment", reference("tasks.comment", null=True, db_index=True, related_name="mentions")),
                ("task", reference("tasks.task", related_name="mentions")),
                ("user", person()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("task", "comment", "user"),
                        name="mention_once_per_text_and_person",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        foreign_key("tasks_mention", "mention_in_a_task", "task_id", "tasks_task (id) ON DELETE CASCADE"),
        foreign_key("tasks_mention", "mention_in_a_comment", "comment_id", "tasks_comment (id) ON DELETE CASCADE"),
    ]
