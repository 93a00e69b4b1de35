from django.db import migrations, models

#: Whether an account stands for another living person, in whatever district, too: whose is not
#: told. Not ``taken``: apart from those for whom two officers took it knowing whose it is.
ANOTHERS = """
CREATE FUNCTION elders_anothers_account(record bigint, account bytea, taken boolean)
RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- Asked for every payment of a file: of nearly all this is the end.
  IF NOT EXISTS (
    SELECT FROM elders_currentfact c
    WHERE c.kind = 'bank_card' AND c.value_index = account AND c.elder_id <> record) THEN
    RETURN false;
  END IF;
  RETURN EXISTS (
    SELECT FROM elders_currentfact c
    JOIN elders_elder h ON h.id = c.elder_id
    JOIN elders_elder o ON o.id = coalesce(h.merged_into_id, h.id)
    WHERE c.kind = 'bank_card' AND c.value_index = account AND c.elder_id <> record
      AND o.died_on IS NULL
      AND o.id <> (SELECT coalesce(merged_into_id, id) FROM elders_elder WHERE id = record)
      AND (taken OR NOT EXISTS (
        SELECT FROM elders_fact f
        WHERE f.id = c.fact_id AND f.source = 'decision' AND f.source_id = 'shared')));
END;
$$;
"""


class Migration(migrations.Migration):

    dependencies = [("elders", "0010_moves")]

    operations = [
        migrations.AddIndex(
            model_name="currentfact",
            index=models.Index(
                condition=models.Q(("kind", "bank_card")),
                fields=["value_index"],
                name="current_by_account",
            ),
        ),
        migrations.RunSQL(ANOTHERS, "DROP FUNCTION elders_anothers_account"),
    ]
