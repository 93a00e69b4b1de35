"""Numbers of relatives: another one at the counter, and those that may be in other hands."""

from songbai.core import texts
from songbai.core.accounts.models import DoubtWhy
from songbai.core.accounts.queries import names_of
from songbai.core.approvals.queries import visible
from songbai.core.approvals.rules import ProposalState
from songbai.core.crypto import blind_index
from songbai.core.errors import FormError, NotFound, Refused
from songbai.core.found import counted
from songbai.domain.elders.actions.numbers import report_other_name, settle_doubt
from songbai.domain.elders.actions.passing import report_colleague
from songbai.domain.elders.queries import get
from songbai.domain.elders.queries.family import acting_for, doubt_of, doubts
from songbai.domain.elders.queries.figures import proxies_of
from songbai.web.doors import POST, door, form, posted
from songbai.web.frames.bureau.shell import slice_of
from songbai.web.rooms.elders.looks import noted
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, done

from .. import numbers

#: In the session: for whom which number was refused last, and under which name.
REFUSED = "refused_number"


def note_refused(request: HttpRequest, elder_id: int, phone: str, name: str) -> None:
    """Remember that somebody of a name was to be bound with a number of another name."""
    request.session[REFUSED] = [elder_id, _index(phone), name]


def refused_name(request: HttpRequest, elder_id: int, phone: str) -> str:
    """Under which name this number was refused for this elder just now; "" it was not."""
    elder, index, name = request.session.get(REFUSED, (0, "", ""))
    return str(name) if (elder, index) == (elder_id, _index(phone)) else ""


def _index(phone: str) -> str:
    return blind_index(texts.folded_phone(phone)).hex()


WHY_WORDS = {
    DoubtWhy.UNUSED: "一年没有登录",
    DoubtWhy.SAID: "同事说姓名对不上",
    DoubtWhy.NAME: "登录时姓名对不上",
    DoubtWhy.CARRIER: "运营商说换了机主",
    DoubtWhy.DIED: "登记为去世",
}


@form("bureau", "elders/<int:elder_id>/proxies/<int:proxy_id>/number/", mends=FormError)
def number(request: HttpRequest, actor: Actor, elder_id: int, proxy_id: int) -> Shown:
    """Somebody stands at the counter with another number; another officer decides."""
    elder = get(actor, elder_id)
    proxy = next((one for one in proxies_of(elder) if one.pk == proxy_id), None)
    if proxy is None:
        raise NotFound
    if posted(request):
        proposal = numbers.ask(request, actor, elder, proxy_id)
        words = "提交了。另一位同事核对后换号，新旧两个号码都会收到短信。"
        return done(request, words, "bureau:proposal", proposal.pk)
    noted(request, [elder], "换家属的手机号", "name", "village", "proxies")
    return {
        "elder": elder,
        "proxy": proxy,
    }


@door("bureau", "elders/<int:elder_id>/number-doubt/", POST)
def number_doubt(request: HttpRequest, actor: Actor, elder_id: int) -> HttpResponse:
    """The number just refused belongs to somebody of another name: put it on the list to be
    checked.
    """
    elder, phone = get(actor, elder_id), request.POST.get("phone", "")
    note = f"{actor.name}登记授权时，来人说这个号码是自己的"
    given = refused_name(request, elder_id, phone)
    report_other_name(actor, elder, phone, note, given=given)
    request.session.pop(REFUSED, None)
    words = (
        "记下了，核对以前这个号码照常能用，在这里登记要等核对完。"
        "请另一位同事在“要核对的手机号”里核对，好了再来登记。"
    )
    return done(request, words, "bureau:privacy", elder_id)


@door("bureau", "numbers/", name="numbers")
def numbers_in_doubt(request: HttpRequest, actor: Actor, **_: object) -> Shown:
    """Numbers that may be in other hands, the oldest doubt first: why, and for whom each acts."""
    shown = slice_of(doubts(actor), request)
    rows = []
    for doubt in shown.rows:
        acts = acting_for(actor, doubt.account_id)
        noted(request, [one.elder for one in acts], "核对家属的手机号", "name", "proxies")
        rows.append((doubt, WHY_WORDS[DoubtWhy(doubt.why)], acts))
    work = names_of(doubt.account_id for doubt in shown.rows)
    at_work = {account for account, (_, works) in work.items() if works}
    waiting = visible(actor).filter(state=ProposalState.OPEN, proposer_id__in=at_work)
    left = counted(waiting, "proposer_id")
    return {"rows": rows, "shown": shown, "at_work": at_work, "left": left}


@form("bureau", "numbers/died/", mends=FormError, shows=numbers_in_doubt)
def colleague_died(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A colleague has died; another officer looks."""
    report_colleague(actor, request.POST.get("phone", ""), request.POST.get("reason", ""))
    words = "记下了，这个账号先停用，手上的事在各处名单里由同事接着办。请另一位同事核对。"
    return done(request, words, "bureau:numbers")


@form(
    "bureau",
    "numbers/<int:doubt_id>/",
    name="number_settle",
    mends=FormError,
    shows=numbers_in_doubt,
)
def number_settle(request: HttpRequest, actor: Actor, doubt_id: int) -> HttpResponse:
    """After a check: the same person, or somebody else's number now."""
    said, found = request.POST.get("same", ""), request.POST.get("found", "")
    doubt = doubt_of(actor, doubt_id)
    if said not in {"1", "0"}:
        raise Refused("请点核对的结果。")
    settled = settle_doubt(actor, doubt.pk, same=said == "1", found=found)
    words = "记下了。" if said == "1" else "记下了，这个人的授权都结束了。"
    if settled.same is None:
        words = "记下了。这个人替不止一位老人办事，或是监护人，要再有一位同事核对才结束授权。"
    return done(request, words, "bureau:numbers")
