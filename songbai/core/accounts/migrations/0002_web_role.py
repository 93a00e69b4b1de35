from django.db import migrations

CREATE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'songbai_web') THEN
    CREATE ROLE songbai_web LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
"""

ACCESS = """
CREATE FUNCTION accounts_grant(
  p_person bigint, p_region text, p_why text, p_from timestamptz, p_until timestamptz,
  p_account bigint, p_organisation bigint
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF session_user = 'songbai_web' AND NOT (
    (p_region >= NULLIF(current_setting('songbai.region_from', true), '')
     AND p_region <= NULLIF(current_setting('songbai.region_to', true), '')) IS TRUE
    OR EXISTS (
      SELECT FROM accounts_access WHERE person_id = p_person AND valid_until > now()
      AND (account_id = NULLIF(current_setting('songbai.account', true), '')::bigint
        OR organisation_id = NULLIF(current_setting('songbai.organisation', true), '')::bigint)))
  THEN
    RAISE EXCEPTION 'the person is outside your scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO accounts_access
    (person_id, region_id, account_id, organisation_id, why, valid_from, valid_until)
  VALUES (p_person, p_region, p_account, p_organisation, p_why, p_from, p_until)
  ON CONFLICT (person_id, account_id, organisation_id, why)
  DO UPDATE SET valid_until = greatest(accounts_access.valid_until, excluded.valid_until);
END $$;
"""


class Migration(migrations.Migration):
    """The web role, and the one way to give access to a person."""

    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.RunSQL(CREATE, migrations.RunSQL.noop),
        migrations.RunSQL(ACCESS, "DROP FUNCTION accounts_grant"),
    ]
