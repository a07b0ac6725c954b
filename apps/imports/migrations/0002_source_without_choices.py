from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_initial")]

    # Changes nothing in the database: the sources are listed in one place of the code
    operations = [
        migrations.AlterField(
            model_name="importjob",
            name="source",
            field=models.CharField(max_length=10, help_text="One of ImportSource."),
        )
    ]
