"""The benefits letter of a month: what one gets and why, what not yet, how to object.

Its QR code opens a page that says whether the platform printed a letter of this number, month and
sum; the page knows nobody's name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from django.core import signing
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from songbai.core import clock
from songbai.domain.benefits.models import Notice
from songbai.domain.benefits.queries.explain import Explained
from songbai.domain.elders.rules import mask_name
from songbai.web import letters
from songbai.web.templatetags.songbai import month_words

from . import explaining

TITLE = "养老待遇告知书"
_SIGNER = signing.Signer(salt="songbai.benefit-letter")


@dataclass(frozen=True)
class Checked:
    """What a genuine letter says: its number, its month, the fen it sums to."""

    number: str
    month: str
    fen: int


def mark_of(letter: Checked) -> str:
    """A letter's mark, which only this installation can make."""
    return _SIGNER.sign_object([letter.number, letter.month, letter.fen])


def checked(mark: str) -> Checked | None:
    """What a mark stands for; None for one that this installation did not make."""
    try:
        number, month, fen = _SIGNER.unsign_object(mark)
    except signing.BadSignature:
        return None
    return Checked(number, month, fen)


def html(told: Explained, address: str, beside: Iterable[Notice] = ()) -> str:
    """The HTML of the letter; ``address`` is the site's own, for the QR code; ``beside``: what else
    the person was told; of the letter's month it is in it.
    """
    month = told.month.text
    said = [one for one in beside if clock.month_of(one.made_at) == month]
    values = {**_values(told, address), "beside": nameless(said)}
    return render_to_string("letters/benefits.html", values)


def nameless(beside: Iterable[Notice]) -> list[tuple[datetime, str]]:
    """When and what somebody was told, without the name in front."""
    return [(one.made_at, one.text.partition("：")[2]) for one in beside]


def answer(told: Explained, address: str, beside: Iterable[Notice] = ()) -> HttpResponse:
    """The letter as a PDF that no cache keeps. Raises LetterUnprintable."""
    return letters.answer(letters.pdf(html(told, address, beside)), number_of(told), TITLE)


def number_of(told: Explained) -> str:
    """The number of a month's letter to one person."""
    return f"{told.month.text.replace('-', '')}{told.elder.pk:09d}"


def _values(told: Explained, address: str) -> dict[str, Any]:
    cards = explaining.cards_of(told)
    had = [one for one in cards if one.yes and one.decision.amount]
    genuine = Checked(number_of(told), told.month.text, explaining.by_month(cards))
    check = f"{address.rstrip('/')}{reverse('portal:letter', args=[mark_of(genuine)])}"
    return {
        "number": genuine.number,
        "title": TITLE,
        "who": mask_name(told.elder.name),
        "month": month_words(told.month.text),
        "had": had,
        "for_asking": all(one.decision.policy.proactive for one in had),
        "hows": list(dict.fromkeys(one.telling.how for one in had)),
        "open": [one for one in cards if one.decision.decision == "cannot_decide"],
        "refused": [one for one in cards if one.decision.decision == "no"],
        "unverified": [one for one in had if one.unverified],
        "office": letters.office_of(told.elder.region_id),
        "day": letters.day_of(told.known_at.astimezone(clock.SHANGHAI).date()),
        "qr": _picture(check),
    }


def _picture(text: str) -> SafeString:
    svg = segno.make(text, error="l", micro=False).svg_inline(border=2, omitsize=True)
    # Drawn by segno from our own address: holds nothing a person typed.
    return mark_safe(svg)  # noqa: S308
