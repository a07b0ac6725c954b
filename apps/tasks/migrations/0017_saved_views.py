"""Saved views and whose favourites they are; the database deletes them with their project and their view (contract VI)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# The tables are new: a check of no rows takes no time.
IGNORE = "-- squawk-ignore adding-foreign-key-constraint,constraint-missing-not-valid\n"


def foreign_key(table: str, name: str, column: str, target: str) -> migrations.RunSQL:
    """Return the operation that adds a foreign key which only the database knows."""
    return migrations.RunSQL(
        f"{IGNORE}ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {target} (id)"
        " ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ('projects', '0013_blocked_done'),
        ('tasks', '0016_due_on'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('name', models.CharField(max_length=80)),
                ('filter', models.TextField(blank=True)),
                ('ast', models.JSONField(null=True)),
                ('ordering', models.CharField(default='-created_at', max_length=100)),
                ('layout', models.CharField(choices=[('list', 'List'), ('board', 'Board'), ('calendar', 'Calendar')], default='list', max_length=10)),
                ('group_by', models.CharField(choices=[('status', 'Status'), ('priority', 'Priority'), ('assignee', 'Assignee'), ('label', 'Label'), ('project', 'Project')], max_length=10, null=True)),
                ('columns', models.JSONField(default=list)),
                ('is_shared', models.BooleanField(default=False)),
                ('version', models.PositiveBigIntegerField(default=1, editable=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='saved_views', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to='projects.project')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['project'], name='saved_view_by_project'),
                    models.Index(condition=models.Q(('is_shared', True)), fields=['project'], name='saved_view_shared'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('is_shared', False), ('project__isnull', False), _connector='OR'), name='saved_view_shared_in_project'),
                    models.CheckConstraint(condition=models.Q(('layout__in', ['list', 'board', 'calendar'])), name='saved_view_layout_known'),
                    models.CheckConstraint(condition=models.Q(('group_by', None), ('group_by__in', ['status', 'priority', 'assignee', 'label', 'project']), _connector='OR'), name='saved_view_group_known'),
                ],
            },
        ),
        foreign_key('tasks_savedview', 'saved_view_ends_with_project', 'project_id', 'projects_project'),
        migrations.CreateModel(
            name='ViewFavourite',
            fields=[
                ('pk', models.CompositePrimaryKey('view_id', 'user_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='favourite_views', to=settings.AUTH_USER_MODEL)),
                ('view', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='favourites', to='tasks.savedview')),
            ],
        ),
        foreign_key('tasks_viewfavourite', 'view_favourite_ends_with_view', 'view_id', 'tasks_savedview'),
    ]
