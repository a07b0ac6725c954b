"""Calendar feeds. The view of one may be gone, so it is no foreign key of the database."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tasks', '0018_by_project_and_id'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('components', models.CharField(choices=[('event', 'Events'), ('todo', 'To-dos'), ('both', 'Events and to-dos')], db_column='as', default='event', max_length=5)),
                ('details', models.BooleanField(default=False)),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_feeds', to=settings.AUTH_USER_MODEL)),
                ('view', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='tasks.savedview')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('components__in', ['event', 'todo', 'both'])), name='calendar_feed_components_known')],
            },
        ),
    ]
