"""The functions that compare and search text in every script."""

from django.db import migrations

from apps.common.text.functions import normal_form_sql, search_words_sql


class Migration(migrations.Migration):
    dependencies = [("common", "0001_initial")]

    operations = [
        migrations.RunSQL(sql=[(normal_form_sql(), None)], reverse_sql="DROP FUNCTION normal_form(text)"),
        migrations.RunSQL(sql=[(search_words_sql(), None)], reverse_sql="DROP FUNCTION search_words(text)"),
    ]
