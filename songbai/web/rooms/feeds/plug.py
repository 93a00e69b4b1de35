"""What departments' deliveries plug into the doors."""

from songbai.domain.feeds.queries import alarming
from songbai.web.frames.bureau.shell import waits
from songbai.web.plugs import WATCH, Link, links

links["bureau"].at(420)(
    Link(
        "bureau:feeds",
        "部门数据",
        icon="database-import",
        under=WATCH,
        count=waits("feeds", alarming),
    )
)
