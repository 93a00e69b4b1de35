from django.db import migrations

FOLLOW = """
-- Pages stay on their page when a column changes: no index has to be told.
ALTER TABLE elders_elder SET (fillfactor = 85);
ALTER TABLE elders_currentfact SET (fillfactor = 85);
CREATE FUNCTION elders_reassign_facts(facts bigint[], target bigint) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  moved bigint[];
BEGIN
  IF session_user = 'songbai_web' AND EXISTS (
    SELECT FROM elders_elder e
    WHERE (e.id = target OR e.id IN (SELECT f.elder_id FROM elders_fact f WHERE f.id = ANY (facts)))
      AND (e.region_id BETWEEN NULLIF(current_setting('songbai.region_from', true), '')
                           AND NULLIF(current_setting('songbai.region_to', true), '')) IS NOT TRUE)
  THEN
    RAISE EXCEPTION 'a fact of somebody outside the scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
  WITH gone AS (
    UPDATE elders_fact f SET elder_id = target, region_id = e.region_id
    FROM elders_elder e
    WHERE e.id = target AND f.id = ANY (facts) AND f.elder_id <> target AND NOT EXISTS (
      SELECT FROM elders_fact o
      WHERE o.elder_id = target AND o.kind = f.kind AND o.digest = f.digest)
    RETURNING f.id)
  SELECT coalesce(array_agg(id), '{}') INTO moved FROM gone;
  RETURN moved;
END $$;
"""


class Migration(migrations.Migration):
    """Room for changes in place, and facts that follow the person they are about."""

    dependencies = [("elders", "0006_facts")]
    operations = [
        migrations.RunSQL(
            FOLLOW,
            "DROP FUNCTION elders_reassign_facts; ALTER TABLE elders_elder RESET (fillfactor);"
            " ALTER TABLE elders_currentfact RESET (fillfactor)",
        )
    ]
