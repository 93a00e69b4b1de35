"""Housekeeping of the job queue."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

from songbai.core import clock

#: A worker that did not say it lives for this many seconds is taken for dead.
DEAD_AFTER = 30
#: Finished jobs are kept this long, for looking into.
KEEP_HOURS = 72


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="events.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> int:  # noqa: ARG001
    """Give jobs whose worker died to another worker; returns how many."""
    manager = context.app.job_manager
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER))
    for job in stalled:
        await manager.retry_job(job)
    return len(stalled)


@app.periodic(cron=clock.daily(3, 17))
@app.task(queueing_lock="events.forget_finished", pass_context=True)
async def forget_finished(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Drop jobs that finished days ago."""
    await context.app.job_manager.delete_old_jobs(
        KEEP_HOURS, include_failed=False, include_cancelled=True
    )
