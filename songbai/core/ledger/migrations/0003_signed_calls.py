from django.db import migrations

from songbai.core.signing import only_signed

#: Accounts by code, opened where there are none and held in the order of their numbers; then
#: transfers, each after the other or (``p_at_once``) by their sums. Answers how many were new.
MOVE = """
CREATE FUNCTION ledger_move(
  p_accounts json, p_transfers json, p_at timestamptz, p_actor bigint, p_at_once boolean
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  numbers jsonb;
  one record;
  moved bigint := 0;
BEGIN
  SELECT jsonb_object_agg(o.code, o.id) INTO numbers FROM (
    SELECT array_agg(code) AS codes, array_agg(name) AS names, array_agg(unit) AS units,
      array_agg(floor) AS floors, array_agg(region) AS regions, array_agg(person) AS persons,
      array_agg(organisation) AS organisations
    FROM json_to_recordset(p_accounts) AS r(code text, name text, unit text, floor bigint,
      region text, person bigint, organisation bigint)
  ) a, ledger_open_many(codes, names, units, floors, regions, persons, organisations) o;
  IF p_at_once THEN
    RETURN (SELECT ledger_post_many(array_agg(id), array_agg((numbers ->> debit)::bigint),
      array_agg((numbers ->> credit)::bigint), array_agg(amount), array_agg(kind),
      array_agg(month), array_agg(subject_kind), array_agg(subject), array_agg(memo), p_at, p_actor,
      array_agg(region), array_agg(person), array_agg(organisation), array_agg(reverses))
    FROM json_to_recordset(p_transfers) AS r(id uuid, debit text, credit text, amount bigint,
      kind text, month text, subject_kind text, subject bigint, memo text, region text,
      person bigint, organisation bigint, reverses uuid));
  END IF;
  PERFORM ledger_lock(ARRAY(SELECT value::bigint FROM jsonb_each_text(numbers)));
  FOR one IN SELECT * FROM json_to_recordset(p_transfers) AS r(id uuid, debit text, credit text,
    amount bigint, kind text, month text, subject_kind text, subject bigint, memo text,
    region text, person bigint, organisation bigint, reverses uuid)
  LOOP
    moved := moved + ledger_post(one.id, (numbers ->> one.debit)::bigint,
      (numbers ->> one.credit)::bigint, one.amount, one.kind, one.month, one.subject_kind,
      one.subject, one.memo, p_at, p_actor, one.region, one.person, one.organisation,
      one.reverses)::int;
  END LOOP;
  RETURN moved;
END $$;
"""
#: What it is made of is the owner's alone.
PARTS = "ledger_open, ledger_open_many, ledger_lock, ledger_post, ledger_post_many"


class Migration(migrations.Migration):
    """Money moves as the program signed it."""

    dependencies = [("accounts", "0008_signed_calls"), ("ledger", "0002_signed_scope")]
    operations = [
        migrations.RunSQL(MOVE, "DROP FUNCTION ledger_move"),
        migrations.RunSQL(
            f"REVOKE EXECUTE ON FUNCTION {PARTS} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {PARTS} TO PUBLIC",
        ),
        only_signed("ledger_move"),
    ]
