"""Imports and their rows; the database deletes those of a project with it (contract 13, O7)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# The tables are new: a check of no rows takes no time.
IGNORE = "-- squawk-ignore adding-foreign-key-constraint,constraint-missing-not-valid\n"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tasks', '0019_external'),
        ('projects', '0013_blocked_done'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField(default=django.utils.timezone.now, help_text='Also the end of a running lease.')),
                ('lease', models.UUIDField(help_text='Whose claim it is.', null=True)),
                ('token_id', models.BigIntegerField(null=True)),
                ('source', models.CharField(choices=[('csv', 'CSV')], max_length=10)),
                ('file_name', models.CharField(max_length=255)),
                ('storage_name', models.CharField(blank=True, help_text='Empty when the file is gone.', max_length=200)),
                ('state', models.CharField(choices=[('analysed', 'Analysed'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('undone', 'Undone')], default='analysed', max_length=10)),
                ('mapping', models.JSONField(default=dict)),
                ('on_existing', models.CharField(choices=[('skip', 'Skip'), ('update', 'Update')], default='skip', max_length=6)),
                ('notify', models.BooleanField(default=False)),
                ('analysis', models.JSONField(default=dict, help_text='What the file has: columns, values, samples, counts.')),
                ('dry_run', models.BooleanField(default=False)),
                ('cursor', models.PositiveIntegerField(default=0, help_text='How many turns are done; each row has two.')),
                ('result', models.JSONField(default=dict, help_text='Rows by result.')),
                ('former', models.JSONField(default=dict, help_text='What an undo of updates needs beside the events.')),
                ('batch_id', models.UUIDField(null=True)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('request_id', models.CharField(blank=True, max_length=128)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
            ],
        ),
        migrations.CreateModel(
            name='ImportRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.PositiveIntegerField()),
                ('external_id', models.CharField(blank=True, max_length=255)),
                ('result', models.CharField(choices=[('created', 'Created'), ('updated', 'Updated'), ('unchanged', 'Unchanged'), ('kept', 'Kept'), ('skipped', 'Skipped'), ('failed', 'Failed')], max_length=9)),
                ('task_id', models.BigIntegerField(null=True)),
                ('written', models.JSONField(default=dict)),
                ('errors', models.JSONField(default=list)),
                ('warnings', models.JSONField(default=list)),
                ('job', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='imports.importjob')),
            ],
        ),
        migrations.AddIndex(
            model_name='importjob',
            index=models.Index(condition=models.Q(('state', 'running')), fields=['next_attempt_at'], name='import_running'),
        ),
        migrations.AddIndex(
            model_name='importjob',
            index=models.Index(fields=['created_at'], name='import_by_age'),
        ),
        migrations.AddIndex(
            model_name='importjob',
            index=models.Index(condition=models.Q(('batch_id__isnull', False)), fields=['batch_id'], name='import_by_batch'),
        ),
        migrations.AddConstraint(
            model_name='importjob',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['analysed', 'running', 'done', 'failed', 'undone'])), name='import_state_known'),
        ),
        migrations.AddConstraint(
            model_name='importjob',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('project',), name='import_runs_alone_in_project'),
        ),
        migrations.AddIndex(
            model_name='importrow',
            index=models.Index(condition=models.Q(('task_id__isnull', False)), fields=['task_id'], name='import_row_by_task'),
        ),
        migrations.AddConstraint(
            model_name='importrow',
            constraint=models.UniqueConstraint(fields=('job', 'row'), name='import_row_once'),
        ),
        migrations.AddConstraint(
            model_name='importrow',
            constraint=models.CheckConstraint(condition=models.Q(('result__in', ['created', 'updated', 'unchanged', 'kept', 'skipped', 'failed'])), name='import_row_result_known'),
        ),
        migrations.RunSQL(
            f"{IGNORE}ALTER TABLE imports_importjob ADD CONSTRAINT import_ends_with_project FOREIGN KEY (project_id)"
            " REFERENCES projects_project (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE imports_importjob DROP CONSTRAINT import_ends_with_project",
        ),
        migrations.RunSQL(
            f"{IGNORE}ALTER TABLE imports_importrow ADD CONSTRAINT import_row_ends_with_import FOREIGN KEY (job_id)"
            " REFERENCES imports_importjob (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE imports_importrow DROP CONSTRAINT import_row_ends_with_import",
        ),
        migrations.RunSQL(
            f"{IGNORE}ALTER TABLE imports_importrow ADD CONSTRAINT import_row_ends_with_task FOREIGN KEY (task_id)"
            " REFERENCES tasks_task (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE imports_importrow DROP CONSTRAINT import_row_ends_with_task",
        ),
    ]
