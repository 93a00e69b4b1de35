from django.db import migrations

from songbai.core.signing import only_signed

#: Whether an account acts for any elder now, wherever: not for whom.
BOUND = """
CREATE FUNCTION elders_is_bound(p_account bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM elders_proxy
    WHERE account_id = p_account AND valid_until > songbai_now())
$$;
"""


class Migration(migrations.Migration):

    dependencies = [("elders", "0013_trust_is_signed")]
    operations = [
        migrations.RunSQL(BOUND, "DROP FUNCTION elders_is_bound"),
        only_signed("elders_is_bound"),
    ]
