"""Which facts people may ask to have corrected. Pure."""

from .kinds import kinds


def correctable(*, at_office: bool) -> list[str]:
    """Codes of the kinds: what the family may say, at the office also what a village may say.

    Some kinds (a death) are said at the office only.
    """
    sayers = {"family", "village"} if at_office else {"family"}
    return [
        code
        for code, kind in kinds().items()
        if sayers & set(kind.sources) and (at_office or not kind.at_office)
    ]
