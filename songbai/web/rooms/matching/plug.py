"""What matching plugs into the doors."""

from songbai.domain.matching.queries.joined import open_candidates
from songbai.web.frames.bureau.shell import waits
from songbai.web.plugs import CARE, Link, links

links["bureau"].at(120)(
    Link(
        "bureau:matching",
        "疑似同一人",
        icon="user-search",
        under=CARE,
        count=waits("pairs", lambda actor: open_candidates(actor).count()),
    )
)
