from django.db import migrations

END = """
CREATE FUNCTION accounts_end(p_person bigint, p_why text, p_account bigint, p_at timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF session_user = 'songbai_web' AND NOT EXISTS (
    SELECT FROM accounts_access WHERE person_id = p_person AND (
      (region_id >= NULLIF(current_setting('songbai.region_from', true), '')
       AND region_id <= NULLIF(current_setting('songbai.region_to', true), '')) IS TRUE
      OR (valid_until > now()
        AND account_id = NULLIF(current_setting('songbai.account', true), '')::bigint)))
  THEN
    RAISE EXCEPTION 'the person is outside your scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE accounts_access SET valid_until = p_at
  WHERE person_id = p_person AND why = p_why AND account_id = p_account AND valid_until > p_at;
END $$;

CREATE FUNCTION accounts_family_role(p_account bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF session_user = 'songbai_web'
    AND coalesce(current_setting('songbai.account', true), '') = '' THEN
    RAISE EXCEPTION 'no scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO accounts_role (account_id, kind, scope, organisation_id, title)
  VALUES (p_account, 'family', '', NULL, '家属') ON CONFLICT DO NOTHING;
END $$;
"""


class Migration(migrations.Migration):
    """Ending access, and the family's role, as the web role may do them: through functions."""

    dependencies = [("accounts", "0002_web_role")]
    operations = [
        migrations.RunSQL(END, "DROP FUNCTION accounts_end; DROP FUNCTION accounts_family_role")
    ]
