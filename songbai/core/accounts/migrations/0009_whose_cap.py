from django.db import migrations

#: As before; says whose cap is reached: the place's for a day, or the number's, an hour at most.
ASK = """
CREATE OR REPLACE FUNCTION accounts_ask_code(
  p_phone bytea, p_token bytea, p_digest bytea, p_source bytea
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  moment timestamptz := songbai_now();
  a_day constant int := 86400;
BEGIN
  PERFORM FROM accounts_logincode WHERE phone_index = p_phone AND valid_until > moment
    AND asked_at BETWEEN moment - interval '30 seconds' AND moment AND wrong < 20;
  IF FOUND THEN
    RETURN 'kept';
  END IF;
  IF accounts_take(sha256('ask' || p_phone), p_source, 8, a_day, a_day, a_day) > 0 THEN
    RETURN 'place';
  END IF;
  IF accounts_take(sha256('ask' || p_phone), '', 20, 600, 3600, a_day) > 0 THEN
    RETURN 'number';
  END IF;
  IF accounts_take('ask', p_source, 100, a_day, a_day, a_day) > 0 THEN
    RETURN 'place';
  END IF;
  INSERT INTO accounts_logincode (phone_index, token, digest, asked_at, valid_until, wrong)
  VALUES (p_phone, p_token, p_digest, moment, moment + interval '5 minutes', 0)
  ON CONFLICT (phone_index) DO UPDATE SET token = p_token, digest = p_digest, asked_at = moment,
    valid_until = moment + interval '5 minutes', wrong = 0, sent = false;
  DELETE FROM accounts_tries WHERE what = p_phone;
  RETURN 'new';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_signed_calls")]
    operations = [migrations.RunSQL(ASK, migrations.RunSQL.noop)]
