from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION ledger_open_many(
  p_codes text[], p_names text[], p_units text[], p_floors bigint[], p_regions text[],
  p_persons bigint[], p_organisations bigint[]
) RETURNS TABLE (code text, id bigint) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF session_user = 'songbai_web' AND NOT songbai_has_scope() THEN
    RAISE EXCEPTION 'no scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO ledger_ledgeraccount
    (code, name, unit, balance, floor, region_id, person_id, organisation_id)
  SELECT u.c, u.n, u.u, 0, u.f, u.r, u.p, u.o
  FROM unnest(p_codes, p_names, p_units, p_floors, p_regions, p_persons, p_organisations)
    AS u(c, n, u, f, r, p, o)
  WHERE NOT EXISTS (SELECT FROM ledger_ledgeraccount a WHERE a.code = u.c)
  ORDER BY u.c
  ON CONFLICT DO NOTHING;
  RETURN QUERY SELECT a.code::text, a.id FROM ledger_ledgeraccount a WHERE a.code = ANY (p_codes);
END $$;

CREATE FUNCTION ledger_post_many(
  p_ids uuid[], p_debits bigint[], p_credits bigint[], p_amounts bigint[], p_kinds text[],
  p_months text[], p_subject_kinds text[], p_subjects bigint[], p_memos text[], p_at timestamptz,
  p_actor bigint, p_regions text[], p_persons bigint[], p_organisations bigint[],
  p_reverses uuid[]
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE written bigint;
BEGIN
  IF session_user = 'songbai_web' AND NOT songbai_has_scope() THEN
    RAISE EXCEPTION 'no scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM 1 FROM ledger_ledgeraccount
  WHERE id = ANY (p_debits) OR id = ANY (p_credits) ORDER BY id FOR NO KEY UPDATE;
  -- A balance moves by exactly the transfers this statement writes: what was there stays out.
  WITH posted AS (
    INSERT INTO ledger_transfer (id, debit_id, credit_id, amount, kind, month, subject_kind,
      subject_id, memo, at, actor_id, region_id, person_id, organisation_id, reverses_id)
    SELECT u.id, u.debit, u.credit, u.amount, u.kind, u.month, u.subject_kind, u.subject, u.memo,
      p_at, p_actor, u.region, u.person, u.organisation, u.reverses
    FROM unnest(p_ids, p_debits, p_credits, p_amounts, p_kinds, p_months, p_subject_kinds,
      p_subjects, p_memos, p_regions, p_persons, p_organisations, p_reverses)
      AS u(id, debit, credit, amount, kind, month, subject_kind, subject, memo, region, person,
        organisation, reverses)
    ON CONFLICT (id) DO NOTHING
    RETURNING debit_id, credit_id, amount
  ), moved AS (
    SELECT account, sum(fen)::bigint AS fen FROM (
      SELECT debit_id AS account, -amount AS fen FROM posted
      UNION ALL SELECT credit_id, amount FROM posted
    ) both_sides GROUP BY account
  ), changed AS (
    UPDATE ledger_ledgeraccount a SET balance = a.balance + moved.fen
    FROM moved WHERE a.id = moved.account
  )
  SELECT count(*) INTO written FROM posted;
  RETURN written;
END $$;
"""

DROP = "DROP FUNCTION ledger_post_many; DROP FUNCTION ledger_open_many;"


class Migration(migrations.Migration):
    """The same two ways into the ledger for many transfers in one statement."""

    dependencies = [("ledger", "0002_functions")]
    operations = [migrations.RunSQL(FUNCTIONS, DROP)]
