"""Which jobs a page may ask for: those that nothing but an act starts.

A page's database role reaches the queue only by the owner's function, which knows these names.
"""

from procrastinate.contrib.django import app

from songbai.core.sql import run


def names() -> list[str]:
    """Names of the program's jobs that no clock starts."""
    by_clock = {name for name, _ in app.periodic_registry.periodic_tasks}
    ours = {task.name for task in app.tasks.values() if not task.name.startswith("builtin:")}
    return sorted(ours - by_clock)


def tell_names() -> None:
    """Write the names down in the database, and only them; the owner can."""
    run("DELETE FROM songbai_page_jobs WHERE task <> ALL (%s)", [names()])
    run("INSERT INTO songbai_page_jobs SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", [names()])
