"""Families, caregivers and officers at the pages where an elder's say is kept."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from songbai.core.accounts.models import Account
from songbai.core.accounts.rules import Actor
from songbai.core.approvals.models import Proposal
from songbai.core.audit.models import Read
from songbai.core.exports.models import Export
from songbai.core.files.models import StoredFile
from songbai.domain.elders.models import Consent, LegalHold, Proxy

from .acts import assigned
from .cast import Cast
from .proofs import PDF

BACKEND = "songbai.core.accounts.backends.PasswordBackend"
INVITED = {"name": "王强", "phone": "13912345678", "relation": "儿子", "days": "365", "order": "1"}


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account), backend=BACKEND)
    return client


def post(client: Client, page: str, /, *args: object, **data: object) -> tuple[int, str]:
    """Send a form; the status and the page that follows."""
    sent = {"idempotency_key": str(uuid.uuid4()), **data}
    reply = client.post(reverse(page, args=args), sent, follow=True)
    return reply.status_code, reply.content.decode()


def invited(cast: Cast) -> Proposal:
    post(signed_in(cast.daughter), "family:relative_invite", cast.mother.pk, **INVITED)
    return Proposal.objects.get(kind="elder.relative")


def test_an_invitation_typed_wrong_keeps_what_was_typed(cast: Cast) -> None:
    wrong = {**INVITED, "phone": "123"}
    code, text = post(signed_in(cast.daughter), "family:relative_invite", cast.mother.pk, **wrong)
    assert code == 409
    assert "手机号是 11 位" in text
    assert 'value="王强"' in text


def test_an_officer_lets_the_invited_in(cast: Cast) -> None:
    proposal = invited(cast)
    officer = signed_in(cast.officer)
    assert (
        "13912345678"
        not in officer.get(reverse("bureau:proposal", args=[proposal.pk])).content.decode()
    )
    code, text = post(officer, "bureau:proposal", proposal.pk, verdict="yes")
    assert (code, "同意了" in text) == (200, True)
    assert Proxy.objects.filter(account__phone_index__isnull=False, relation="儿子").exists()


def test_a_no_without_a_reason_is_asked_for_one(cast: Cast) -> None:
    proposal = invited(cast)
    code, text = post(signed_in(cast.officer), "bureau:proposal", proposal.pk, verdict="no")
    assert (code, "不同意要写明原因" in text) == (409, True)


def test_a_relative_withdraws_consent_and_does_not_give_it(cast: Cast) -> None:
    client = signed_in(cast.daughter)
    args = ("family:consent", cast.mother.pk, "research")
    code, text = post(client, *args, given="1", version="1")
    assert (code, "老人本人或监护人" in text) == (403, True)
    assert post(client, *args, given="0", version="1")[0] == 200
    assert not Consent.objects.get().given


def test_a_clerk_binds_with_proof_and_ends_with_a_reason(cast: Cast) -> None:
    client = signed_in(cast.officer)
    code, _ = post(client, "bureau:proxy_bind", cast.neighbour.pk, proof="户口簿", **INVITED)
    proxy = Proxy.objects.get(elder=cast.neighbour)
    assert (code, proxy.proof) == (200, "户口簿")
    assert post(client, "bureau:proxy_end", cast.neighbour.pk, proxy.pk, reason="")[0] == 409
    assert (
        post(client, "bureau:proxy_end", cast.neighbour.pk, proxy.pk, reason="本人要求")[0] == 200
    )
    proxy.refresh_from_db()
    assert proxy.end_reason == "本人要求"


def test_a_number_as_the_elders_own_waits_for_a_second_officer(cast: Cast) -> None:
    mine = {**INVITED, "name": "王桂英", "relation": "本人", "proof": "身份证"}
    officer, page = signed_in(cast.officer), "bureau:proxy_bind"
    code, text = post(officer, page, cast.mother.pk, **mine)
    assert (code, "另一位同事审核后生效" in text) == (200, True)
    assert Account.objects.by_phone(INVITED["phone"]) is None
    proposal = Proposal.objects.get(kind="elder.herself")
    assert post(officer, "bureau:proposal", proposal.pk, verdict="yes")[0] == 403
    known = {**mine, "phone": "12800001024"}
    assert "对方现在就能登录" in post(officer, page, cast.mother.pk, **known)[1]


def test_a_guardian_waits_for_a_second_officer(cast: Cast) -> None:
    file = SimpleUploadedFile("判决.pdf", PDF)
    code, _ = post(
        signed_in(cast.officer),
        "bureau:proxy_bind",
        cast.mother.pk,
        proof="法院判决",
        guardian="1",
        proof_file=file,
        **INVITED,
    )
    assert code == 200
    assert not Proxy.objects.filter(is_guardian=True).exists()
    proposal = Proposal.objects.get(kind="elder.guardian")
    assert proposal.proof_file_id == StoredFile.objects.get().pk


def test_a_correction_with_a_proof_is_seen_by_who_decides(cast: Cast) -> None:
    file = SimpleUploadedFile("证明.pdf", PDF)
    code, text = post(
        signed_in(cast.daughter),
        "family:corrections",
        cast.mother.pk,
        kind="pension",
        value="employee",
        why="退休证写的是职工",
        proof_file=file,
    )
    assert (code, "更正养老金种类" in text) == (200, True)
    stored = StoredFile.objects.get()
    url = reverse("bureau:file", args=[stored.pk])
    reply = signed_in(cast.officer).get(url)
    assert reply.content == PDF
    assert "sandbox" in reply["Content-Security-Policy"]
    assert Read.objects.filter(where=url, fields=["proof"]).exists()
    assert signed_in(cast.far_officer).get(url).status_code == 404


def test_the_family_chooses_a_village_and_types_no_code(cast: Cast) -> None:
    page = reverse("family:corrections", args=[cast.mother.pk])
    reply = signed_in(cast.daughter).get(page, {"kind": "hukou"}).content.decode()
    assert "户口在哪里应该是" in reply
    assert "巴川街道东方社区" in reply
    for words in ("领集中照护补助", "基本养老服务提升行动对象", "最近一次生存认证", "区划代码"):
        assert words not in reply


def test_a_wrong_file_is_refused_where_it_was_chosen(cast: Cast) -> None:
    code, text = post(
        signed_in(cast.daughter),
        "family:corrections",
        cast.mother.pk,
        kind="living",
        value="empty_nest",
        why="老伴回来住了",
        proof_file=SimpleUploadedFile("a.pdf", b"<html>"),
    )
    assert (code, "只收照片" in text) == (409, True)
    assert "老伴回来住了" in text
    assert not StoredFile.objects.exists()


def test_a_caregiver_asks_on_her_visit(cast: Cast) -> None:
    assigned(cast)
    sent = {"kind": "living", "value": "empty_nest", "why": "老伴也在家"}
    client = signed_in(cast.caregiver)
    assert post(client, "caregiver:correction", cast.mother.pk, **sent)[0] == 200
    assert Proposal.objects.get().proposer_role == "caregiver"
    assert post(signed_in(cast.other_caregiver), "caregiver:correction", cast.mother.pk)[0] == 404


def test_a_list_is_taken_out_for_a_purpose(cast: Cast) -> None:
    client = signed_in(cast.officer)
    assert post(client, "bureau:elders_export", purpose="看")[0] == 409
    reply = client.post(
        reverse("bureau:elders_export"), {"purpose": "核对 11 月额度", "format": "csv"}
    )
    text = reply.content.decode()
    assert "王*英" in text
    assert "陈*秀" not in text
    assert "500190194205061024" not in text
    assert Export.objects.get().rows == 2
    assert Read.objects.filter(person_id=cast.mother.pk, purpose__startswith="导出").exists()
    assert "核对 11 月额度" in client.get(reverse("bureau:exports")).content.decode()


@pytest.mark.parametrize("name", ["bureau:hold", "bureau:erasure"])
def test_without_a_reason_nothing_is_kept_or_erased(cast: Cast, name: str) -> None:
    assert post(signed_in(cast.officer), name, cast.mother.pk)[0] == 409


def test_a_hold_is_placed_and_lifted(cast: Cast) -> None:
    client = signed_in(cast.officer)
    assert post(client, "bureau:hold", cast.mother.pk, reason="遗产官司")[0] == 200
    hold = LegalHold.objects.get()
    code, text = post(client, "bureau:erasure", cast.mother.pk, why="家属申请")
    assert (code, "先解除保留" in text) == (409, True)
    assert post(client, "bureau:hold_lift", cast.mother.pk, hold.pk)[0] == 200
    assert post(client, "bureau:erasure", cast.mother.pk, why="家属申请")[0] == 200


def test_the_family_reads_who_looked_and_from_where(cast: Cast) -> None:
    signed_in(cast.officer).get(reverse("bureau:privacy", args=[cast.mother.pk]))
    text = (
        signed_in(cast.daughter)
        .get(reverse("family:reads", args=[cast.mother.pk]))
        .content.decode()
    )
    assert "办理授权和同意" in text
    assert "民政端" in text
