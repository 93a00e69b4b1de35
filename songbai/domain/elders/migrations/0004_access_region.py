from django.db import migrations

CHECK = """
CREATE FUNCTION elders_access_region() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF session_user = 'songbai_web' AND NOT EXISTS (
    SELECT FROM elders_elder WHERE id = NEW.person_id AND region_id = NEW.region_id)
  THEN
    RAISE EXCEPTION 'the person does not live there' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER access_region_is_the_elders BEFORE INSERT ON accounts_access
  FOR EACH ROW EXECUTE FUNCTION elders_access_region();
"""


class Migration(migrations.Migration):
    """Access is given in the region of the person, not in one the giver names."""

    dependencies = [("elders", "0003_elder_elders_elde_region__fefd8d_idx"), ("accounts", "0002_web_role")]
    operations = [
        migrations.RunSQL(
            CHECK,
            "DROP TRIGGER access_region_is_the_elders ON accounts_access;"
            " DROP FUNCTION elders_access_region",
        )
    ]
