"""Logging in with one factor and with two, and the keys to people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from songbai.core import clock
from songbai.core.accounts.actions import (
    WrongCode,
    WrongPassword,
    end_access,
    grant_access,
    log_in_by_code,
    log_in_staff,
    send_code,
)
from songbai.core.accounts.models import Access, Account, PhoneCode, TextMessage
from songbai.core.accounts.rules import Actor
from tests.cast import PASSWORD, Cast, acting

UNKNOWN = "12099998888"


def phone_of(actor: Actor) -> str:
    return Account.objects.get(pk=actor.account).phone_number()


def code_of(actor: Actor) -> str:
    """The code on somebody's phone."""
    send_code(phone_of(actor))
    return str(PhoneCode.objects.get(user_id=actor.account).token)


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def dynamic_code(actor: Actor, steps: int = 0) -> str:
    device = TOTPDevice.objects.get(user_id=actor.account)
    return f"{totp(device.bin_key, drift=steps):06d}"


def test_the_code_on_the_phone_opens_the_door(cast: Cast) -> None:
    account = log_in_by_code(phone_of(cast.daughter), code_of(cast.daughter))
    assert account.pk == cast.daughter.account_id


def test_the_text_holds_the_code_and_a_warning(cast: Cast) -> None:
    code = code_of(cast.daughter)
    [message] = TextMessage.objects.filter(account_id=cast.daughter.account)
    assert code in message.text
    assert "不会问您要验证码" in message.text


def test_a_wrong_code_is_refused(cast: Cast) -> None:
    code = code_of(cast.daughter)
    with pytest.raises(WrongCode):
        log_in_by_code(phone_of(cast.daughter), another(code))


def test_a_code_is_good_once(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), code_of(cast.daughter)
    log_in_by_code(phone, code)
    with pytest.raises(WrongCode):
        log_in_by_code(phone, code)


def test_a_code_ends_after_five_minutes(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), code_of(cast.daughter)
    device = PhoneCode.objects.get(user_id=cast.daughter.account)
    left = device.valid_until - clock.now()
    assert timedelta(minutes=4, seconds=50) < left <= timedelta(minutes=5)
    PhoneCode.objects.filter(pk=device.pk).update(valid_until=clock.now())
    with pytest.raises(WrongCode):
        log_in_by_code(phone, code)


def test_after_a_wrong_code_even_the_right_one_must_wait(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), code_of(cast.daughter)
    for tried in (another(code), code):
        with pytest.raises(WrongCode):
            log_in_by_code(phone, tried)
    an_hour_ago = clock.now() - timedelta(hours=1)
    PhoneCode.objects.update(throttling_failure_timestamp=an_hour_ago)
    assert log_in_by_code(phone, code)


def test_each_failure_doubles_the_wait(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), code_of(cast.daughter)
    for failures in (1, 2, 3):
        long_ago = clock.now() - timedelta(hours=1)
        PhoneCode.objects.update(throttling_failure_timestamp=long_ago)
        with pytest.raises(WrongCode):
            log_in_by_code(phone, another(code))
        assert PhoneCode.objects.get().throttling_failure_count == failures
    _, why = PhoneCode.objects.get().verify_is_allowed()
    assert timedelta(seconds=3) < why["locked_until"] - clock.now() <= timedelta(seconds=4)


def test_success_forgets_the_failures(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), code_of(cast.daughter)
    long_ago = clock.now() - timedelta(hours=1)
    PhoneCode.objects.update(throttling_failure_timestamp=long_ago, throttling_failure_count=4)
    log_in_by_code(phone, code)
    assert PhoneCode.objects.get().throttling_failure_count == 0


def test_a_second_text_within_half_a_minute_is_not_sent(cast: Cast) -> None:
    first = code_of(cast.daughter)
    assert code_of(cast.daughter) == first
    assert TextMessage.objects.count() == 1


def test_half_a_minute_later_there_is_a_new_code(cast: Cast) -> None:
    code_of(cast.daughter)
    PhoneCode.objects.update(last_generated_timestamp=clock.now() - timedelta(seconds=31))
    code_of(cast.daughter)
    assert TextMessage.objects.count() == 2


def test_who_has_used_the_code_gets_a_new_one_at_once(cast: Cast) -> None:
    log_in_by_code(phone_of(cast.daughter), code_of(cast.daughter))
    assert code_of(cast.daughter) != "None"


def test_an_unknown_phone_gets_the_same_answer_however_often(cast: Cast) -> None:
    for phone in (UNKNOWN, UNKNOWN, phone_of(cast.daughter), phone_of(cast.daughter)):
        send_code(phone)
    assert set(TextMessage.objects.values_list("account_id")) == {(cast.daughter.account_id,)}
    with pytest.raises(WrongCode) as unknown:
        log_in_by_code(UNKNOWN, "123456")
    with pytest.raises(WrongCode) as known:
        log_in_by_code(phone_of(cast.stranger_family), "123456")
    assert unknown.value.message == known.value.message


def test_a_closed_account_neither_gets_nor_uses_a_code(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), code_of(cast.daughter)
    Account.objects.filter(pk=cast.daughter.account).update(is_active=False)
    with pytest.raises(WrongCode):
        log_in_by_code(phone, code)
    PhoneCode.objects.all().delete()
    send_code(phone)
    assert not PhoneCode.objects.exists()


@pytest.mark.parametrize("name", ["caregiver", "dispatcher", "provider_staff", "officer"])
def test_one_factor_is_not_enough_for_staff(cast: Cast, name: str) -> None:
    actor: Actor = getattr(cast, name)
    with pytest.raises(WrongCode):
        log_in_by_code(phone_of(actor), code_of(actor))


def test_staff_log_in_with_password_and_dynamic_code(cast: Cast) -> None:
    officer = cast.officer
    account = log_in_staff(phone_of(officer), PASSWORD, dynamic_code(officer))
    assert account.pk == officer.account_id


def test_the_right_dynamic_code_with_a_wrong_password_is_refused(cast: Cast) -> None:
    with pytest.raises(WrongPassword):
        log_in_staff(phone_of(cast.officer), "wrong-password", dynamic_code(cast.officer))


def test_the_right_password_with_a_wrong_dynamic_code_is_refused(cast: Cast) -> None:
    wrong = another(dynamic_code(cast.officer))
    with pytest.raises(WrongPassword):
        log_in_staff(phone_of(cast.officer), PASSWORD, wrong)
    assert TOTPDevice.objects.get(user_id=cast.officer.account).throttling_failure_count == 1


def test_a_dynamic_code_is_good_once(cast: Cast) -> None:
    phone, code = phone_of(cast.officer), dynamic_code(cast.officer)
    log_in_staff(phone, PASSWORD, code)
    with pytest.raises(WrongPassword):
        log_in_staff(phone, PASSWORD, code)


def test_staff_without_a_confirmed_device_do_not_come_in(cast: Cast) -> None:
    code = dynamic_code(cast.officer)
    TOTPDevice.objects.filter(user_id=cast.officer.account).update(confirmed=False)
    with pytest.raises(WrongPassword):
        log_in_staff(phone_of(cast.officer), PASSWORD, code)


@pytest.mark.parametrize("phone", [UNKNOWN, ""])
def test_an_unknown_phone_cannot_log_in_as_staff(cast: Cast, phone: str) -> None:
    with pytest.raises(WrongPassword):
        log_in_staff(phone, PASSWORD, "123456")


def test_a_family_has_no_password(cast: Cast) -> None:
    with pytest.raises(WrongPassword):
        log_in_staff(phone_of(cast.daughter), "", "123456")


def test_the_web_role_can_do_all_of_a_login(cast: Cast) -> None:
    phone = phone_of(cast.daughter)
    with acting(None):
        send_code(phone)
        code = str(PhoneCode.objects.get().token)
        assert log_in_by_code(phone, code).pk == cast.daughter.account_id


def grant(cast: Cast, actor: Actor, hours: float, why: str = "visit") -> None:
    grant_access(
        person_id=cast.neighbour.pk,
        region=cast.neighbour.region_id,
        why=why,
        until=clock.now() + timedelta(hours=hours),
        account_id=actor.account,
    )


def ends(cast: Cast, actor: Actor) -> list[float]:
    """Hours until each of an account's keys to the neighbour ends."""
    rows = Access.objects.filter(person_id=cast.neighbour.pk, account_id=actor.account)
    return sorted(round((row.valid_until - clock.now()).total_seconds() / 3600, 1) for row in rows)


def test_a_later_end_wins(cast: Cast) -> None:
    for hours in (5, 2, 9):
        grant(cast, cast.caregiver, hours)
    assert ends(cast, cast.caregiver) == [9.0]


def test_each_cause_is_a_key_of_its_own(cast: Cast) -> None:
    grant(cast, cast.caregiver, 5)
    grant(cast, cast.caregiver, 2, why="proxy")
    end_access(person_id=cast.neighbour.pk, why="visit", account_id=cast.caregiver.account)
    assert ends(cast, cast.caregiver) == [0.0, 2.0]


def test_ending_one_key_leaves_everybody_elses(cast: Cast) -> None:
    grant(cast, cast.caregiver, 5)
    grant(cast, cast.other_caregiver, 5)
    end_access(person_id=cast.neighbour.pk, why="visit", account_id=cast.caregiver.account)
    assert ends(cast, cast.other_caregiver) == [5.0]


def test_an_ended_key_can_be_given_again(cast: Cast) -> None:
    grant(cast, cast.caregiver, 5)
    end_access(person_id=cast.neighbour.pk, why="visit", account_id=cast.caregiver.account)
    grant(cast, cast.caregiver, 3)
    assert ends(cast, cast.caregiver) == [3.0]
