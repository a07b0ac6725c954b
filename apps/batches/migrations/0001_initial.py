"""Batches and what became of their tasks (contract 09)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import apps.common.uuid7


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('attempts', models.PositiveIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField(default=django.utils.timezone.now, help_text='Also the end of a running lease.')),
                ('lease', models.UUIDField(help_text='Whose claim it is.', null=True)),
                ('id', models.UUIDField(default=apps.common.uuid7.uuid7, editable=False, primary_key=True, serialize=False)),
                ('token_id', models.BigIntegerField(null=True)),
                ('action', models.CharField(choices=[('update', 'Update'), ('move', 'Move'), ('archive', 'Archive'), ('unarchive', 'Unarchive'), ('delete', 'Delete'), ('complete', 'Complete'), ('create', 'Create'), ('restore', 'Restore'), ('undo', 'Undo')], max_length=10)),
                ('mode', models.CharField(choices=[('atomic', 'Atomic'), ('best_effort', 'Best effort')], default='atomic', max_length=11)),
                ('dry_run', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='done', max_length=7)),
                ('request', models.JSONField(default=dict, help_text='What is to be done: for a batch in the background.')),
                ('total', models.PositiveIntegerField(default=0, help_text='How many tasks it is about.')),
                ('counts', models.JSONField(default=dict, help_text='Tasks by outcome.')),
                ('cursor', models.PositiveIntegerField(default=0, help_text='How many tasks have had their turn.')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('actor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undone_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='batches.batch')),
            ],
            options={
                'verbose_name_plural': 'batches',
            },
        ),
        migrations.CreateModel(
            name='BatchItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('project_id', models.BigIntegerField(help_text='Where the task was afterwards.', null=True)),
                ('task_id', models.BigIntegerField(null=True)),
                ('task_key', models.CharField(blank=True, help_text='Empty for a task that the actor did not see.', max_length=40)),
                ('result', models.CharField(choices=[('changed', 'Changed'), ('unchanged', 'Unchanged'), ('failed', 'Failed'), ('conflict', 'Conflict')], max_length=9)),
                ('version', models.PositiveBigIntegerField(null=True)),
                ('changes', models.JSONField(default=dict)),
                ('error', models.JSONField(null=True)),
                ('batch', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='batches.batch')),
            ],
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(fields=['actor', 'created_at', 'id'], name='batch_by_actor'),
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(fields=['created_at'], name='batch_by_age'),
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(condition=models.Q(('state__in', ['pending', 'running'])), fields=['next_attempt_at'], name='batch_open'),
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(condition=models.Q(('undone_by__isnull', False)), fields=['undone_by'], name='batch_by_undo'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['update', 'move', 'archive', 'unarchive', 'delete', 'complete', 'create', 'restore', 'undo'])), name='batch_action_known'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('mode__in', ['atomic', 'best_effort'])), name='batch_mode_known'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'running', 'done', 'failed'])), name='batch_state_known'),
        ),
        migrations.AddIndex(
            model_name='batchitem',
            index=models.Index(fields=['task_id'], name='batch_item_by_task'),
        ),
        migrations.AddIndex(
            model_name='batchitem',
            index=models.Index(fields=['project_id'], name='batch_item_by_project'),
        ),
        migrations.AddConstraint(
            model_name='batchitem',
            constraint=models.UniqueConstraint(fields=('batch', 'position'), name='batch_item_position_once'),
        ),
        migrations.AddConstraint(
            model_name='batchitem',
            constraint=models.CheckConstraint(condition=models.Q(('result__in', ['changed', 'unchanged', 'failed', 'conflict'])), name='batch_item_result_known'),
        ),
    ]
