from django.db import migrations, models

#: As before, and when the account was used last.
CHANGE = """
CREATE OR REPLACE FUNCTION accounts_change(p_account bigint, p_changes text, p_token text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  changes jsonb := p_changes::jsonb;
BEGIN
  IF NOT songbai_signed(format('account|%s|%s', p_account, p_changes), p_token) THEN
    RAISE EXCEPTION 'a change nobody signed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  UPDATE accounts_account SET
    password = coalesce(changes ->> 'password', password),
    phone = coalesce(decode(changes ->> 'phone', 'hex'), phone),
    phone_index = coalesce(decode(changes ->> 'phone_index', 'hex'), phone_index),
    is_active = coalesce((changes ->> 'is_active')::boolean, is_active),
    last_login = coalesce((changes ->> 'last_login')::timestamptz, last_login)
  WHERE id = p_account;
END $$;
"""
#: The open doubt of an account changes by what was signed: one is opened where there is none, if
#: that is said. Answers which it is.
DOUBT = """
CREATE FUNCTION accounts_doubt(p_account bigint, p_changes text, p_token text)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  changes jsonb := p_changes::jsonb;
  found_id bigint;
BEGIN
  IF NOT songbai_signed(format('doubt|%s|%s', p_account, p_changes), p_token) THEN
    RAISE EXCEPTION 'a doubt nobody signed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF changes ? 'at' THEN
    INSERT INTO accounts_numberdoubt
      (account_id, why, note, at, by_id, tries, same, ended_at, ended_by, found)
    VALUES (p_account, changes ->> 'why', changes ->> 'note', (changes ->> 'at')::timestamptz,
      (changes ->> 'by_id')::bigint,
      0, NULL, NULL, '', '')
    ON CONFLICT (account_id) WHERE same IS NULL DO NOTHING;
    SELECT id INTO found_id FROM accounts_numberdoubt WHERE account_id = p_account AND same IS NULL;
    RETURN found_id;
  END IF;
  UPDATE accounts_numberdoubt d SET
    why = coalesce(changes ->> 'why', why),
    note = coalesce(changes ->> 'note', note),
    by_id = CASE WHEN changes ? 'by_id' THEN (changes ->> 'by_id')::bigint ELSE by_id END,
    tries = tries + coalesce((changes ->> 'tries')::int, 0),
    same = (changes ->> 'same')::boolean,
    ended_at = (changes ->> 'ended_at')::timestamptz,
    ended_by = coalesce(changes ->> 'ended_by', ended_by),
    found = coalesce(changes ->> 'found', d.found)
  WHERE account_id = p_account AND same IS NULL RETURNING id INTO found_id;
  RETURN found_id;
END $$;
"""
#: A code that was spent does not keep a new one away. Whose number others flood waits an hour at
#: most between two messages, not a day. A new code is to be sent; one that was used is none, also when the clock is set back.
ASK = """
DO $do$ BEGIN
  EXECUTE replace(replace(replace(pg_get_functiondef('public.accounts_ask_code'::regproc),
    'wrong = 0;', 'wrong = 0, sent = false;'),
    'AND moment;', 'AND moment AND wrong < 20;'),
    '20, a_day, a_day, a_day)', '20, 600, 3600, a_day)');
  EXECUTE replace(pg_get_functiondef('public.accounts_try_code'::regproc),
    'token = '''' WHERE', 'token = '''', digest = '''' WHERE');
END $do$;
"""
UNDO = "DROP FUNCTION accounts_doubt(bigint, text, text)"


class Migration(migrations.Migration):
    """Texts kept instead of sent are encrypted (older ones go), a code is sent once, doubts and
    log-ins are signed.
    """

    dependencies = [("accounts", "0006_doubted_by")]
    operations = [
        migrations.RunSQL(CHANGE + DOUBT, UNDO),
        migrations.AddField("logincode", "sent", models.BooleanField(db_default=False)),
        migrations.RunSQL(ASK, migrations.RunSQL.noop),
        migrations.RunSQL("DELETE FROM accounts_textmessage", migrations.RunSQL.noop),
        migrations.RemoveField("textmessage", "text"),
        migrations.AddField("textmessage", "text", models.BinaryField(default=b"")),
        migrations.AlterField("textmessage", "text", models.BinaryField()),
    ]
