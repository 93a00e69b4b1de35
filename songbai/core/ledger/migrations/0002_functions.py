from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION songbai_has_scope() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(current_setting('songbai.account', true), '') <> ''
      OR coalesce(current_setting('songbai.region_to', true), '') <> ''
$$;

CREATE FUNCTION ledger_open(
  p_code text, p_name text, p_unit text, p_floor bigint, p_region text,
  p_person bigint, p_organisation bigint
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found bigint;
BEGIN
  IF session_user = 'songbai_web' AND NOT songbai_has_scope() THEN
    RAISE EXCEPTION 'no scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT id INTO found FROM ledger_ledgeraccount WHERE code = p_code;
  IF found IS NULL THEN
    INSERT INTO ledger_ledgeraccount (code, name, unit, balance, floor, region_id, person_id, organisation_id)
    VALUES (p_code, p_name, p_unit, 0, p_floor, p_region, p_person, p_organisation)
    ON CONFLICT (code) DO NOTHING;
    SELECT id INTO found FROM ledger_ledgeraccount WHERE code = p_code;
  END IF;
  RETURN found;
END $$;

CREATE FUNCTION ledger_lock(p_ids bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT 1 FROM ledger_ledgeraccount WHERE id = ANY (p_ids) ORDER BY id FOR NO KEY UPDATE
$$;

CREATE FUNCTION ledger_post(
  p_id uuid, p_debit bigint, p_credit bigint, p_amount bigint, p_kind text, p_month text,
  p_subject_kind text, p_subject_id bigint, p_memo text, p_at timestamptz, p_actor bigint,
  p_region text, p_person bigint, p_organisation bigint, p_reverses uuid
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE written uuid;
BEGIN
  IF session_user = 'songbai_web' AND NOT songbai_has_scope() THEN
    RAISE EXCEPTION 'no scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO ledger_transfer (id, debit_id, credit_id, amount, kind, month, subject_kind, subject_id,
    memo, at, actor_id, region_id, person_id, organisation_id, reverses_id)
  VALUES (p_id, p_debit, p_credit, p_amount, p_kind, p_month, p_subject_kind, p_subject_id,
    p_memo, p_at, p_actor, p_region, p_person, p_organisation, p_reverses)
  ON CONFLICT (id) DO NOTHING RETURNING id INTO written;
  IF written IS NULL THEN
    RETURN false;
  END IF;
  UPDATE ledger_ledgeraccount SET balance = balance - p_amount WHERE id = p_debit;
  UPDATE ledger_ledgeraccount SET balance = balance + p_amount WHERE id = p_credit;
  RETURN true;
END $$;
"""

DROP = """
DROP FUNCTION ledger_post; DROP FUNCTION ledger_lock; DROP FUNCTION ledger_open;
DROP FUNCTION songbai_has_scope;
"""


class Migration(migrations.Migration):
    """The two ways into the ledger, run with the owner's rights."""

    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTIONS, DROP)]
