from django.db import migrations

from songbai.core.signing import only_signed

WRITE = """
CREATE FUNCTION accounts_register(
  p_phone bytea, p_phone_index bytea, p_name text, p_password text, p_at timestamptz
) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO accounts_account (phone, phone_index, name, password, created_at, is_active)
  VALUES (p_phone, p_phone_index, p_name, p_password, p_at, true) RETURNING id
$$;

CREATE FUNCTION accounts_keep_number(p_account bigint, p_until timestamptz, p_how text)
RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO accounts_formernumber (account_id, phone, phone_index, until, how)
  SELECT id, phone, phone_index, p_until, p_how FROM accounts_account WHERE id = p_account
  FOR UPDATE
  RETURNING id
$$;
"""


class Migration(migrations.Migration):
    """Accounts are made, and numbers are left, by actions of the program alone."""

    dependencies = [("accounts", "0011_doubted_where")]
    operations = [
        migrations.RunSQL(
            WRITE, "DROP FUNCTION accounts_keep_number; DROP FUNCTION accounts_register"
        ),
        only_signed("accounts_register", "accounts_keep_number"),
    ]
