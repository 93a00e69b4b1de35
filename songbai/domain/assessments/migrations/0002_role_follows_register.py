from __future__ import annotations

from django.db import migrations

FOLLOW = """
CREATE FUNCTION assessments_follow_register(p_account bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF session_user = 'songbai_web'
    AND coalesce(current_setting('songbai.account', true), '') = '' THEN
    RAISE EXCEPTION 'no scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF EXISTS (SELECT 1 FROM assessments_assessor
             WHERE account_id = p_account AND left_on IS NULL) THEN
    INSERT INTO accounts_role (account_id, kind, scope, organisation_id, title)
    VALUES (p_account, 'assessor', '', NULL, '评估员')
    ON CONFLICT (account_id, kind, scope, organisation_id) DO UPDATE SET valid_until = NULL;
  ELSE
    UPDATE accounts_role SET valid_until = p_at
    WHERE account_id = p_account AND kind = 'assessor'
      AND (valid_until IS NULL OR valid_until > p_at);
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    """An account may act as an assessor exactly while the register names it."""

    dependencies = [("assessments", "0001_initial"), ("accounts", "0003_end_and_family")]
    operations = [
        migrations.RunSQL(FOLLOW, "DROP FUNCTION assessments_follow_register"),
    ]
