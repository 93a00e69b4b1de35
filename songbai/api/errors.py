"""Named errors as answers of the machine's door."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import ValidationError

from songbai.core.errors import NotAllowed, NotFound, Refused, SongbaiError, TryAgain
from songbai.domain.feeds.errors import SameNumber, WrongSignature

from .signed import TooLarge

_STATUS: tuple[tuple[type[SongbaiError], int], ...] = (
    (WrongSignature, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (SameNumber, 409),
    (TooLarge, 413),
    (TryAgain, 503),
    (SongbaiError, 422),
)


class Fault(Schema):
    """Why a request was not taken: the error's name, words for a person, the field if any."""

    error: str
    message: str
    field: str | None = None


#: What any address may answer besides what was asked for.
FAULTS: dict[int, type[Fault]] = dict.fromkeys((401, 403, 404, 422, 503), Fault)


class WrongParameter(Refused):
    """地址里的参数不对，请照接口说明改。"""


def fault(error: SongbaiError) -> HttpResponse:
    """The answer that tells a machine of an error."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    told = Fault(error=type(error).__name__, message=error.message, field=error.field)
    words = {"ensure_ascii": False}
    return JsonResponse(told.model_dump(), status=status, json_dumps_params=words)


def answer_errors(api: NinjaAPI) -> None:
    """Let every named error, and a parameter that is none, be answered as a Fault."""

    def answer(_: HttpRequest, error: SongbaiError | type[SongbaiError]) -> HttpResponse:
        return fault(error() if isinstance(error, type) else error)

    def wrong(_: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
        places = [] if isinstance(error, type) else [one["loc"] for one in error.errors]
        name = str(places[0][-1]) if places else ""
        words = f"参数 {name} 不对，请照接口说明改。" if name else ""
        return fault(WrongParameter(words, field=name or None))

    api.add_exception_handler(SongbaiError, answer)
    api.add_exception_handler(ValidationError, wrong)
