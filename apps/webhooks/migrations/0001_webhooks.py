"""Webhooks, their deliveries and matches; the database deletes them with their project, webhook and task (contract WH)."""

import django.contrib.postgres.fields
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

    initial = True

    dependencies = [
        ('projects', '0013_blocked_done'),
        ('tasks', '0017_saved_views'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('url', models.CharField(max_length=2000)),
                ('events', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('filter', models.TextField(blank=True)),
                ('ast', models.JSONField(null=True)),
                ('payload', models.CharField(choices=[('full', 'The event with its object'), ('thin', 'The event alone, without people and values')], default='full', max_length=4)),
                ('description', models.CharField(blank=True, max_length=200)),
                ('secret_encrypted', models.TextField(editable=False)),
                ('old_secret_encrypted', models.TextField(editable=False, null=True)),
                ('old_until', models.DateTimeField(editable=False, null=True)),
                ('state', models.CharField(choices=[('active', 'Active'), ('disabled', 'Disabled')], default='active', max_length=8)),
                ('disabled_reason', models.CharField(choices=[('gone', 'The receiver answered 410'), ('failing', 'No delivery succeeded for five days'), ('manual', 'Somebody disabled it'), ('filter', 'Its filter names something that is gone')], max_length=7, null=True)),
                ('failing_since', models.DateTimeField(help_text='The first failure since the last success.', null=True)),
                ('last_success_at', models.DateTimeField(null=True)),
                ('cursor_seq', models.PositiveBigIntegerField(editable=False)),
                ('version', models.PositiveBigIntegerField(default=1, editable=False)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='webhooks', to='projects.project')),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField(default=django.utils.timezone.now, help_text='Also the end of a running lease.')),
                ('lease', models.UUIDField(help_text='Whose claim it is.', null=True)),
                ('event_id', models.UUIDField()),
                ('type', models.CharField(max_length=40)),
                ('left_filter', models.BooleanField(default=False)),
                ('redelivery_no', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('sent', 'Sent'), ('failed', 'Failed'), ('blocked', 'Blocked: the address is not allowed')], default='pending', max_length=7)),
                ('attempted_at', models.DateTimeField(null=True)),
                ('code', models.PositiveIntegerField(help_text='The status of the last answer.', null=True)),
                ('took_ms', models.PositiveIntegerField(null=True)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('request_body', models.TextField(blank=True, help_text='That of the last attempt.')),
                ('response_body', models.TextField(blank=True, help_text='The beginning of the last answer.')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('activity', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='projects.activity')),
                ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
                ('redelivery_of', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='webhooks.delivery')),
                ('webhook', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='webhooks.webhook')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
            },
        ),
        migrations.CreateModel(
            name='WebhookMatch',
            fields=[
                ('pk', models.CompositePrimaryKey('webhook_id', 'task_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('task', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tasks.task')),
                ('webhook', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='matches', to='webhooks.webhook')),
            ],
            options={
                'verbose_name_plural': 'webhook matches',
            },
        ),
        migrations.AddIndex(
            model_name='webhook',
            index=models.Index(fields=['project', 'created_at', 'id'], name='webhook_by_project'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(('payload__in', ['full', 'thin'])), name='webhook_payload_known'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('disabled_reason', None), ('state', 'active')), models.Q(('disabled_reason__in', ['gone', 'failing', 'manual', 'filter']), ('state', 'disabled')), _connector='OR'), name='webhook_disabled_for_a_reason'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['webhook', 'created_at', 'id'], name='delivery_by_webhook'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['next_attempt_at'], name='delivery_pending'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['webhook', 'next_attempt_at', 'id'], name='delivery_pending_of_webhook'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['created_at'], name='delivery_by_age'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['activity'], name='delivery_by_activity'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['project'], name='delivery_by_project'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('redelivery_of__isnull', False)), fields=['redelivery_of'], name='delivery_by_original'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('webhook', 'event_id', 'redelivery_no'), name='delivery_once_per_event'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'pending'), ('type', 'webhook.test')), fields=('webhook',), name='delivery_one_open_test'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'sent', 'failed', 'blocked'])), name='delivery_state_known'),
        ),
        migrations.AddIndex(
            model_name='webhookmatch',
            index=models.Index(fields=['task'], name='webhook_match_by_task'),
        ),
        foreign_key("webhooks_webhook", "webhook_ends_with_project", "project_id", "projects_project"),
        foreign_key("webhooks_delivery", "delivery_ends_with_project", "project_id", "projects_project"),
        foreign_key("webhooks_delivery", "delivery_ends_with_webhook", "webhook_id", "webhooks_webhook"),
        foreign_key("webhooks_webhookmatch", "webhook_match_ends_with_webhook", "webhook_id", "webhooks_webhook"),
        foreign_key("webhooks_webhookmatch", "webhook_match_ends_with_task", "task_id", "tasks_task"),
    ]
