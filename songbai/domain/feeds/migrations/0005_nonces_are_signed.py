from django.db import migrations

from songbai.core.signing import only_signed

SPEND = """
CREATE FUNCTION feeds_spend_nonce(p_key bigint, p_value text, p_at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO feeds_nonce (key_id, value, at) VALUES (p_key, p_value, p_at)
$$;
"""


class Migration(migrations.Migration):
    """A number used once is spent by who was recognised at the door, by nobody in its place."""

    dependencies = [("feeds", "0004_keys_are_signed")]
    operations = [
        migrations.RunSQL(SPEND, "DROP FUNCTION feeds_spend_nonce"),
        only_signed("feeds_spend_nonce"),
    ]
