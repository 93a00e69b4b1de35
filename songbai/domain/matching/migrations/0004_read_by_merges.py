from django.db import migrations

#: Only merges and their undoing, whose triggers call it, change what a record is read as.
BY_TRIGGERS = """
DO $do$ BEGIN
  EXECUTE replace(pg_get_functiondef('public.matching_read_as'::regproc),
    'FROM root WHERE e.id', 'FROM root WHERE pg_trigger_depth() > 0 AND e.id');
END $do$;
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0003_rows_are_carried")]
    operations = [migrations.RunSQL(BY_TRIGGERS, migrations.RunSQL.noop)]
