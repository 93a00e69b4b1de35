from django.db import migrations

from songbai.core.signing import only_signed

WRITE = """
CREATE FUNCTION elders_set_trust(
  p_kind text, p_sources text[], p_at timestamptz, p_by bigint, p_name text, p_reason text
) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO elders_trustorder (kind, sources, set_at, set_by, set_by_name, reason)
  VALUES (p_kind, p_sources, p_at, p_by, p_name, p_reason) RETURNING id
$$;
"""


class Migration(migrations.Migration):
    """Who is believed first, a whole city follows: an action of the program alone says it."""

    dependencies = [("accounts", "0008_signed_calls"), ("elders", "0012_signed_calls")]
    operations = [
        migrations.RunSQL(WRITE, "DROP FUNCTION elders_set_trust"),
        only_signed("elders_set_trust"),
    ]
