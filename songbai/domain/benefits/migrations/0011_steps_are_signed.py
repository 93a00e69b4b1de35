from django.db import migrations

from songbai.core.signing import only_signed

WRITE = """
CREATE FUNCTION benefits_note(
  p_cycles bigint[], p_state text, p_at timestamptz, p_by bigint, p_name text
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO benefits_cyclestep (cycle_id, state, at, by_id, by_name)
  SELECT unnest(p_cycles), p_state, p_at, p_by, p_name
$$;
"""


class Migration(migrations.Migration):
    """Who brought a cycle into which state, an action of the program alone writes down."""

    dependencies = [("accounts", "0008_signed_calls"), ("benefits", "0010_snapshot_key")]
    operations = [
        migrations.RunSQL(WRITE, "DROP FUNCTION benefits_note"),
        only_signed("benefits_note"),
    ]
