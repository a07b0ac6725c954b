"""The function that makes keys to sort text by, in every script."""

from django.db import migrations

from apps.common.text.sort_function import sort_key_sql


class Migration(migrations.Migration):
    dependencies = [("common", "0002_text_functions")]

    operations = [migrations.RunSQL(sql=[(sort_key_sql(), None)], reverse_sql="DROP FUNCTION sort_key(text)")]
