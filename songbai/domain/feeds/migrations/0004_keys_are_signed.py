from django.db import migrations

from songbai.core.signing import only_signed

WRITE = """
CREATE FUNCTION feeds_issue_key(
  p_key text, p_department text, p_scope text, p_feeds text[], p_algorithm text, p_secret bytea,
  p_at timestamptz, p_by text
) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO feeds_feedkey
    (key_id, department, scope, feeds, algorithm, secret, issued_at, issued_by, revoked_by)
  VALUES (p_key, p_department, p_scope, p_feeds, p_algorithm, p_secret, p_at, p_by, '')
  RETURNING id
$$;

CREATE FUNCTION feeds_revoke_key(p_id bigint, p_at timestamptz, p_by text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE feeds_feedkey SET revoked_at = p_at, revoked_by = p_by
  WHERE id = p_id AND revoked_at IS NULL;
  RETURN FOUND;
END $$;

CREATE FUNCTION feeds_use_key(p_id bigint, p_at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE feeds_feedkey SET last_used_at = p_at WHERE id = p_id
$$;
"""


class Migration(migrations.Migration):
    """Keys of departments are issued and revoked by actions of the program alone; none comes back."""

    dependencies = [("accounts", "0008_signed_calls"), ("feeds", "0003_ways_back")]
    operations = [
        migrations.RunSQL(
            WRITE,
            "DROP FUNCTION feeds_use_key; DROP FUNCTION feeds_revoke_key;"
            " DROP FUNCTION feeds_issue_key",
        ),
        only_signed("feeds_issue_key", "feeds_revoke_key", "feeds_use_key"),
    ]
