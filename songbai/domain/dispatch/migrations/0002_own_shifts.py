from django.db import migrations

# Shifts are not a caregiver's to read; the database answers for her alone.
OWN_SHIFTS = """
CREATE FUNCTION dispatch_own_shifts(
  p_staff bigint, p_account bigint, p_from date, p_to date
)
RETURNS TABLE (begins timestamptz, ends timestamptz, sick boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT lower(s.during), upper(s.during), s.sick_at IS NOT NULL
  FROM providers_shift s JOIN providers_staffmember m ON m.id = s.staff_id
  WHERE s.staff_id = p_staff AND m.account_id = p_account AND m.left_on IS NULL
    AND s.date >= p_from AND s.date < p_to
    AND (session_user <> 'songbai_web'
      OR p_account = NULLIF(current_setting('songbai.account', true), '')::bigint)
  ORDER BY 1
$$;
"""


class Migration(migrations.Migration):

    dependencies = [("dispatch", "0001_initial")]

    operations = [migrations.RunSQL(OWN_SHIFTS, "DROP FUNCTION dispatch_own_shifts")]
