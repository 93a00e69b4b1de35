from django.db import migrations

#: Takes what no longer stands out of the derived view: the web role deletes nothing by itself.
END = """
CREATE FUNCTION elders_end_current(person bigint, what text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF session_user = 'songbai_web' AND NOT EXISTS (
    SELECT FROM elders_elder e
    WHERE e.id = person
      AND e.region_id BETWEEN NULLIF(current_setting('songbai.region_from', true), '')
                          AND NULLIF(current_setting('songbai.region_to', true), ''))
  THEN
    RAISE EXCEPTION 'a fact of somebody outside the scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM elders_currentfact WHERE elder_id = person AND kind = what;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('elders', '0005_lists_are_read_by_all'),
    ]

    operations = [
        migrations.RunSQL(END, "DROP FUNCTION elders_end_current"),
    ]
