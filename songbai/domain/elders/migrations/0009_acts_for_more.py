from django.db import migrations

#: Whether whoever a binding lets act for an elder acts for somebody else too: who is not told.
MORE = """
CREATE FUNCTION elders_acts_for_more(proxy bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM elders_proxy p JOIN elders_proxy o ON o.account_id = p.account_id
    WHERE p.id = proxy AND o.elder_id <> p.elder_id AND o.valid_until > songbai_now())
$$;
"""


class Migration(migrations.Migration):

    dependencies = [("elders", "0008_signed_scope")]
    operations = [migrations.RunSQL(MORE, "DROP FUNCTION elders_acts_for_more")]
