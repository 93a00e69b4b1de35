"""Which facts people may ask to have corrected. Pure."""

from .kinds import kinds

#: Who asks: the family, a caregiver on her visits, or somebody at the office.
HOME, CARE, OFFICE = "family", "care", "office"


def correctable(sayer: str) -> list[str]:
    """Codes of the kinds somebody may ask about: what family or caregiver can know and say
    themselves, at the office also what a village may say.

    Some kinds (a death, what a department finds) are said at the office only.
    """
    sayers = {HOME, "village"} if sayer == OFFICE else {sayer}
    return [
        code
        for code, kind in kinds().items()
        if sayers & set(kind.sources) and (sayer == OFFICE or not kind.at_office)
    ]
