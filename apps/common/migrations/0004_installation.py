"""What tells one database from its restored copies (contract E9)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("common", "0003_sort_key")]

    operations = [
        migrations.CreateModel(
            "Installation",
            [
                ("id", models.BigIntegerField(default=1, primary_key=True, serialize=False)),
                ("epoch", models.UUIDField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(id=1), name="installation_is_one_row")]
            },
        ),
        migrations.RunSQL(
            "INSERT INTO common_installation (id, epoch) VALUES (1, gen_random_uuid())", migrations.RunSQL.noop
        ),
    ]
