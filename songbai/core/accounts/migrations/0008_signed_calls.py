from django.db import migrations

from songbai.core.signing import only_signed

UNTIL = """
CREATE FUNCTION accounts_until(p_access bigint[], p_until timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE accounts_access SET valid_until = p_until WHERE id = ANY (p_access)
$$;
"""


class Migration(migrations.Migration):
    """Who is let in, until when, and what is counted: as the program signed it."""

    dependencies = [("accounts", "0007_written_by_whom")]
    operations = [
        migrations.RunSQL(UNTIL, "DROP FUNCTION accounts_until(bigint[], timestamptz)"),
        only_signed(
            "accounts_grant",
            "accounts_end",
            "accounts_until",
            "accounts_family_role",
            "accounts_take",
            "accounts_forget",
            "accounts_ask_code",
            "accounts_try_code",
            "accounts_use_totp",
        ),
    ]
