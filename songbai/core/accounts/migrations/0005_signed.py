from django.db import migrations

from songbai.core.signing import asking_for_scope

#: The key of tokens, as HMAC takes it in: the owner's alone.
KEY = """
CREATE TABLE songbai_signing (
  one boolean PRIMARY KEY CHECK (one), inside bytea NOT NULL, outside bytea NOT NULL
);
"""

#: ``songbai_signed``: whether the program signed these words for this session, a while ago at most.
#: ``songbai_bound``: the same of the scope that the session's settings say.
#: ``songbai_scope``: a setting of the scope, nothing where it is not signed.
FUNCTIONS = """
CREATE FUNCTION songbai_signed(p_words text, p_token text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  expires text := split_part(p_token, '.', 1);
  said text := p_words || '|' || pg_backend_pid() || '|' || expires;
  key songbai_signing;
BEGIN
  SELECT * INTO key FROM songbai_signing;
  RETURN coalesce(
    p_token = expires || '.' || encode(
      sha256(key.outside || sha256(key.inside || convert_to(said, 'UTF8'))), 'hex')
    AND expires::bigint >= extract(epoch FROM clock_timestamp()), false);
END $$;

CREATE FUNCTION songbai_bound() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  token text := current_setting('songbai.token', true);
BEGIN
  IF token IS NULL OR token = '' THEN
    RETURN false;
  END IF;
  RETURN songbai_signed(format('scope|%s|%s|%s|%s|%s', current_setting('songbai.account', true),
    current_setting('songbai.name', true), current_setting('songbai.organisation', true),
    current_setting('songbai.region_from', true), current_setting('songbai.region_to', true)), token);
END $$;

CREATE FUNCTION songbai_scope(p_what text) RETURNS text
LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT CASE WHEN songbai_bound() THEN current_setting('songbai.' || p_what, true) END
$$;
"""
#: What opens an account: its hash, its number, whether it is open. As JSON, so that one signature
#: is of exactly these values.
CHANGE = """
CREATE FUNCTION accounts_change(p_account bigint, p_changes text, p_token text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
    is_active = coalesce((changes ->> 'is_active')::boolean, is_active)
  WHERE id = p_account;
END $$;
"""

#: A session is found by the digest of what its cookie says, one at a time: nobody lists them.
SESSIONS = """
DELETE FROM django_session;

CREATE FUNCTION sessions_read(p_key text, p_at timestamptz) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT session_data FROM django_session WHERE session_key = p_key AND expire_date > p_at
$$;

CREATE FUNCTION sessions_write(p_key text, p_data text, p_until timestamptz, p_new boolean)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF p_new THEN
    INSERT INTO django_session (session_key, session_data, expire_date)
    VALUES (p_key, p_data, p_until) ON CONFLICT DO NOTHING;
  ELSE
    UPDATE django_session SET session_data = p_data, expire_date = p_until
    WHERE session_key = p_key;
  END IF;
  RETURN FOUND;
END $$;

CREATE FUNCTION sessions_end(p_key text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM django_session WHERE session_key = p_key
$$;
"""
UNDO = """
DROP FUNCTION sessions_end(text);
DROP FUNCTION sessions_write(text, text, timestamptz, boolean);
DROP FUNCTION sessions_read(text, timestamptz);
DROP FUNCTION accounts_change(bigint, text, text);
DROP FUNCTION songbai_scope(text);
DROP FUNCTION songbai_bound();
DROP FUNCTION songbai_signed(text, text);
DROP TABLE songbai_signing;
"""


class Migration(migrations.Migration):
    """What the program signed holds: the scope of a session, changes of what opens an account."""

    dependencies = [("accounts", "0004_numbers"), ("sessions", "0001_initial")]
    operations = [
        migrations.RunSQL(KEY + FUNCTIONS + CHANGE + SESSIONS, UNDO),
        asking_for_scope("accounts_grant", "accounts_end", "accounts_family_role"),
    ]
