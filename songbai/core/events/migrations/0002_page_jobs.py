from django.db import migrations

#: Jobs run with the owner's rights. Pages reach the queue by the function of the library that
#: defers them, run as the owner, and only with the names that the program wrote down.
JOBS = """
CREATE TABLE songbai_page_jobs (task text PRIMARY KEY);

CREATE FUNCTION songbai_page_may_ask() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM public.songbai_page_jobs WHERE task = NEW.task_name) THEN
    RAISE EXCEPTION 'pages do not ask for the job %', NEW.task_name
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER songbai_page_may_ask BEFORE INSERT ON procrastinate_jobs
  FOR EACH ROW WHEN (session_user = 'songbai_web') EXECUTE FUNCTION songbai_page_may_ask();

ALTER FUNCTION procrastinate_defer_jobs_v1(procrastinate_job_to_defer_v1[])
  SECURITY DEFINER SET search_path = public, pg_temp;
"""
UNDO = """
ALTER FUNCTION procrastinate_defer_jobs_v1(procrastinate_job_to_defer_v1[])
  SECURITY INVOKER RESET search_path;
DROP TRIGGER songbai_page_may_ask ON procrastinate_jobs;
DROP FUNCTION songbai_page_may_ask();
DROP TABLE songbai_page_jobs;
"""


class Migration(migrations.Migration):

    dependencies = [
        ("events", "0001_initial"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    operations = [migrations.RunSQL(JOBS, UNDO)]
