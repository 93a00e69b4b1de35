"""Keys with which departments push their data: issued, shown once, revoked."""

from songbai.core.accounts.queries import of_district
from songbai.core.errors import Refused
from songbai.core.regions.queries import children
from songbai.core.regions.queries import region as region_by_code
from songbai.core.regions.rules import Level
from songbai.domain.feeds.actions.keys import issue_key, revoke_key
from songbai.domain.feeds.models import FeedKey
from songbai.domain.feeds.queries import keys_of
from songbai.domain.feeds.rules.schema import DEPARTMENTS, schemas
from songbai.web.doors import POST, door, form, posted, refusal
from songbai.web.frames.bureau import Place, page_of, place_of
from songbai.web.views import Actor, HttpRequest, HttpResponse, Shown, done


@form("bureau", "feeds/keys/", status=422, mends=Refused)
def feed_keys(request: HttpRequest, actor: Actor) -> Shown:
    """All keys of the place; POST issues one, whose secret is on that answer only."""
    error, issued, secret = refusal(request), None, ""
    if posted(request):
        place = place_of(actor, request.POST.get("region", ""))
        department, _, feed = request.POST.get("what", "").partition(":")
        public_key = request.POST.get("public_key", "").strip().lower()
        chosen = [feed] if feed else []
        issued, secret = issue_key(actor, department, place.prefix, chosen, public_key=public_key)
    shown = page_of(keys_of(actor), request)
    return {
        "issued": issued,
        "secret": secret,
        "shown": shown,
        "rows": [_row(key) for key in shown],
        "divisions": _divisions(place_of(actor)),
        "choices": _choices(),
        "may_issue": of_district(actor),
        "typed": request.POST if error else {},
        "errors": [{"field": error.field or "what", "message": error.message}] if error else [],
    }


@door("bureau", "feeds/keys/<slug:key_id>/revoke/", POST, name="feed_key_revoke")
def revoke(request: HttpRequest, actor: Actor, key_id: str) -> HttpResponse:
    """From now on nothing signed with this key is taken."""
    revoke_key(actor, key_id)
    words = f"密钥 {key_id} 已收回，用它签名的请求不再接收。"
    return done(request, words, "bureau:feed_keys")


def _row(key: FeedKey) -> tuple[FeedKey, str, list[str], str]:
    """A key, its department, the titles of its data, and the place it delivers for."""
    titles = [schemas()[code].title if code in schemas() else code for code in key.feeds]
    return key, DEPARTMENTS[key.department], titles, region_by_code(key.scope).name


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """For each department: everything, or one kind of data."""
    found = []
    for department, name in DEPARTMENTS.items():
        own = [one for one in schemas().values() if one.department == department]
        if own:
            one_each = [(f"{department}:{one.code}", one.title) for one in own]
            found.append((name, [(f"{department}:", f"{name}的全部数据"), *one_each]))
    return found


def _divisions(home: Place) -> list[tuple[str, str]]:
    """The place itself, and its districts when it is a city."""
    found = [(home.region.code, home.name)]
    if home.region.level < Level.DISTRICT:
        found += [(one.code, one.name) for one in children(home.prefix, Level.DISTRICT)]
    return found
