"""Exports; the database deletes those of a project with it (contract 13, O7)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# The table is new: a check of no rows takes no time.
IGNORE = "-- squawk-ignore adding-foreign-key-constraint,constraint-missing-not-valid\n"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('projects', '0013_blocked_done'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField(default=django.utils.timezone.now, help_text='Also the end of a running lease.')),
                ('lease', models.UUIDField(help_text='Whose claim it is.', null=True)),
                ('scope', models.CharField(choices=[('project', 'A project'), ('account', 'An account')], max_length=10)),
                ('with_files', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('ready', 'Ready'), ('failed', 'Failed'), ('expired', 'Expired')], default='pending', max_length=10)),
                ('storage_name', models.CharField(blank=True, help_text='Empty while there is no file.', max_length=200)),
                ('size', models.PositiveBigIntegerField(help_text='Bytes.', null=True)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('request_id', models.CharField(blank=True, max_length=128)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.project')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['next_attempt_at'], name='export_pending'), models.Index(fields=['created_at'], name='export_by_age')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('project__isnull', False), ('scope', 'project')), models.Q(('project', None), ('scope', 'account')), _connector='OR'), name='export_of_a_project_or_an_account'), models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'ready', 'failed', 'expired'])), name='export_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'ready'), _negated=True), models.Q(('expires_at__isnull', False), ('size__isnull', False), models.Q(('storage_name', ''), _negated=True)), _connector='OR'), name='export_ready_has_its_file')],
            },
        ),
        migrations.RunSQL(
            f"{IGNORE}ALTER TABLE exports_export ADD CONSTRAINT export_ends_with_project FOREIGN KEY (project_id)"
            " REFERENCES projects_project (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE exports_export DROP CONSTRAINT export_ends_with_project",
        ),
    ]
