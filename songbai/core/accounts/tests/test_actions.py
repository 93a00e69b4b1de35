"""Logging in with one factor and with two, and the keys to people."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from songbai.core import clock
from songbai.core.accounts import tasks
from songbai.core.accounts.actions import (
    CodeSpent,
    EnoughCodes,
    EnoughCodesHere,
    WrongCode,
    WrongPassword,
    end_access,
    grant_access,
    log_in_by_code,
    log_in_staff,
    send_code,
)
from songbai.core.accounts.models import (
    Access,
    Account,
    LoginCode,
    TextMessage,
    TotpKey,
    Tries,
    totp_step,
)
from songbai.core.accounts.rules import Actor
from songbai.core.accounts.tries import TooManyTries
from songbai.core.crypto import blind_index, decrypt_bytes
from tests.attack import refused
from tests.cast import PASSWORD, Cast, acting, code_of, dynamic_code, phone_of

pytestmark = pytest.mark.long

UNKNOWN = "12099998888"


def new_code(actor: Actor) -> str:
    """The code on somebody's phone, asked for now."""
    send_code(phone_of(actor))
    return code_of(actor)


def send_what_was_asked() -> None:
    """Do the jobs that send."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE task_name LIKE '%accounts.tasks.send_code'"
            " RETURNING args->>'phone_index'"
        )
        for (phone_index,) in cursor.fetchall():
            tasks.send_code(phone_index=phone_index)


def later(seconds: int) -> None:
    """So much time goes by for codes and tries."""
    past = timedelta(seconds=seconds)
    for code in LoginCode.objects.all():
        LoginCode.objects.filter(pk=code.pk).update(asked_at=code.asked_at - past)
    for one in Tries.objects.all():
        since, last = one.since - past, one.last - past
        Tries.objects.filter(pk=one.pk).update(since=since, last=last)


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_code_on_the_phone_opens_the_door(cast: Cast) -> None:
    account = log_in_by_code(phone_of(cast.daughter), new_code(cast.daughter))
    assert account.pk == cast.daughter.account_id


def test_the_text_holds_the_code_and_a_warning(cast: Cast) -> None:
    code = new_code(cast.daughter)
    send_what_was_asked()
    [message] = TextMessage.objects.filter(account_id=cast.daughter.account)
    assert code in message.words()
    assert "不会问您要验证码" in message.words()


def test_a_wrong_code_is_refused(cast: Cast) -> None:
    code = new_code(cast.daughter)
    with pytest.raises(WrongCode):
        log_in_by_code(phone_of(cast.daughter), another(code))


def test_a_code_is_good_once(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), new_code(cast.daughter)
    log_in_by_code(phone, code)
    with pytest.raises(WrongCode):
        log_in_by_code(phone, code)


def test_a_code_ends_after_five_minutes(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), new_code(cast.daughter)
    left = LoginCode.objects.get().valid_until - clock.now()
    assert timedelta(minutes=4, seconds=50) < left <= timedelta(minutes=5)
    LoginCode.objects.update(valid_until=clock.now() - timedelta(minutes=1))
    with pytest.raises(WrongCode):
        log_in_by_code(phone, code)


def guess(phone: str, code: str, times: int, source: str = "stranger") -> list[type[Exception]]:
    """Try wrong codes without a pause; what each was told."""
    told: list[type[Exception]] = []
    for _ in range(times):
        with pytest.raises((WrongCode, TooManyTries, CodeSpent)) as why:
            log_in_by_code(phone, another(code), source)
        told.append(why.type)
    return told


def test_after_some_wrong_codes_even_the_right_one_must_wait_and_is_not_called_wrong(
    cast: Cast,
) -> None:
    phone, code = phone_of(cast.daughter), new_code(cast.daughter)
    assert guess(phone, code, 6) == [*[WrongCode] * 5, TooManyTries]
    with pytest.raises(TooManyTries, match="试的次数太多"):
        log_in_by_code(phone, code, "stranger")
    later(seconds=60)
    assert log_in_by_code(phone, code, "stranger")


def test_the_wait_doubles_and_is_never_longer_than_a_minute(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), new_code(cast.daughter)
    guess(phone, code, 5)
    for wait in (1, 2, 4, 8, 16, 32, 60, 60, 60):
        later(seconds=wait - 1)
        assert guess(phone, code, 1) == [TooManyTries]
        later(seconds=1)
        assert guess(phone, code, 1) == [WrongCode]


def test_a_stranger_who_guesses_locks_nobody_out_elsewhere(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), new_code(cast.daughter)
    guess(phone, code, 13)
    assert log_in_by_code(phone, code, "her own phone").pk == cast.daughter.account


def test_a_code_is_not_guessed_from_many_places_either(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), new_code(cast.daughter)
    for place in range(4):
        assert guess(phone, code, 5, str(place)) == [WrongCode] * 5
    with pytest.raises(CodeSpent, match="重新获取"):
        log_in_by_code(phone, code, "her own phone")


def test_a_new_message_clears_the_tries(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), new_code(cast.daughter)
    guess(phone, code, 13)
    later(seconds=31)
    Tries.objects.filter(what=blind_index(phone)).update(last=clock.now())
    assert log_in_by_code(phone, new_code(cast.daughter), "stranger")


def test_a_clock_that_was_set_back_makes_nobody_wait(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), new_code(cast.daughter)
    guess(phone, code, 6)
    later(seconds=-3600)
    LoginCode.objects.update(valid_until=clock.now())
    assert log_in_by_code(phone, new_code(cast.daughter), "stranger")


def test_a_second_text_within_half_a_minute_is_not_sent(cast: Cast) -> None:
    first = new_code(cast.daughter)
    assert new_code(cast.daughter) == first
    send_what_was_asked()
    assert TextMessage.objects.count() == 1


def test_half_a_minute_later_there_is_a_new_code(cast: Cast) -> None:
    for _ in range(2):
        new_code(cast.daughter)
        send_what_was_asked()
        later(seconds=31)
    assert TextMessage.objects.count() == 2


def test_who_has_used_the_code_gets_a_new_one_at_once(cast: Cast) -> None:
    log_in_by_code(phone_of(cast.daughter), new_code(cast.daughter))
    assert new_code(cast.daughter) != ""


def ask_often(phone: str, sources: list[str]) -> int:
    """Ask for codes, each half a minute after the one before; how many were promised."""
    for asked, source in enumerate(sources):
        try:
            send_code(phone, source)
        except EnoughCodes:
            return asked
        later(seconds=31)
    return len(sources)


def test_a_number_gets_some_messages_a_day_from_one_place_and_some_more_from_all(
    cast: Cast,
) -> None:
    phone = phone_of(cast.daughter)
    assert ask_often(phone, ["stranger"] * 20) == 8
    with pytest.raises(EnoughCodesHere, match="一天内不再发"):
        send_code(phone, "stranger")
    assert ask_often(phone, [f"place {n}" for n in range(20)]) == 12
    with pytest.raises(EnoughCodes, match="过一小时"):
        send_code(phone, "her own phone")
    later(seconds=3600)
    send_code(phone, "her own phone")  # an hour later, whoever had the number flooded
    later(seconds=24 * 3600)
    assert ask_often(phone, ["stranger"] * 20) == 8


def test_who_needs_a_code_because_one_was_spent_gets_it_at_once(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), new_code(cast.daughter)
    for place in range(4):
        guess(phone, code, 5, str(place))
    assert log_in_by_code(phone, new_code(cast.daughter)).pk == cast.daughter.account


def test_a_code_is_sent_once_however_often_the_job_is_asked_for(cast: Cast) -> None:
    new_code(cast.daughter)
    for _ in range(3):
        tasks.send_code(phone_index=blind_index(phone_of(cast.daughter)).hex())
    assert TextMessage.objects.count() == 1


def test_one_place_has_messages_sent_to_so_many_numbers_a_day(cast: Cast) -> None:
    with pytest.raises(EnoughCodesHere):
        for number in range(12_000_000_000, 12_000_000_101):
            send_code(str(number), "stranger")
    assert LoginCode.objects.count() == 100
    send_code(phone_of(cast.daughter), "elsewhere")


def test_an_unknown_phone_gets_the_same_answer_however_often(cast: Cast) -> None:
    for phone in (UNKNOWN, UNKNOWN, phone_of(cast.daughter), phone_of(cast.daughter)):
        send_code(phone)
    send_what_was_asked()
    assert set(TextMessage.objects.values_list("account_id")) == {(cast.daughter.account_id,)}
    with pytest.raises(WrongCode) as unknown:
        log_in_by_code(UNKNOWN, "123456")
    with pytest.raises(WrongCode) as known:
        log_in_by_code(phone_of(cast.stranger_family), "123456")
    assert unknown.value.message == known.value.message


def statements(phone: str) -> list[str]:
    """What the database is asked while a code is asked for."""
    with CaptureQueriesContext(connection) as asked:
        send_code(phone)
    starts = [str(query["sql"]).split("(")[0] for query in asked.captured_queries]
    return [start for start in starts if "SAVEPOINT" not in start]


def test_a_known_number_costs_the_same_work_as_an_unknown_one(cast: Cast) -> None:
    assert statements(phone_of(cast.daughter)) == statements(UNKNOWN)


def test_a_closed_account_neither_gets_nor_uses_a_code(cast: Cast) -> None:
    phone, code = phone_of(cast.daughter), new_code(cast.daughter)
    Account.objects.filter(pk=cast.daughter.account).update(is_active=False)
    send_what_was_asked()
    assert not TextMessage.objects.exists()
    with pytest.raises(WrongCode):
        log_in_by_code(phone, code)


@pytest.mark.parametrize("name", ["caregiver", "dispatcher", "provider_staff", "officer"])
def test_one_factor_is_not_enough_for_staff(cast: Cast, name: str) -> None:
    actor: Actor = getattr(cast, name)
    with pytest.raises(WrongCode):
        log_in_by_code(phone_of(actor), new_code(actor))


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
    assert Tries.objects.get(what=blind_index(f"what:password:{phone_of(cast.officer)}")).count == 1


def test_a_dynamic_code_is_good_once(cast: Cast) -> None:
    phone, code = phone_of(cast.officer), dynamic_code(cast.officer)
    log_in_staff(phone, PASSWORD, code)
    with pytest.raises(WrongPassword):
        log_in_staff(phone, PASSWORD, code)


def test_a_dynamic_code_is_right_a_step_early_and_late_and_no_more(cast: Cast) -> None:
    device, now = TotpKey.objects.get(account_id=cast.officer.account), totp_step()
    found = [device.step_of(device.code_at(now + steps)) for steps in (-2, -1, 0, 1, 2)]
    assert found == [None, now - 1, now, now + 1, None]


def test_dynamic_codes_go_on_after_the_clock_was_set_back(cast: Cast) -> None:
    TotpKey.objects.update(last_step=totp_step() + 120)
    assert log_in_staff(phone_of(cast.officer), PASSWORD, dynamic_code(cast.officer))


def test_the_key_of_dynamic_codes_is_not_plain_in_the_database(cast: Cast) -> None:
    device = TotpKey.objects.get(account_id=cast.officer.account)
    plain = decrypt_bytes(device.key)
    assert len(plain) == 20
    assert plain not in bytes(device.key)


def test_staff_without_a_device_do_not_come_in(cast: Cast) -> None:
    code = dynamic_code(cast.officer)
    TotpKey.objects.filter(account_id=cast.officer.account).delete()
    with pytest.raises(WrongPassword):
        log_in_staff(phone_of(cast.officer), PASSWORD, code)


def test_passwords_are_not_hashed_for_who_tries_too_often(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr("songbai.core.accounts.backends.make_password", hashed.append)
    for number in range(60):
        with pytest.raises(WrongPassword):
            log_in_staff(str(number), "x", "123456", "stranger")
    for wait in ("过一分钟", "过一分钟", "过一分钟", "过 2 分钟", "过 3 分钟", "过 5 分钟"):
        with pytest.raises(TooManyTries, match=wait):
            log_in_staff("0", "x", "123456", "stranger")
        later(seconds=300)
        with pytest.raises(WrongPassword):
            log_in_staff("0", "x", "123456", "stranger")
    assert len(hashed) == 66
    assert log_in_staff(phone_of(cast.officer), PASSWORD, dynamic_code(cast.officer), "office")


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
    code = code_of(cast.daughter)
    with acting(None):
        assert log_in_by_code(phone, code).pk == cast.daughter.account_id


@pytest.mark.parametrize("table", ["accounts_logincode", "accounts_tries"])
def test_the_web_role_reads_no_code_and_no_count(cast: Cast, table: str) -> None:
    with acting(cast.officer):
        for sql in (f"SELECT * FROM {table}", f"DELETE FROM {table}"):
            refused(sql, "permission denied")


def test_the_web_role_changes_no_key_of_dynamic_codes(cast: Cast) -> None:
    with acting(cast.officer):
        refused("UPDATE accounts_totpkey SET key = ''", "permission denied")


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
