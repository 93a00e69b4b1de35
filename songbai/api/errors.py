"""Named errors as answers of the machine's door."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema

from songbai.core.errors import NotAllowed, NotFound, SongbaiError, TryAgain
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


def answer_errors(api: NinjaAPI) -> None:
    """Let every named error of the platform be answered as a Fault."""

    def answer(request: HttpRequest, error: SongbaiError | type[SongbaiError]) -> HttpResponse:
        if isinstance(error, type):
            error = error()
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        fault = Fault(error=type(error).__name__, message=error.message, field=error.field)
        return api.create_response(request, fault.model_dump(), status=status)

    api.add_exception_handler(SongbaiError, answer)
