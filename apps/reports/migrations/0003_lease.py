"""Reports are claimed under a lease, as mails are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_reports_end_with_their_project")]

    operations = [
        migrations.AddField("report", "lease", models.UUIDField(help_text="Whose claim it is.", null=True)),
    ]
