"""Who may decide what about an elder's own affairs: the elder, a guardian, or a relative. Pure.

Where somebody is under guardianship, the guardian decides in the elder's place (Civil Code
arts. 23, 34): relatives and the elder's own account then neither let others in nor give consent.
"""

from dataclasses import dataclass

from songbai.core import texts
from songbai.core.worded import Worded

SELF_RELATION = "本人"


class Standing(Worded):
    """As what somebody acts for an elder."""

    SELF = "self", "老人本人"
    GUARDIAN = "guardian", "监护人"
    RELATIVE = "relative", "家属"
    OFFICE = "office", "社区或民政"


#: Relations a relative can be bound in (GB/T 4761 knows more; these are the ones asked for).
RELATIONS = ("配偶", "儿子", "女儿", "儿媳", "女婿", "孙辈", "兄弟姐妹", "亲戚", "朋友", "邻居")
#: Proofs a clerk can have seen.
PROOFS = ("户口簿", "结婚证", "亲属关系证明", "授权委托书", "指定监护决定", "法院判决")
#: How long a relative may be bound at once, in days.
LONGEST_DAYS = 5 * 366


def standing_of(relation: str, *, guardian: bool) -> Standing:
    """The standing of a binding."""
    if guardian:
        return Standing.GUARDIAN
    return Standing.SELF if relation == SELF_RELATION else Standing.RELATIVE


def may_let_in(who: Standing, *, under_guardianship: bool) -> bool:
    """Whether this person may confirm that somebody else acts for the elder."""
    if who in {Standing.GUARDIAN, Standing.OFFICE}:
        return True
    return who is Standing.SELF and not under_guardianship


def may_end(who: Standing, whose: Standing, *, own: bool, under_guardianship: bool) -> bool:
    """Whether this person may end a binding; ``own`` when it is one's own.

    A guardianship is never ended alone: that needs two officers (a proposal).
    """
    if whose is Standing.GUARDIAN:
        return False
    if own:
        return whose is not Standing.SELF
    if who in {Standing.GUARDIAN, Standing.OFFICE}:
        return True
    return who is Standing.SELF and not under_guardianship


def may_consent(who: Standing, *, given: bool, under_guardianship: bool) -> bool:
    """Whether this person may give, or withdraw, consent for the elder.

    Giving is for the elder or the guardian, or a clerk who holds the signed paper; withdrawing,
    which never harms, also for a relative while there is no guardian.
    """
    if who in {Standing.GUARDIAN, Standing.OFFICE}:
        return True
    if under_guardianship:
        return False
    return who is Standing.SELF or not given


@dataclass(frozen=True)
class Invitation:
    """Who is let in: name, phone, relation, and what for."""

    name: str
    phone: str
    relation: str
    order: bool
    money: bool
    days: int


def problems(invitation: Invitation) -> dict[str, str]:
    """What is wrong with an invitation, by field, in words for the person who typed it."""
    found = {}
    for name, form in (("name", texts.person_name), ("phone", texts.mobile)):
        try:
            form(getattr(invitation, name))
        except texts.WrongText as error:
            found[name] = error.message
    if len(texts.folded_name(invitation.name)) < 2:
        found.setdefault("name", "请写姓名，至少两个字。")
    if invitation.relation not in RELATIONS:
        found["relation"] = "请选和老人的关系。"
    if not 1 <= invitation.days <= LONGEST_DAYS:
        found["days"] = "授权时间最长 5 年，请选短一点。"
    return found
