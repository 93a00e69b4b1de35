from django.db import migrations

#: Who logs in asks for a code before anybody is known; all else is asked for in a signed scope.
ASK = """
CREATE OR REPLACE FUNCTION songbai_page_may_ask() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM public.songbai_page_jobs WHERE task = NEW.task_name)
    OR NOT (NEW.task_name = 'songbai.core.accounts.tasks.send_code' OR public.songbai_bound()) THEN
    RAISE EXCEPTION 'pages do not ask for the job % here', NEW.task_name
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [("events", "0002_page_jobs"), ("accounts", "0005_signed")]
    operations = [migrations.RunSQL(ASK, migrations.RunSQL.noop)]
