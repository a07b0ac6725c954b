"""Invitations; the database deletes them with their project (contract IN)."""

import apps.common.text.normal_form
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


# The table is new: a check of no rows takes no time.
FOREIGN_KEY = """
-- squawk-ignore adding-foreign-key-constraint,constraint-missing-not-valid
ALTER TABLE invitations_invitation ADD CONSTRAINT invitation_of_a_project FOREIGN KEY (project_id)
REFERENCES projects_project (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('projects', '0013_blocked_done'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254)),
                ('role', models.CharField(choices=[('viewer', 'Viewer'), ('commenter', 'Commenter'), ('member', 'Member'), ('admin', 'Admin')], default='member', max_length=10)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('revoked', 'Revoked'), ('expired', 'Expired')], default='pending', max_length=10)),
                ('seed', models.UUIDField(editable=False)),
                ('mail_digest', models.BinaryField(max_length=32, unique=True)),
                ('link_digest', models.BinaryField(max_length=32, unique=True)),
                ('former_digests', django.contrib.postgres.fields.ArrayField(base_field=models.BinaryField(max_length=32), default=list, editable=False, size=None)),
                ('mail_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, editable=False, help_text='Its rows of the outbox, the newest last.', size=None)),
                ('resent_at', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), default=list, editable=False, size=None)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('accepted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='projects.project')),
            ],
            options={
                'indexes': [models.Index(fields=['project', 'created_at', 'id'], name='invitation_by_project'), models.Index(fields=['created_at'], name='invitation_by_age'), django.contrib.postgres.indexes.GinIndex(fields=['former_digests'], name='invitation_former_digests')],
                'constraints': [models.UniqueConstraint(models.F('project'), apps.common.text.normal_form.NormalForm('email'), condition=models.Q(('state', 'pending')), name='invitation_pending_once'), models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'accepted', 'declined', 'revoked', 'expired'])), name='invitation_state_known'), models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'commenter', 'member', 'admin'])), name='invitation_role_grantable'), models.CheckConstraint(condition=models.Q(('state', 'accepted'), ('accepted_by', None), _connector='OR'), name='invitation_accepted_by_somebody')],
            },
        ),
        migrations.RunSQL(
            FOREIGN_KEY, "ALTER TABLE invitations_invitation DROP CONSTRAINT invitation_of_a_project"
        ),
    ]
