"""What assessments plug into the doors."""

from songbai.core.accounts.rules import Actor
from songbai.domain.assessments.queries.figures import open_outliers
from songbai.domain.assessments.queries.lists import in_state
from songbai.domain.assessments.rules.process import State
from songbai.web.frames.bureau.shell import WORK_SECONDS, kept, link
from songbai.web.plugs import CARE, Link, Task, links, tasks


def _to_book(actor: Actor) -> int:
    """Those nobody is sent to, or who wait for a time."""
    waiting = in_state(actor, {State.ACCEPTED, State.ASSIGNED})
    return kept(actor, "to_book", WORK_SECONDS, waiting.count)


links["bureau"].at(150)(
    Link("bureau:assessments", "能力评估", icon="list-check", under=CARE, count=_to_book)
)
links["bureau elder"].at(60)(Link("bureau:assessment_ask", "能力评估"))
links["family elder"].at(60)(Link("family:assessments", "能力评估", icon="list-check"))
links["assessor"].at(10)(Link("assessor:day", "今天", icon="calendar"))
links["body"].at(10)(Link("assessor:body", "本机构", icon="list-check"))


@tasks.at(50)
def _outliers(actor: Actor, region: str) -> list[Task]:
    odd = open_outliers(actor, region).count()
    return [
        Task(
            ("funnel", "outlier"),
            f"{odd:,} 件评估质量要核查",
            odd,
            "评估机构的结果离群、一致性低、太快太慢，或申诉改判多",
            link("assessment_quality", region=region),
        )
    ]
