"""What a device sends: answers as JSON, each with its own id, time and device."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from songbai.core.errors import Refused
from songbai.domain.assessments.actions import NewTap

M = TypeVar("M", bound=BaseModel)
#: A whole form has fewer than a hundred answers; a device sends them in portions.
MOST_TAPS = 200
MOST_BYTES = 400_000


class Garbled(Refused):
    """这台设备送来的内容读不懂。填的还在设备里，请刷新页面再试，或拨 12349。"""


class SentTap(BaseModel):
    """One answer as a device recorded it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    record: uuid.UUID
    item: Annotated[str, Field(max_length=20)]
    value: Any
    device: Annotated[str, Field(min_length=1, max_length=40)]
    at: AwareDatetime
    replaces: Annotated[tuple[uuid.UUID, ...], Field(max_length=50)] = ()


class SentTaps(BaseModel):
    """One portion."""

    taps: Annotated[list[SentTap], Field(max_length=MOST_TAPS)]


class SentFinish(BaseModel):
    """The device's own time of handing in."""

    at: AwareDatetime


def taps_of(body: bytes) -> list[NewTap]:
    """The answers in a request.

    Raises Garbled.
    """
    sent = _read(SentTaps, body)
    return [NewTap(t.record, t.item, t.value, t.device, t.at, t.replaces) for t in sent.taps]


def finish_of(body: bytes) -> SentFinish:
    """When the device handed the sheet in.

    Raises Garbled.
    """
    return _read(SentFinish, body)


def _read(kind: type[M], body: bytes) -> M:
    # The database keeps no NUL in text, escaped or not.
    if len(body) > MOST_BYTES or b"\x00" in body or b"\\u0000" in body:
        raise Garbled
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise Garbled from error
