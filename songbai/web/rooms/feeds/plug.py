"""What departments' deliveries plug into the doors."""

from songbai.core.accounts.rules import Actor
from songbai.domain.feeds.queries import alarming
from songbai.web.frames.bureau.shell import WORK_SECONDS, kept
from songbai.web.plugs import WATCH, Link, links


def _alarming(actor: Actor) -> int:
    return kept(actor, "feeds", WORK_SECONDS, lambda: alarming(actor))


links["bureau"].at(420)(
    Link("bureau:feeds", "部门数据", icon="database-import", under=WATCH, count=_alarming)
)
