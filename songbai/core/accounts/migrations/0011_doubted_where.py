from django.db import migrations, models

#: The place of a doubt is kept with it; a graver sign says its own.
WHERE = """
DO $do$ BEGIN
  EXECUTE replace(replace(replace(pg_get_functiondef('public.accounts_doubt'::regproc),
    'ended_by, found)', 'ended_by, found, region)'),
    '0, NULL, NULL, '''', '''')',
    '0, NULL, NULL, '''', '''', coalesce(changes ->> ''region'', ''''))'),
    'note = coalesce(',
    'region = coalesce(nullif(changes ->> ''region'', ''''), d.region), note = coalesce(');
END $do$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_died")]
    operations = [
        migrations.AddField(
            "numberdoubt", "region", models.CharField(max_length=12, default="", db_default="")
        ),
        migrations.RunSQL(WHERE, migrations.RunSQL.noop),
    ]
