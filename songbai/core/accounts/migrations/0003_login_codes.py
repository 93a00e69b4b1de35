import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import songbai.core.clock
from songbai.core.crypto import encrypt_bytes

TRIES = """
CREATE FUNCTION accounts_take(
  p_what bytea, p_source bytea, p_free int, p_step int, p_cap int, p_window int
) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  tried accounts_tries;
  moment timestamptz := songbai_now();
  pause float := 0;
BEGIN
  INSERT INTO accounts_tries (what, source, since, last, count)
  VALUES (p_what, p_source, moment, moment, 0) ON CONFLICT (what, source) DO NOTHING;
  SELECT * INTO tried FROM accounts_tries
  WHERE what = p_what AND source = p_source FOR UPDATE;
  -- A clock that was set back must not make anybody wait for the day it showed.
  IF moment NOT BETWEEN tried.since AND tried.since + make_interval(secs => p_window) THEN
    tried.since := moment;
    tried.count := 0;
  END IF;
  IF tried.count >= p_free THEN
    pause := least(p_cap, p_step * 2 ^ least(tried.count - p_free, 20))
      - extract(epoch FROM moment - least(tried.last, moment));
  END IF;
  IF pause <= 0 THEN
    UPDATE accounts_tries SET since = tried.since, last = moment, count = tried.count + 1
    WHERE id = tried.id;
  END IF;
  RETURN ceil(greatest(pause, 0));
END $$;

CREATE FUNCTION accounts_forget(p_what bytea, p_source bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM accounts_tries WHERE what = p_what AND source = p_source
$$;
"""

#: The same work and the same answers for numbers that are known and for all others.
CODES = """
CREATE FUNCTION accounts_ask_code(
  p_phone bytea, p_token bytea, p_digest bytea, p_source bytea
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  moment timestamptz := songbai_now();
  a_day constant int := 86400;
BEGIN
  PERFORM FROM accounts_logincode WHERE phone_index = p_phone AND valid_until > moment
    AND asked_at BETWEEN moment - interval '30 seconds' AND moment;
  IF FOUND THEN
    RETURN 'kept';
  END IF;
  IF accounts_take(sha256('ask' || p_phone), p_source, 8, a_day, a_day, a_day) > 0
    OR accounts_take(sha256('ask' || p_phone), '', 20, a_day, a_day, a_day) > 0
    OR accounts_take('ask', p_source, 100, a_day, a_day, a_day) > 0 THEN
    RETURN 'enough';
  END IF;
  INSERT INTO accounts_logincode (phone_index, token, digest, asked_at, valid_until, wrong)
  VALUES (p_phone, p_token, p_digest, moment, moment + interval '5 minutes', 0)
  ON CONFLICT (phone_index) DO UPDATE SET token = p_token, digest = p_digest, asked_at = moment,
    valid_until = moment + interval '5 minutes', wrong = 0;
  DELETE FROM accounts_tries WHERE what = p_phone;
  RETURN 'new';
END $$;

CREATE FUNCTION accounts_try_code(p_phone bytea, p_digest bytea, p_source bytea)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  code accounts_logincode;
BEGIN
  IF accounts_take(p_phone, p_source, 5, 1, 60, 3600) > 0 THEN
    RETURN 'wait';
  END IF;
  SELECT * INTO code FROM accounts_logincode
  WHERE phone_index = p_phone AND valid_until > songbai_now() FOR UPDATE;
  IF code.wrong >= 20 THEN
    RETURN 'spent';
  END IF;
  IF code.digest = p_digest THEN
    UPDATE accounts_logincode SET valid_until = songbai_now(), token = '' WHERE phone_index = p_phone;
    DELETE FROM accounts_tries WHERE what = p_phone;
    RETURN 'right';
  END IF;
  UPDATE accounts_logincode SET wrong = wrong + 1 WHERE phone_index = p_phone;
  RETURN 'wrong';
END $$;
"""
#: Each step once; after the clock was set back the steps begin anew.
TOTP = """
CREATE FUNCTION accounts_use_totp(p_account bigint, p_step bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE accounts_totpkey SET last_step = p_step WHERE account_id = p_account
  AND (last_step < p_step OR last_step > extract(epoch FROM songbai_now()) / 30 + 2);
  RETURN FOUND;
END $$;
"""
UNDO = "; ".join(
    f"DROP FUNCTION accounts_{name}" for name in ("use_totp", "try_code", "ask_code", "forget", "take")
)


def _id() -> tuple[str, models.Field]:
    return "id", models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


def take_over(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Keys that the library kept in plain words."""
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('otp_totp_totpdevice')")
        if cursor.fetchone()[0] is None:
            return
        cursor.execute("SELECT user_id, key FROM otp_totp_totpdevice WHERE confirmed")
        found = cursor.fetchall()
        cursor.execute("DROP TABLE otp_totp_totpdevice")
    TotpKey = apps.get_model("accounts", "TotpKey")
    TotpKey.objects.bulk_create(
        TotpKey(account_id=account, key=encrypt_bytes(bytes.fromhex(key))) for account, key in found
    )


class Migration(migrations.Migration):
    """Codes belong to numbers, known or not; tries are counted by what and from where."""

    dependencies = [("accounts", "0002_roles_are_declared")]
    operations = [
        migrations.DeleteModel("PhoneCode"),
        migrations.CreateModel(
            "LoginCode",
            [
                _id(),
                ("phone_index", models.BinaryField(max_length=32, unique=True)),
                ("token", models.BinaryField()),
                ("digest", models.BinaryField(max_length=32)),
                ("asked_at", models.DateTimeField(default=songbai.core.clock.now)),
                ("valid_until", models.DateTimeField()),
                ("wrong", models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            "Tries",
            [
                _id(),
                ("what", models.BinaryField(max_length=32)),
                ("source", models.BinaryField(max_length=32)),
                ("since", models.DateTimeField(default=songbai.core.clock.now)),
                ("last", models.DateTimeField(default=songbai.core.clock.now)),
                ("count", models.PositiveIntegerField(default=0)),
            ],
            {
                "constraints": [
                    models.UniqueConstraint(fields=["what", "source"], name="tries_once_each")
                ]
            },
        ),
        migrations.CreateModel(
            "TotpKey",
            [
                _id(),
                ("key", models.BinaryField()),
                ("last_step", models.BigIntegerField(default=0)),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="totp",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.RunSQL(TRIES + CODES + TOTP, UNDO),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
